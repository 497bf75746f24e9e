package guard_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"leerkring/internal/dutch"
	"leerkring/internal/guard"
)

// The numbers below are made up; those that need a check digit have one.
var examples = []struct {
	text string
	want string // kind:text, one after the other; "" is nothing
}{
	// BSN.
	{"Haar BSN is 123456782.", "bsn:123456782"},
	{"Haar BSN is 123456789.", ""}, // the eleven test says no
	{"bsn 1112.22.333 van de vader", "bsn:1112.22.333"},
	{"nummer 111 222 333", "bsn:111 222 333"},
	{"123456782 3 kinderen", "bsn:123456782"},
	{"bsn: 10000009?", ""},
	{"bsn: 10000008", "bsn:10000008"}, // a zero left out
	{"zaak 10000008", ""},             // eight digits of something else
	{"000000000", ""},
	{"zaaknummer Z1112.22.333a", ""},
	{"€ 111222333", ""},
	{"1112223331", ""},
	{"12345678 2", ""},

	// IBAN.
	{"rekening NL91 ABNA 0417 1643 00 staat rood", "iban:NL91 ABNA 0417 1643 00"},
	{"nl91abna0417164300", "iban:nl91abna0417164300"},
	{"NL91ABNA0417164301", ""}, // wrong check digits
	{"BE68 5390 0754 7034.", "iban:BE68 5390 0754 7034"},
	{"NL91 ABNA 0417 1643 001", ""},

	// Telephone.
	{"bel 06-12345678 na vijf uur", "phone:06-12345678"},
	{"06 12 34 56 78", "phone:06 12 34 56 78"},
	{"+31 (0)6 12345678", "phone:+31 (0)6 12345678"},
	{"0031612345678", "phone:0031612345678"},
	{"(0314) 123456", "phone:(0314) 123456"},
	{"+49 30 1234567", "phone:+49 30 1234567"},
	{"bel 0800-1234 of 14 0314 of 112", ""},
	{"088-1234567 is het nummer van de dienst", ""},
	{"op 01-02-2026 om 10.00 uur", ""},
	{"zaak 0612345678901", ""},

	// Mail.
	{"mail j.de.vries+werk@voorbeeld.example!", "mail:j.de.vries+werk@voorbeeld.example"},
	{"info@voorbeeld.example", ""},
	{"@[12] kun jij dit?", ""},

	// Address.
	{"Kerkstraat 12, 7001 AB Doetinchem", "address:Kerkstraat 12, 7001 AB"},
	{"7001 AB 12", "address:7001 AB 12"},
	{"nummer 12, 7001AB", "address:12, 7001AB"},
	{"postcode 7001 AB", ""},
	{"in 2026 is 3 keer gebeld", ""},
	{"op de Lange Kerkdijk 4b woont ze", "address:Lange Kerkdijk 4b"},
	{"de straat 3 keer geveegd", ""},

	// Plate.
	{"de auto met 12-AB-34 ervoor", "plate:12-AB-34"},
	{"G-123-BB en 1-KBB-00", "plate:G-123-BB plate:1-KBB-00"},
	{"kenteken g123bb", "plate:g123bb"},
	{"versie 1-AB-234-X", ""},
	{"1-op-100", ""},

	// Birth.
	{"geboren op 3 maart 2011", "born:3 maart 2011"},
	{"geboortedatum: 03-03-2011", "born:03-03-2011"},
	{"Kim (12-3-2011) woont bij oma", "born:12-3-2011"},
	{"op 3 maart 2026 is gebeld", ""},
	{"Born on 2011-03-03", "born:2011-03-03"},

	// Names.
	{"Mevrouw De Vries belde", "name:De Vries"},
	{"mw. J. van den Berg kwam", "name:J"}, // see below
	{"de heer Jansen-Smit", "name:Jansen-Smit"},
	{"mevrouw de wethouder", ""},
	{"familie en vrienden", ""},
	{"Fatma Yılmaz zei", "name:Fatma Yılmaz"},
	{"FATMA Yilmaz", "name:FATMA Yilmaz"},
	{"Anna van den Berg en Fatma", "name:Anna van den Berg"},
	{"Anna zei het", ""},
}

