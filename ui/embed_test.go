package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

func gz(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const script = "export const a = 1\n"

// built is a small web as the build leaves it.
func built(t *testing.T) *site {
	return newSite(fstest.MapFS{
		"console.html":       {Data: []byte(`<meta name="csp-nonce" nonce="` + noncePlaceholder + `">console`)},
		"mobile.html":        {Data: []byte("phone")},
		"assets/a-1.js.br":   {Data: []byte("brotli bytes")},
		"assets/a-1.js.gz":   {Data: gz(t, script)},
		"assets/w-2.mjs.gz":  {Data: gz(t, script)},
		"assets/photo-3.png": {Data: []byte("png")},
		"mark.svg.gz":        {Data: gz(t, "<svg/>")},
	})
}

func get(h http.Handler, target, accept string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryLinkIntoAnEntryGetsItsPage(t *testing.T) {
	t.Parallel()
	s := built(t)
	for target, want := range map[string]string{
		"/": "console", "/orders/ord_1": "console", "/sign-in": "console", "/hello": "console", "/where": "console",
		"/h": "phone", "/h/": "phone", "/h/orders/ord_1": "phone", "/w/": "phone", "/w/jobs": "phone",
	} {
		r := get(s, target, "")
		if b := body(t, r); r.StatusCode != 200 || !strings.HasSuffix(b, want) {
			t.Errorf("%s: %d %q, want the %s page", target, r.StatusCode, b, want)
		}
		if c := r.Header.Get("Cache-Control"); c != "no-cache" {
			t.Errorf("%s: Cache-Control %q", target, c)
		}
	}
}

func TestWhatIsNoPageIsNotFound(t *testing.T) {
	t.Parallel()
	s := built(t)
	for _, target := range []string{
		"/api", "/api/v1/nothing", "/assets/none.js", "/console.html", "/mobile.html", "/h/a.js",
		"/assets/a-1.js.br", "/../embed.go", "/.keep", "/.vite/manifest.json",
	} {
		if r := get(s, target, "br"); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", target, r.StatusCode)
		}
	}
}

func TestEachConsolePageHasItsOwnNonceAndNoWeakPolicy(t *testing.T) {
	t.Parallel()
	s := built(t)
	seen := map[string]bool{}
	for range 3 {
		r := get(s, "/", "")
		csp := r.Header.Get("Content-Security-Policy")
		m := regexp.MustCompile(`style-src 'self' 'nonce-([\w-]{22})';`).FindStringSubmatch(csp)
		if m == nil {
			t.Fatalf("no nonce in %q", csp)
		}
		if b := body(t, r); !strings.Contains(b, `nonce="`+m[1]+`"`) || strings.Contains(b, noncePlaceholder) {
			t.Errorf("the page does not carry the nonce of its policy: %q", b)
		}
		seen[m[1]] = true
		if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("weak policy %q", csp)
		}
	}
	if len(seen) != 3 {
		t.Errorf("nonces repeat: %v", seen)
	}
	if csp := get(s, "/h/", "").Header.Get("Content-Security-Policy"); strings.Contains(csp, "nonce") {
		t.Errorf("the phone needs no nonce: %q", csp)
	}
}

func TestFilesComeInTheBestEncodingTheClientTakes(t *testing.T) {
	t.Parallel()
	s := built(t)
	for _, c := range []struct{ target, accept, encoding, kind, text string }{
		{"/assets/a-1.js", "gzip, deflate, br", "br", "text/javascript; charset=utf-8", "brotli bytes"},
		{"/assets/a-1.js", "gzip", "gzip", "text/javascript; charset=utf-8", string(gz(t, script))},
		{"/assets/a-1.js", "br;q=0, *", "gzip", "text/javascript; charset=utf-8", string(gz(t, script))},
		{"/assets/a-1.js", "", "", "text/javascript; charset=utf-8", script},
		{"/assets/w-2.mjs", "br", "", "text/javascript; charset=utf-8", script},
		{"/assets/photo-3.png", "br", "", "image/png", "png"},
		{"/mark.svg", "identity", "", "image/svg+xml", "<svg/>"},
	} {
		r := get(s, c.target, c.accept)
		got := []string{r.Header.Get("Content-Encoding"), r.Header.Get("Content-Type"), body(t, r)}
		if r.StatusCode != 200 || got[0] != c.encoding || got[1] != c.kind || got[2] != c.text {
			t.Errorf("%s for %q: %d %q", c.target, c.accept, r.StatusCode, got)
		}
		immutable := strings.Contains(r.Header.Get("Cache-Control"), "immutable")
		if immutable != strings.HasPrefix(c.target, "/assets/") {
			t.Errorf("%s: Cache-Control %q", c.target, r.Header.Get("Cache-Control"))
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: sniffing allowed", c.target)
		}
	}
	if v := get(s, "/assets/a-1.js", "br").Header.Get("Vary"); v != "Accept-Encoding" {
		t.Errorf("Vary %q", v)
	}
}

func TestABinaryWithoutTheWebSaysHowToBuildIt(t *testing.T) {
	t.Parallel()
	s := newSite(fstest.MapFS{".keep": {}})
	for _, target := range []string{"/", "/h/"} {
		r := get(s, target, "")
		if b := body(t, r); r.StatusCode != http.StatusServiceUnavailable || !strings.Contains(b, "make ui") {
			t.Errorf("%s: %d %q", target, r.StatusCode, b)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	built(t).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x")))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", w.Code)
	}
	w = httptest.NewRecorder()
	built(t).ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/mark.svg", nil))
	if w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD /mark.svg: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestTheEmbeddedWebAnswers(t *testing.T) {
	t.Parallel()
	r := get(Handler(), "/", "")
	if r.StatusCode != 200 && r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("/: %d", r.StatusCode)
	}
}
