package strictjson

import (
	"strings"
	"testing"

	"leerkring/internal/fault"
)

type message struct {
	ID    int64    `json:"id"`
	Body  string   `json:"body"`
	Names []string `json:"names"`
	Old   *int64   `json:"old"`
	Deep  struct {
		On bool `json:"on"`
	} `json:"deep"`
}

func TestTakesWhatIsNamed(t *testing.T) {
	var m message
	if err := Unmarshal([]byte(` {"id": 7, "body": "é\u00e9\ud83d\ude00", "names": ["a"], "old": 3, "deep": {"on": true}} `), &m); err != nil {
		t.Fatal(err)
	}
	if m.ID != 7 || m.Body != "éé😀" || m.Names[0] != "a" || *m.Old != 3 || !m.Deep.On {
		t.Fatalf("read %+v", m)
	}
}

func TestRefusesTheRest(t *testing.T) {
	for name, in := range map[string]string{
		"unknown":         `{"id":1,"x":2}`,
		"other case":      `{"ID":1}`,
		"doubled":         `{"id":1,"id":2}`,
		"null":            `{"body":null}`,
		"null pointer":    `{"old":null}`,
		"null in a list":  `{"names":[null]}`,
		"null whole":      `null`,
		"text for number": `{"id":"1"}`,
		"number for text": `{"body":1}`,
		"fraction":        `{"id":1.5}`,
		"huge":            `{"id":1e400}`,
		"over 64 bits":    `{"id":9223372036854775808}`,
		"NUL":             `{"body":"a\u0000b"}`,
		"lone surrogate":  `{"body":"\ud800"}`,
		"bad UTF-8":       "{\"body\":\"\xff\"}",
		"raw control":     "{\"body\":\"\x01\"}",
		"trailing":        `{"id":1} {}`,
		"empty":           ``,
		"not an object":   `[1]`,
		"deep":            strings.Repeat("[", 20000),
		"deep unknown":    `{"x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
	} {
		var m message
		err := Unmarshal([]byte(in), &m)
		if err == nil {
			t.Errorf("%s: taken as %+v", name, m)
			continue
		}
		if d := Describe(err); strings.Contains(d, "Go") || strings.Contains(d, "int64") {
			t.Errorf("%s: tells too much: %s", name, d)
		}
	}
}

func TestNamesTheField(t *testing.T) {
	var m message
	for in, want := range map[string]string{
		`{"body":1}`: "body", `{"names":[1]}`: "names", `{"deep":{"on":1}}`: "deep", `{"x":1}`: "", `{`: "", `[]`: "",
	} {
		e, _ := fault.As(Fault(Unmarshal([]byte(in), &m)))
		field := ""
		if len(e.Fields) > 0 {
			field = e.Fields[0].Name
		}
		if field != want || (want == "") != (e.Kind == fault.BadRequest) {
			t.Errorf("%s: %v", in, e)
		}
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"id":1,"body":"x"}`))
	f.Add([]byte(`{"deep":{"on":true},"names":["\ud83d\ude00"]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var m message
		if err := Unmarshal(in, &m); err != nil {
			Describe(err)
			return
		}
		if strings.ContainsRune(m.Body, 0) {
			t.Fatalf("NUL came through: %q", in)
		}
	})
}
