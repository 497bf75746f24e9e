package look

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPairCanBeRead(t *testing.T) {
	for name, tokens := range map[string]Tokens{"light": Light(), "dark": Dark()} {
		failures, err := Check(tokens)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range failures {
			t.Errorf("%s: %s", name, f)
		}
	}
}

func TestContrastAgreesWithWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want string
	}{
		{"#000000", "#ffffff", "21.00"},
		{"#767676", "#ffffff", "4.54"},
		{"#ff0000", "#ffffff", "4.00"},
		{"hsl(0, 100%, 50%)", "#ffffff", "4.00"},
		{"hsl(240,100%,50%)", "#0000ff", "1.00"},
	} {
		a, errA := ParseColour(c.a)
		b, errB := ParseColour(c.b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got := fmt.Sprintf("%.2f", Contrast(a, b)); got != c.want {
			t.Errorf("%s on %s: %s, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestAHouseStyleThatCannotBeReadIsFound(t *testing.T) {
	failures, err := Check(Light().With(Parse(`:root{--basis-color-action-1-color-default:#7fd0c4}`)))
	if err != nil {
		t.Fatal(err)
	}
	if len(failures) == 0 {
		t.Error("a pale action colour passed")
	}
	if _, err := Check(Light().With(Parse(`:root{--lk-surface:sea}`))); err == nil {
		t.Error("a word that is no colour passed")
	}
}

// Every token that a style asks for stands in our token files or in the
// example theme, so a misspelt name does not go unseen.
func TestStylesAndTokensAgree(t *testing.T) {
	css, err := os.ReadFile("base.css")
	if err != nil {
		t.Fatal(err)
	}
	for i, degrees := range spaceHues {
		if !strings.Contains(string(css), fmt.Sprintf(".lk-mark-%d{--lk-h:%d}", i, degrees)) {
			t.Errorf("base.css has no mark %d of %d degrees", i, degrees)
		}
	}
	for i := range PersonHues {
		if !strings.Contains(string(css), fmt.Sprintf(".lk-hue-%d{--lk-h:%d}", i, i*360/PersonHues)) {
			t.Errorf("base.css has no hue %d", i)
		}
	}
	for _, m := range regexp.MustCompile(`var\((--lk-[\w-]+)`).FindAllStringSubmatch(string(css), -1) {
		if _, ok := Light()[m[1]]; !ok && m[1] != "--lk-h" && !strings.Contains(string(css), m[1]+":") {
			t.Errorf("base.css asks for %s, which is nowhere", m[1])
		}
	}
}
