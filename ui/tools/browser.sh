#!/bin/sh
# Installs Debian's Chromium and a font with Chinese, when either is missing.
set -eu
command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi 'noto sans cjk' && exit 0
{ apt-get update -q && apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk fontconfig; } >&2
