package assets

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func sample() *bundle {
	return load(fstest.MapFS{
		"dist/.gitkeep":          {},
		"dist/manifest.json":     {Data: []byte(`{"app.css":"app-1a2b.css","app.js":"app-3c4d.js"}`)},
		"dist/app-1a2b.css":      {Data: []byte("plain")},
		"dist/app-1a2b.css.gz":   {Data: []byte("gzip")},
		"dist/app-1a2b.css.br":   {Data: []byte("brotli")},
		"dist/app-3c4d.js":       {Data: []byte("script")},
		"dist/part-5e6f.js":      {Data: []byte("shared")},
		"dist/icons-7a8b.svg.gz": {Data: []byte("alone")},
	}, "dist")
}

func get(t *testing.T, b *bundle, method, path, encodings string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", encodings)
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

func TestFilesAreServedAsTheBrowserLikesThem(t *testing.T) {
	b := sample()
	for _, c := range []struct{ accept, body, encoding string }{
		{"gzip, deflate, br", "brotli", "br"},
		{"gzip", "gzip", "gzip"},
		{"br;q=0, gzip;q=0.5", "gzip", "gzip"},
		{"br; q=0.0, GZIP ; q=1", "gzip", "gzip"},
		{"br;q=x", "plain", ""},
		{"identity", "plain", ""},
		{"", "plain", ""},
	} {
		w := get(t, b, "GET", "/static/app-1a2b.css", c.accept)
		if w.Body.String() != c.body || w.Header().Get("Content-Encoding") != c.encoding {
			t.Errorf("%q: got %q as %q", c.accept, w.Body, w.Header().Get("Content-Encoding"))
		}
	}
	h := get(t, b, "GET", "/static/app-1a2b.css", "br").Header()
	for name, want := range map[string]string{
		"Content-Type":           "text/css; charset=utf-8",
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
		"Vary":                   "Accept-Encoding",
		"Content-Length":         "6",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestOnlyBuiltFilesAreServed(t *testing.T) {
	b := sample()
	for path, want := range map[string]int{
		"/static/app-3c4d.js":       http.StatusOK,
		"/static/part-5e6f.js":      http.StatusOK,
		"/static/manifest.json":     http.StatusNotFound,
		"/static/.gitkeep":          http.StatusNotFound,
		"/static/app-1a2b.css.gz":   http.StatusNotFound,
		"/static/icons-7a8b.svg.gz": http.StatusNotFound,
		"/static/../assets.go":      http.StatusNotFound,
		"/static/":                  http.StatusNotFound,
	} {
		if got := get(t, b, "GET", path, "").Code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if w := get(t, b, "HEAD", "/static/app-3c4d.js", ""); w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6" {
		t.Error("HEAD gave a body or no length")
	}
	if w := get(t, b, "POST", "/static/app-3c4d.js", ""); w.Code != http.StatusMethodNotAllowed {
		t.Error("POST:", w.Code)
	}
}

func TestNamesAndAnEmptyBuild(t *testing.T) {
	b := sample()
	if got := b.paths["app.css"]; got != "/static/app-1a2b.css" {
		t.Error(got)
	}
	empty := load(fstest.MapFS{"dist/.gitkeep": {}}, "dist")
	if len(empty.paths) != 0 || get(t, empty, "GET", "/static/app-1a2b.css", "").Code != http.StatusNotFound {
		t.Error("an empty build serves something")
	}
}
