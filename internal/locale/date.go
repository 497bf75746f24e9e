package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

type calendarNames struct {
	weekdays [7]string // Sunday first, as in package time
	months   [12]string
	// at stands between a date and a time.
	at string
}

var calendars = map[string]calendarNames{
	"nl": {
		weekdays: [7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
		months: [12]string{"januari", "februari", "maart", "april", "mei", "juni",
			"juli", "augustus", "september", "oktober", "november", "december"},
		at: "om",
	},
	"en": {
		weekdays: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months: [12]string{"January", "February", "March", "April", "May", "June",
			"July", "August", "September", "October", "November", "December"},
		at: "at",
	},
}

// Weekday returns the name of a day of the week.
func (p *Printer) Weekday(d time.Weekday) string { return p.names.weekdays[d] }

// Day returns "vrijdag 20 november", with the year when it is not now's.
// t and now must be in the reader's time zone.
func (p *Printer) Day(t, now time.Time) string {
	s := fmt.Sprintf("%s %d %s", p.names.weekdays[t.Weekday()], t.Day(), p.names.months[t.Month()-1])
	if t.Year() != now.Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	return s
}

// Date returns "20 november 2026".
func (p *Printer) Date(t time.Time) string {
	return fmt.Sprintf("%d %s %d", t.Day(), p.names.months[t.Month()-1], t.Year())
}

// Clock returns "14:05".
func (p *Printer) Clock(t time.Time) string { return t.Format("15:04") }

// When returns the shortest thing that tells the moment to a reader at now:
// "14:05" today, "gisteren 14:05", "vrijdag 14:05" within a week, "20 nov",
// "20 nov 2025".
func (p *Printer) When(t, now time.Time) string {
	days := dayNumber(now) - dayNumber(t)
	switch {
	case days == 0:
		return p.Clock(t)
	case days == 1:
		return p.T("date.yesterday") + " " + p.Clock(t)
	case days > 1 && days < 7:
		return p.names.weekdays[t.Weekday()] + " " + p.Clock(t)
	}
	s := fmt.Sprintf("%d %s", t.Day(), p.shortMonth(t.Month()))
	if t.Year() != now.Year() {
		s += " " + strconv.Itoa(t.Year())
	}
	return s
}

// Moment returns the whole moment: "vrijdag 20 november 2026 om 14:05".
func (p *Printer) Moment(t time.Time) string {
	return fmt.Sprintf("%s %d %s %d %s %s", p.names.weekdays[t.Weekday()], t.Day(),
		p.names.months[t.Month()-1], t.Year(), p.names.at, p.Clock(t))
}

func (p *Printer) shortMonth(m time.Month) string {
	name := []rune(p.names.months[m-1])
	if len(name) <= 4 {
		return string(name)
	}
	if m == time.March && strings.HasPrefix(string(name), "maa") {
		return "mrt"
	}
	return string(name[:3])
}

// dayNumber counts calendar days, so that midnight and not 24 hours make
// "yesterday", on the days of 23 and 25 hours as well.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
