// Package locale holds every text the product shows, in Dutch and in English,
// one pair of files per subject (texts/nl/*.toml, texts/en/*.toml), and the way
// dates and numbers are written. No other package has a sentence for people.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"leerkring/internal/fault"
)

//go:embed texts
var files embed.FS

// Default is the language of who has not chosen one.
const Default = "nl"

// Languages lists what there is, the default first.
var Languages = []string{"nl", "en"}

var printers = load()

// Printer writes texts in one language. It is safe for concurrent use.
type Printer struct {
	// Language is the tag of BCP 47: "nl" or "en".
	Language  string
	localizer *i18n.Localizer
	names     calendarNames
}

// For returns the printer of a language, the default's when there is none.
func For(lang string) *Printer {
	if p, ok := printers[lang]; ok {
		return p
	}
	return printers[Default]
}

// Choose returns the best language for an Accept-Language header.
func Choose(header string) string {
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return Default
	}
	for _, tag := range wanted {
		base, _ := tag.Base()
		if _, ok := printers[base.String()]; ok {
			return base.String()
		}
	}
	return Default
}

// T returns the text under key. args are pairs of name and value for its gaps
// ({{.Name}}). A key without a text comes back as it is, and a test finds it.
func (p *Printer) T(key string, args ...any) string {
	return p.write(key, nil, gaps(args))
}

// N returns the text under key in the form that goes with n, which is also the
// gap {{.N}}.
func (p *Printer) N(key string, n int, args ...any) string {
	data := gaps(args)
	if data == nil {
		data = map[string]any{}
	}
	data["N"] = n
	return p.write(key, n, data)
}

// Fault returns the words of a fault's text.
func (p *Printer) Fault(text fault.Text) string {
	return p.write(text.Key, nil, text.Args)
}

func (p *Printer) write(key string, count any, data map[string]any) string {
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: data})
	if err != nil && s == "" {
		return key
	}
	return s
}

// Keys returns every key of a language, for the test that compares them.
func Keys(lang string) (map[string]bool, error) {
	keys := map[string]bool{}
	bundle := newBundle()
	paths, err := fs.Glob(files, "texts/"+lang+"/*.toml")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		f, err := parse(bundle, lang, path)
		if err != nil {
			return nil, err
		}
		for _, m := range f.Messages {
			if keys[m.ID] {
				return nil, fmt.Errorf("locale: %s: key %q stands twice", path, m.ID)
			}
			keys[m.ID] = true
		}
	}
	return keys, nil
}

func load() map[string]*Printer {
	bundle := newBundle()
	byLanguage := map[string]*Printer{}
	for _, lang := range Languages {
		paths, _ := fs.Glob(files, "texts/"+lang+"/*.toml")
		for _, path := range paths {
			if _, err := parse(bundle, lang, path); err != nil {
				panic(err) // built in, so a build fault
			}
		}
		byLanguage[lang] = &Printer{
			Language:  lang,
			localizer: i18n.NewLocalizer(bundle, lang),
			names:     calendars[lang],
		}
	}
	return byLanguage
}

func newBundle() *i18n.Bundle {
	bundle := i18n.NewBundle(language.MustParse(Default))
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	return bundle
}

// parse adds one file to the bundle. go-i18n takes the language from the file's
// name, so it gets one that tells.
func parse(bundle *i18n.Bundle, lang, path string) (*i18n.MessageFile, error) {
	text, err := files.ReadFile(path)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".toml")
	f, err := bundle.ParseMessageFileBytes(text, name+"."+lang+".toml")
	if err != nil {
		return nil, fmt.Errorf("locale: %s: %w", path, err)
	}
	return f, nil
}

func gaps(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
