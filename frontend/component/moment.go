package component

import (
	"time"
	_ "time/tzdata" // a small machine may have no zone files
)

// zone is where a neutral component reads the clock. Most readers live there;
// script rewrites the times of the others, who have data-zone on their page.
var zone = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		return time.UTC
	}
	return loc
}()

// Moment is a time with the words a page chose for it.
type Moment struct {
	At time.Time
	// Label is what is shown: "gisteren 14:05".
	Label string
	// Whole is the full moment, for who points at it: "vrijdag 20 november 2026
	// om 14:05".
	Whole string
}

// MomentOf writes a moment for a reader at now; both times are in the reader's
// zone.
func MomentOf(w Words, at, now time.Time) Moment {
	return Moment{At: at, Label: w.When(at, now), Whole: w.Moment(at)}
}

func machine(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
