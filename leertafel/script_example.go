package leertafel

import (
	"embed"
	"fmt"

	"leerkring/internal/locale"
)

//go:embed scripts
var scriptFiles embed.FS

// Examples are the scripts that come with the product, by key.
var Examples = []string{"leertafel", "incident", "intervisie", "faalkunde", "oefenen", "ontwerpen"}

// examples are read once, by language and key.
var examples = readExamples()

// Example returns a script that comes with the product, in a language.
func Example(language, key string) (Script, bool) {
	byKey, ok := examples[language]
	if !ok {
		byKey = examples[locale.Default]
	}
	s, ok := byKey[key]
	return s, ok
}

func readExamples() map[string]map[string]Script {
	all := map[string]map[string]Script{}
	for _, language := range locale.Languages {
		all[language] = map[string]Script{}
		for _, key := range Examples {
			file, err := scriptFiles.ReadFile("scripts/" + language + "/" + key + ".toml")
			if err == nil {
				all[language][key], err = ReadFile(file)
			}
			if err != nil {
				panic(fmt.Sprintf("leertafel: scripts/%s/%s.toml: %v", language, key, err)) // built in, so a build fault
			}
		}
	}
	return all
}
