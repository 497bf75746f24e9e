package fault

import (
	"errors"
	"fmt"
	"testing"
)

func TestBlank(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, " \n\t": true, "\u200b\u200d": true, "\u202e": true, "a": false, " é ": false, "👩‍💻": false, ".": false,
	} {
		if Blank(text) != want {
			t.Errorf("Blank(%q) is %v", text, !want)
		}
	}
}

func TestCheckNamesEveryField(t *testing.T) {
	type input struct {
		Title string   `json:"title" validate:"notblank,max=5"`
		Mail  string   `json:"mail" validate:"email"`
		Kind  string   `json:"kind" validate:"oneof=a b"`
		Tags  []string `json:"tags" validate:"max=1"`
		Hour  int      `json:"hour" validate:"max=23"`
	}
	err := Check(input{Title: "\u200b", Mail: "x", Kind: "c", Tags: []string{"1", "2"}, Hour: 24})
	e, ok := As(err)
	if !ok || e.Kind != Invalid {
		t.Fatal(err)
	}
	got := ""
	for _, f := range e.Fields {
		got += f.Name + ":" + f.Code + " "
	}
	if want := "title:required mail:not_mail kind:not_one_of tags:too_many hour:too_high "; got != want {
		t.Errorf("fields %q", got)
	}
	if err := Check(input{Title: "ééééé", Mail: "a@b.nl", Kind: "a"}); err != nil {
		t.Errorf("five characters of two bytes: %v", err)
	}
}

func TestFrom(t *testing.T) {
	if e, expected := From(fmt.Errorf("around: %w", Missing())); e.Kind != NotFound || !expected {
		t.Errorf("%v %v", e, expected)
	}
	if e, expected := From(errors.New("a defect")); e.Kind != Unavailable || expected {
		t.Errorf("%v %v", e, expected)
	}
}
