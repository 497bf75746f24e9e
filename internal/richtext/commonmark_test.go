package richtext

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

// example is one of the 652 of the CommonMark specification.
type example struct {
	Markdown string `json:"markdown"`
	HTML     string `json:"html"`
	Number   int    `json:"example"`
	Section  string `json:"section"`
}

// examples reads the specification that stands beside goldmark's own tests.
func examples(t *testing.T) []example {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatalf("finding goldmark: %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []example
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 652 {
		t.Fatalf("%d examples, want the 652 of CommonMark 0.31.2", len(all))
	}
	return all
}

// TestCommonMark renders all examples with our bounds around goldmark's parsers
// and without our extensions: 652 of 652 are equal.
func TestCommonMark(t *testing.T) {
	r := goldmark.DefaultRenderer()
	r.AddOptions(html.WithUnsafe(), html.WithXHTML())
	equal := 0
	for _, e := range examples(t) {
		root := commonMarkParser.Parse(text.NewReader([]byte(e.Markdown)))
		settle(root, []byte(e.Markdown))
		var out bytes.Buffer
		if err := r.Render(&out, []byte(e.Markdown), root); err != nil {
			t.Fatal(err)
		}
		if out.String() == e.HTML {
			equal++
		} else {
			t.Errorf("example %d (%s): %q\n became %q\n   want %q", e.Number, e.Section, e.Markdown, out.String(), e.HTML)
		}
	}
	t.Logf("%d of 652 equal before the sanitiser", equal)
}

// TestCommonMarkWithExtensions counts how many examples stay equal with tables,
// strikethrough, task lists, bare addresses and mentions as well. All that
// differ hold a bare address, which GFM makes a link.
func TestCommonMarkWithExtensions(t *testing.T) {
	equal := 0
	for _, e := range examples(t) {
		got := unsanitized(e.Markdown)
		if got == withoutSlashes(e.HTML) {
			equal++
			continue
		}
		t.Logf("example %d (%s): %q became %q", e.Number, e.Section, e.Markdown, got)
		if !strings.Contains(e.Markdown, "://") && !strings.Contains(e.Markdown, "@") {
			t.Errorf("example %d (%s): %q\n became %q\n   want %q", e.Number, e.Section, e.Markdown, got, e.HTML)
		}
	}
	t.Logf("%d of 652 equal with our extensions, before the sanitiser", equal)
}

// TestCommonMarkSanitized checks that sanitising does not break text: of the
// examples without raw HTML or unsafe links at least 566 are equal after it.
// What is not counted as a difference: how void tags are closed, and the rel that
// links to elsewhere get.
func TestCommonMarkSanitized(t *testing.T) {
	const wantHarmless, wantEqual = 580, 566
	harmless, equal := 0, 0
	for _, e := range examples(t) {
		if !isHarmless(e.Markdown) {
			continue
		}
		harmless++
		root := commonMarkParser.Parse(text.NewReader([]byte(e.Markdown)))
		settle(root, []byte(e.Markdown))
		var p page
		if err := markdownRenderer.Render(&p, []byte(e.Markdown), root); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(sanitize(p.Bytes()), linkRel, "")
		if got == withoutSlashes(e.HTML) {
			equal++
		} else {
			t.Logf("example %d (%s): %q\n became %q\n   want %q", e.Number, e.Section, e.Markdown, got, e.HTML)
		}
	}
	t.Logf("%d of %d equal after the sanitiser", equal, harmless)
	if harmless != wantHarmless {
		t.Errorf("%d examples without raw HTML or unsafe links, want %d", harmless, wantHarmless)
	}
	if equal < wantEqual {
		t.Errorf("%d equal after the sanitiser, want at least %d", equal, wantEqual)
	}
}

// isHarmless reports whether goldmark itself sees nothing to leave out.
func isHarmless(source string) bool {
	var safe, unsafe bytes.Buffer
	_ = goldmark.Convert([]byte(source), &safe)
	_ = goldmark.New(goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(source), &unsafe)
	return bytes.Equal(safe.Bytes(), unsafe.Bytes())
}

// unsanitized renders with all our extensions and without any sanitising.
func unsanitized(source string) string {
	d := parse(source)
	r := newRenderer()
	var p page
	if err := r.Render(&p, d.source, d.root); err != nil {
		panic(err)
	}
	return p.String()
}

// withoutSlashes closes the void tags of CommonMark as HTML does.
func withoutSlashes(html string) string {
	return voidSlash.ReplaceAllString(html, "<$1>")
}

var voidSlash = regexp.MustCompile(`<(br|hr|img src="[^>]*) />`)

// commonMarkParser is ours without what GFM and we add.
var commonMarkParser = newParser()
