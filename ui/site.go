package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// noncePlaceholder stands in the HTML where each answer gets its own nonce.
const noncePlaceholder = "__CSP_NONCE__"

// policy is what every page may do: talk to its own host only, run no inline
// script, be framed by nobody. The %s takes the nonce of the console's styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'%s; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// mime names the content types of what the build can leave; the system's own
// table differs between machines (.mjs is the known trap).
var mime = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".mjs":         "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

// site serves one built web from a file system.
type site struct {
	files          fs.FS
	console, phone []byte // entry pages, nil when the web was not built
}

func newSite(files fs.FS) *site {
	s := &site{files: files}
	s.console, _ = fs.ReadFile(files, "console.html")
	s.phone, _ = fs.ReadFile(files, "mobile.html")
	return s
}

// ServeHTTP answers with a file, the page of an entry, or 404.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	p := path.Clean("/" + r.URL.Path)
	switch {
	case p == "/api" || strings.HasPrefix(p, "/api/"):
		http.NotFound(w, r)
	case strings.HasSuffix(p, ".html"):
		http.NotFound(w, r) // entry pages have one address each, and it is not their file name
	case strings.Contains(path.Base(p), "."):
		s.file(w, r, p[1:])
	case within(p, "/h"), within(p, "/w"):
		page(w, r, s.phone, "")
	default:
		nonce := newNonce()
		page(w, r, bytes.ReplaceAll(s.console, []byte(noncePlaceholder), []byte(nonce)), " 'nonce-"+nonce+"'")
	}
}

// within tells whether p is dir or lies below it.
func within(p, dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }

// page writes an entry page, which is never cached: it names the hashed files of this build.
func page(w http.ResponseWriter, r *http.Request, body []byte, styleNonce string) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", fmt.Sprintf(policy, styleNonce))
	h.Set("Content-Type", mime[".html"])
	if len(body) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		body = []byte(notBuilt)
	} else {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// notBuilt is shown by a binary that was compiled without the web.
const notBuilt = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>linli</title>
<h1>网页还没有构建</h1><p>请在项目目录运行 <code>make ui</code>，再重新编译。接口 <code>/api/v1</code> 可以照常使用。</p>
<p lang="en">The web was not built. Run <code>make ui</code>, then build the binary again. The API works as usual.</p></html>
`

// file writes a file of the build in the best encoding the client takes.
func (s *site) file(w http.ResponseWriter, r *http.Request, name string) {
	kind, ok := mime[path.Ext(name)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	body, encoding, vary, err := s.read(name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if vary {
		h.Set("Vary", "Accept-Encoding")
	}
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable") // the name carries a hash of the content
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// read finds a file as it is, or its .br or .gz form; a client that takes
// neither gets the unpacked text. Vary tells whether the answer hangs on the client.
func (s *site) read(name, accept string) (body []byte, encoding string, vary bool, err error) {
	if body, err = fs.ReadFile(s.files, name); err == nil {
		return body, "", false, nil
	}
	if takes(accept, "br") {
		if body, err = fs.ReadFile(s.files, name+".br"); err == nil {
			return body, "br", true, nil
		}
	}
	if body, err = fs.ReadFile(s.files, name+".gz"); err != nil {
		return nil, "", false, err
	}
	if takes(accept, "gzip") {
		return body, "gzip", true, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, "", false, err
	}
	body, err = io.ReadAll(z)
	return body, "", true, err
}

// takes tells whether an Accept-Encoding header allows a coding: named, or
// covered by *, and not refused with q=0.
func takes(accept, coding string) bool {
	star := false
	for part := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != coding && name != "*" {
			continue
		}
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(v, 64)
		}
		if name == coding {
			return q > 0
		}
		star = q > 0
	}
	return star
}

// newNonce makes 128 random bits for one page.
func newNonce() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}
