// Package assets serves what the front end's build made: styles, scripts and
// icons, under names that change with their content, compressed beforehand. It
// is the only package that knows the files; without a build it is empty, pages
// then come plain, and the server says so at its start.
package assets

import (
	"embed"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Prefix is the address under which the files live.
const Prefix = "/static/"

var built = load(dist, "dist")

// Built reports whether the front end was built into this program.
func Built() bool { return len(built.paths) > 0 }

// Path returns the address of a file by the name it was built from
// ("app.css"), or "" when there is none.
func Path(logical string) string { return built.paths[logical] }

// Handler serves the files at their addresses under [Prefix]. Mount it for GET;
// the answers may be kept for ever.
func Handler() http.Handler { return built }

// bundle holds one build.
type bundle struct {
	paths map[string]string // logical name → address
	files map[string]file   // address → file
}

type file struct {
	contentType string
	raw, gz, br []byte
}

func load(fsys fs.FS, folder string) *bundle {
	b := &bundle{paths: map[string]string{}, files: map[string]file{}}
	text, err := fs.ReadFile(fsys, path.Join(folder, "manifest.json"))
	if err != nil {
		return b
	}
	var names map[string]string
	if err := json.Unmarshal(text, &names); err != nil {
		panic("assets: manifest.json: " + err.Error()) // built in, so a build fault
	}
	for logical, name := range names {
		b.paths[logical] = Prefix + name
	}
	b.readFiles(fsys, folder)
	return b
}

// readFiles takes every file with a type we serve, so the parts that scripts
// share, and that the manifest does not name, are there as well.
func (b *bundle) readFiles(fsys fs.FS, folder string) {
	entries, err := fs.ReadDir(fsys, folder)
	if err != nil {
		panic("assets: " + err.Error())
	}
	for _, e := range entries {
		contentType, ok := types[path.Ext(e.Name())]
		if !ok {
			continue
		}
		read := func(end string) []byte {
			content, err := fs.ReadFile(fsys, path.Join(folder, e.Name()+end))
			if err != nil {
				return nil
			}
			return content
		}
		b.files[Prefix+e.Name()] = file{contentType, read(""), read(".gz"), read(".br")}
	}
}

var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func (b *bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := b.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := f.raw
	accepted := r.Header.Get("Accept-Encoding")
	switch {
	case f.br != nil && accepts(accepted, "br"):
		body = f.br
		h.Set("Content-Encoding", "br")
	case f.gz != nil && accepts(accepted, "gzip"):
		body = f.gz
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader that left needs no answer
	}
}

// accepts reads an Accept-Encoding header: a coding is taken unless it is
// missing or has weight 0.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			weight, hasWeight := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
			q, err := strconv.ParseFloat(weight, 64)
			return !hasWeight || (err == nil && q > 0)
		}
	}
	return false
}
