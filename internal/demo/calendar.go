package demo

import (
	"time"
	_ "time/tzdata" // a machine without zone files makes the same plan
)

// calendar knows when people of Dutch town halls write: on working days, more
// in the morning, hardly in holidays, and more of late.
type calendar struct {
	now  time.Time
	zone *time.Location
	// days[d] is midnight d days before today, weights[d] how likely something
	// starts on that day.
	days    []time.Time
	weights []float64
}

// year is how far back the plan goes, in days.
const year = 365

func newCalendar(now time.Time) *calendar {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // tzdata is built in
	}
	c := &calendar{now: now.Truncate(time.Millisecond).UTC(), zone: zone, weights: make([]float64, year), days: make([]time.Time, year)}
	for d := range c.weights {
		day := c.day(d)
		c.days[d] = day
		// The last weeks carry more: that is what a visitor sees first.
		c.weights[d] = c.bustle(day) * (1 + 1.2*float64(year-d)/year)
	}
	return c
}

// day returns midnight in Amsterdam, so many days before today.
func (c *calendar) day(ago int) time.Time {
	y, m, d := c.now.In(c.zone).Date()
	return time.Date(y, m, d-ago, 0, 0, 0, 0, c.zone)
}

// ago returns how many days before today a moment lies.
func (c *calendar) ago(t time.Time) int {
	y, m, d := t.In(c.zone).Date()
	then := time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
	y, m, d = c.now.In(c.zone).Date()
	return int(time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Sub(then).Hours()) / 24
}

// weekday returns the Dutch name of the day.
func (c *calendar) weekday(t time.Time) string {
	names := [...]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"}
	return names[t.In(c.zone).Weekday()]
}

// bustle says how busy a day is, between 0 and 1.
func (c *calendar) bustle(day time.Time) float64 {
	if c.free(day) {
		return 0.015
	}
	w := map[time.Weekday]float64{time.Monday: 0.9, time.Tuesday: 1, time.Wednesday: 0.75, time.Thursday: 1, time.Friday: 0.6}[day.Weekday()]
	switch _, m, d := day.Date(); {
	case m == time.July && d > 12, m == time.August && d < 25:
		w *= 0.4
	case m == time.December && d > 20, m == time.January && d < 5:
		w *= 0.2
	case m == time.May && d < 9, m == time.October && d > 12 && d < 24, m == time.February && d > 12 && d < 22:
		w *= 0.6
	}
	return w
}

// free says whether a day is a weekend or a public holiday.
func (c *calendar) free(day time.Time) bool {
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		return true
	}
	y, m, d := day.Date()
	switch {
	case m == time.January && d == 1, m == time.April && d == 27, m == time.December && (d == 25 || d == 26):
		return true
	}
	e := easter(y)
	for _, after := range []int{1, 39, 50} { // Easter Monday, Ascension, Whit Monday
		if f := e.AddDate(0, 0, after); f.Month() == m && f.Day() == d {
			return true
		}
	}
	return false
}

// easter returns Easter Sunday by the Gregorian computus.
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// when says which moments suit something.
type when struct {
	// from and to are days before now, both included.
	from, to int
	// firstMonth and lastMonth may run over the new year; 0 is any.
	firstMonth, lastMonth time.Month
	// weekday is the day of the week, or -1.
	weekday time.Weekday
	// part is vroeg, ochtend, lunch, middag, laat, avond or empty.
	part string
}

var anyTime = when{from: 1, to: year - 1, weekday: -1}

// easy says that it has no wish about month, day or hour.
func (w when) easy() bool { return w.firstMonth == 0 && w.weekday < 0 && w.part == "" }

func (w when) suits(day time.Time) bool {
	if w.weekday >= 0 && day.Weekday() != w.weekday {
		return false
	}
	if w.firstMonth == 0 {
		return true
	}
	m := day.Month()
	if w.firstMonth <= w.lastMonth {
		return m >= w.firstMonth && m <= w.lastMonth
	}
	return m >= w.firstMonth || m <= w.lastMonth
}

// draw picks a start that suits w.
func (c *calendar) draw(r chance, w when) time.Time {
	from, to := max(w.from, 0), min(w.to, year-1)
	weights := make([]float64, year)
	for d := from; d <= to; d++ {
		if w.suits(c.days[d]) {
			weights[d] = c.weights[d]
		}
	}
	d := r.weighted(weights)
	if d < 0 {
		d = r.between(from, to)
	}
	return c.hour(r, c.day(d), w.part)
}

// hour picks a time of day.
func (c *calendar) hour(r chance, day time.Time, part string) time.Time {
	var minute int
	switch part {
	case "vroeg":
		minute = r.between(6*60+20, 7*60+50)
	case "ochtend":
		minute = r.between(8*60+10, 11*60+40)
	case "lunch":
		minute = r.between(11*60+30, 12*60+50)
	case "middag":
		minute = r.between(12*60+50, 16*60+40)
	case "laat":
		minute = r.between(16*60, 17*60+50)
	case "avond":
		minute = r.between(19*60+20, 21*60+45)
	default:
		hours := []float64{7: 0.3, 8: 1.6, 9: 2.4, 10: 2.2, 11: 1.8, 12: 0.9, 13: 1.7, 14: 1.8, 15: 1.7, 16: 1.1, 17: 0.3, 20: 0.12, 21: 0.06}
		minute = r.weighted(hours)*60 + r.IntN(60)
	}
	return at(day, minute).Add(time.Duration(r.IntN(60)) * time.Second)
}

func at(day time.Time, minute int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, minute, 0, 0, day.Location())
}

// working moves a moment that falls outside the working day to the next
// morning; now and then somebody writes in the evening all the same.
func (c *calendar) working(r chance, t time.Time) time.Time {
	t = t.In(c.zone)
	switch minute := t.Hour()*60 + t.Minute(); {
	case c.free(t) || minute > 18*60+15:
		if !c.free(t) && minute < 22*60 && r.hits(0.3) {
			return t
		}
		return c.nextMorning(r, t)
	case minute < 7*60+30:
		return c.hour(r, t, "ochtend")
	}
	return t
}

// nextMorning returns a moment on the next working day.
func (c *calendar) nextMorning(r chance, t time.Time) time.Time {
	day := t.In(c.zone)
	for {
		day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, c.zone)
		if !c.free(day) {
			return at(day, r.between(7*60+50, 10*60)).Add(time.Duration(r.IntN(60)) * time.Second)
		}
	}
}
