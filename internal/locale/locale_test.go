package locale

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	dutch, err := Keys("nl")
	if err != nil {
		t.Fatal(err)
	}
	english, err := Keys("en")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dutch, english); diff != "" {
		t.Errorf("keys of nl (-) and en (+) differ:\n%s", diff)
	}
	if len(dutch) == 0 {
		t.Error("no texts were read")
	}
}

func TestTextFillsItsGaps(t *testing.T) {
	if got := For("nl").T("fault.too_large", "Max", "256 KiB"); got != "Dit is te groot. Er mag hoogstens 256 KiB in." {
		t.Error(got)
	}
	if got := For("xx").T("date.yesterday"); got != "gisteren" {
		t.Error("an unknown language gets the default, not", got)
	}
}

func TestChoose(t *testing.T) {
	for header, want := range map[string]string{
		"": "nl", "en-GB,en;q=0.9,nl;q=0.5": "en", "de,nl;q=0.2": "nl", "fr": "nl", "***": "nl",
	} {
		if got := Choose(header); got != want {
			t.Errorf("Choose(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, ams)
	for want, moment := range map[string]time.Time{
		"08:05":          time.Date(2026, 11, 21, 8, 5, 0, 0, ams),
		"gisteren 23:59": time.Date(2026, 11, 20, 23, 59, 0, 0, ams),
		"dinsdag 10:00":  time.Date(2026, 11, 17, 10, 0, 0, 0, ams),
		"14 nov":         time.Date(2026, 11, 14, 10, 0, 0, 0, ams),
		"3 mrt 2025":     time.Date(2025, 3, 3, 10, 0, 0, 0, ams),
	} {
		if got := For("nl").When(moment, now); got != want {
			t.Errorf("When(%v) = %q, want %q", moment, got, want)
		}
	}
}
