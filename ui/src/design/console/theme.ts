import type { ThemeConfig } from 'antd';

/** Reads a token of tokens.css: the one home of every color. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Our tokens in the words of antd. */
export function antdTheme(): ThemeConfig {
  const brand = token('--brand');
  return {
    token: {
      colorPrimary: brand,
      colorInfo: brand,
      colorLink: brand,
      colorSuccess: token('--ok'),
      colorWarning: token('--yellow'),
      colorError: token('--red'),
      colorTextBase: token('--ink-1'),
      colorTextSecondary: token('--ink-2'),
      colorTextTertiary: token('--ink-3'),
      colorTextPlaceholder: token('--ink-3'),
      colorBgLayout: token('--bg'),
      colorBorder: token('--line-control'),
      colorBorderSecondary: token('--line'),
      borderRadius: 8,
      controlHeight: 36,
      fontSize: 14,
      fontFamily: token('--font'),
      fontWeightStrong: 600,
      motionDurationSlow: '0.2s',
      motionDurationMid: '0.12s',
      boxShadowTertiary: 'none',
      wireframe: false,
    },
    components: {
      Table: {
        cellPaddingBlock: 8,
        cellPaddingInline: 12,
        headerBg: token('--surface'),
        headerColor: token('--ink-3'),
        headerSplitColor: token('--surface'),
        rowHoverBg: token('--sunken'),
        borderColor: token('--line-2'),
      },
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 400 },
      Segmented: { trackBg: token('--sunken'), itemSelectedBg: token('--surface') },
      Tabs: { horizontalMargin: '0' },
    },
  };
}
