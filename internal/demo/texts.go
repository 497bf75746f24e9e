package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed texts/*.txt texts/chat texts/forum
var texts embed.FS

// block is one `[key]` of a file with `word: value` lines.
type block struct {
	key    string
	fields []field
}

type field struct{ word, value string }

// one returns the value of a word that stands in the block once, or "".
func (b block) one(word string) string {
	for _, f := range b.fields {
		if f.word == word {
			return f.value
		}
	}
	return ""
}

// all returns the values of a word that may stand there more often.
func (b block) all(word string) []string {
	var values []string
	for _, f := range b.fields {
		if f.word == word {
			values = append(values, f.value)
		}
	}
	return values
}

// blocks reads a file of blocks. A line without a colon-separated word is kept
// under the empty word.
func blocks(name string) []block {
	var all []block
	for i, line := range lines(name) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			all = append(all, block{key: line[1 : len(line)-1]})
		case len(all) == 0:
			fail(name, i, "a line before the first [key]")
		default:
			last := &all[len(all)-1]
			word, value, found := strings.Cut(line, ": ")
			if !found || strings.ContainsAny(word, " |") {
				word, value = "", line
			}
			last.fields = append(last.fields, field{word, value})
		}
	}
	return all
}

func lines(name string) []string {
	text, err := texts.ReadFile("texts/" + name)
	if err != nil {
		panic(err)
	}
	return strings.Split(string(text), "\n")
}

// files names the files of a folder, without the folder.
func files(folder string) []string {
	entries, err := fs.ReadDir(texts, "texts/"+folder)
	if err != nil {
		panic(err)
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// fail stops with the place of a mistake in the texts. They are part of the
// program, so a mistake is a programming error; the tests find it first.
func fail(name string, line int, format string, args ...any) {
	panic(fmt.Sprintf("demo: texts/%s:%d: %s", name, line+1, fmt.Sprintf(format, args...)))
}