var known = []string{dutch.Fold("Fatma Yılmaz"), "fatma yilmaz", "anna van den berg"}

func TestScan(t *testing.T) {
	for _, e := range examples {
		if e.text == "mw. J. van den Berg kwam" {
			e.want = "name:van den Berg"
		}
		var got []string
		for _, f := range guard.Scan(e.text, known...) {
			got = append(got, string(f.Kind)+":"+f.Text)
			if points := []rune(e.text); string(points[f.Start:f.End]) != f.Text {
				t.Errorf("%q: %d to %d is %q, not %q", e.text, f.Start, f.End, string(points[f.Start:f.End]), f.Text)
			}
		}
		if diff := cmp.Diff(e.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", e.text, diff)
		}
	}
}

func TestHide(t *testing.T) {
	text := "Café: bel mevrouw De Vries\u00a0op 06\u201112345678 🙂 of nl91abna0417164300."
	hidden := guard.Hide(text, guard.Scan(text), func(f guard.Finding) string { return "[" + string(f.Kind) + "]" })
	if want := "Café: bel mevrouw [name]\u00a0op [phone] 🙂 of [iban]."; hidden != want {
		t.Errorf("%q, want %q", hidden, want)
	}
}

func TestCandidates(t *testing.T) {
	got := guard.Candidates("Vandaag sprak Anna van den Berg-Smit met Émile. Bij de Gemeente Aalten.")
	for _, want := range []string{"anna van den berg-smit", "gemeente aalten"} {
		if !strings.Contains("|"+strings.Join(got, "|")+"|", "|"+want+"|") {
			t.Errorf("%q is not among %q", want, got)
		}
	}
}

// Whatever the text, what is found lies in it, in order and apart, and hiding
// it leaves nothing of it to find.
func TestScanHolds(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"BSN 123456782", "06-12345678", "nl91 abna 0417 1643 00", "a@b.example", "7001 AB 12", "12-AB-34", "geboren 3-3-2011",
		"mevrouw Jansen", "🙂", "é", "\u00a0", "\n", ". ", " ", "-", "€", "\x00", "\xff", "Anna van den Berg", "2026", "0"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.OneOf(pieces, rapid.String()), 0, 12).Draw(t, "text"), "")
		found := guard.Scan(text, known...)
		end, points := 0, len([]rune(text))
		for _, f := range found {
			if f.Start < end || f.End <= f.Start || f.End > points {
				t.Fatalf("%v in %q", f, text)
			}
			if utf8.ValidString(text) && string([]rune(text)[f.Start:f.End]) != f.Text {
				t.Fatalf("%v in %q", f, text)
			}
			end = f.End
		}
		if left := guard.Scan(guard.Hide(text, found, func(guard.Finding) string { return " … " }), known...); len(left) > len(found) {
			t.Fatalf("hiding made more: %v of %q", left, text)
		}
	})
}

// The demo's texts are ordinary talk of colleagues. What is seen in them is a
// false alarm, but for what really names somebody.
func TestFalseAlarms(t *testing.T) {
	texts, alarms, kinds := 0, 0, map[guard.Kind]int{}
	err := filepath.WalkDir("../demo/texts", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".md") || strings.HasSuffix(path, "README.md") {
			return err
		}
		file, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, text := range strings.Split(string(file), "\n---") {
			texts++
			for i, f := range guard.Scan(text) {
				if i == 0 {
					alarms++
				}
				kinds[f.Kind]++
				t.Logf("%s: %s %q", filepath.Base(path), f.Kind, f.Text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d texts: %v", alarms, texts, kinds)
	if texts < 500 {
		t.Fatalf("only %d texts", texts)
	}
	if alarms*200 > texts { // one in two hundred
		t.Errorf("%d alarms in %d texts", alarms, texts)
	}
}

func BenchmarkScan(b *testing.B) {
	text := strings.Repeat("Op maandag belde de wijkcoach met Anna van den Berg over de aanvraag van 3 maart. ", 240)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		guard.Scan(text, known...)
	}
}

func Example() {
	for _, f := range guard.Scan("Bel haar op 06-12345678.") {
		fmt.Println(f.Kind, f.Start, f.End, f.Text)
	}
	// Output: phone 12 23 06-12345678
}
