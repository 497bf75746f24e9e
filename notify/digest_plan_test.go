package notify_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

// rhythm is somebody with a digest of their own choice.
type rhythm struct {
	person  int64
	digest  community.DigestFrequency
	hour    int
	weekday int
	zone    *time.Location
}

func (r *room) rhythm(name string, digest community.DigestFrequency, hour, weekday int, zone string) rhythm {
	r.t.Helper()
	id, err := r.Community.AddPerson(ctx, community.NewPerson{Name: name, Mail: testkit.MailOf(name)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.settings(community.Actor{Person: id, Scopes: community.ScopeWrite},
		community.SettingsChange{Digest: &digest, Hour: &hour, Weekday: &weekday, TimeZone: &zone})
	location, err := time.LoadLocation(zone)
	if err != nil {
		r.t.Fatal(err)
	}
	return rhythm{person: id, digest: digest, hour: hour, weekday: weekday, zone: location}
}

// plannedFor returns when digests were planned for somebody.
func (r *room) plannedFor(person int64) (moments []time.Time) {
	r.t.Helper()
	if err := r.DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&moments, `SELECT planned_at FROM mails WHERE person_id = ? AND kind = 'digest' ORDER BY planned_at, id`, person)
	}); err != nil {
		r.t.Fatal(err)
	}
	return moments
}

// A digest comes on every day or week, once, at the hour that was chosen, on
// the reader's own clock: over both nights that have 23 and 25 hours, in zones
// far away and odd, and on the 29th of February (F15).
func TestDigestsComeAtTheirHour(t *testing.T) {
	zones := []string{"Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Beirut", "Pacific/Auckland", "UTC"}
	spans := [][2]time.Time{
		{time.Date(2027, 3, 10, 5, 0, 0, 0, time.UTC), time.Date(2027, 4, 8, 5, 0, 0, 0, time.UTC)},
		{time.Date(2027, 10, 1, 5, 0, 0, 0, time.UTC), time.Date(2027, 11, 10, 5, 0, 0, 0, time.UTC)},
		{time.Date(2028, 2, 24, 5, 0, 0, 0, time.UTC), time.Date(2028, 3, 4, 5, 0, 0, 0, time.UTC)},
	}
	for _, span := range spans {
		t.Run(span[0].Format(time.DateOnly), func(t *testing.T) {
			w := testkit.NewWorld(t, testkit.SQLite(t))
			w.Clock.Set(span[0])
			r := newRoom(t, w)
			var rhythms []rhythm
			for _, zone := range zones {
				for _, hour := range []int{0, 1, 2, 3, 8, 23} {
					rhythms = append(rhythms,
						r.rhythm(fmt.Sprintf("D %s %d", zone, hour), community.DigestDaily, hour, 1, zone),
						r.rhythm(fmt.Sprintf("W %s %d", zone, hour), community.DigestWeekly, hour, 7, zone))
				}
			}
			const step = 15 * time.Minute
			for at := span[0]; at.Before(span[1]); at = at.Add(step) {
				r.Clock.Set(at)
				if _, err := r.notify.PlanDigests(ctx); err != nil {
					t.Fatal(err)
				}
			}
			for _, who := range rhythms {
				got, want := r.plannedFor(who.person), who.expected(span[0], span[1])
				for i := range min(len(got), len(want)) {
					if late := got[i].Sub(want[i]); late < 0 || late >= step {
						t.Errorf("%+v: a digest at %v, want %v", who, got[i].In(who.zone), want[i].In(who.zone))
						break
					}
				}
				if len(got) != len(want) {
					t.Errorf("%+v: %d digests, want %d", who, len(got), len(want))
				}
			}
		})
	}
}

// expected works out the moments in another way than the product: quarter by
// quarter on the reader's clock, the first of each day at or past the hour.
// (Every hour, in all zones there are, begins at a quarter of UTC.)
func (r rhythm) expected(from, to time.Time) (moments []time.Time) {
	told := ""
	const quarter = 15 * time.Minute
	for at := from.Add(quarter); at.Before(to); at = at.Add(quarter) {
		local := at.In(r.zone)
		day := local.Format(time.DateOnly)
		if day == told || local.Hour() < r.hour || (r.digest == community.DigestWeekly && int(local.Weekday()) != r.weekday%7) {
			continue
		}
		told = day
		// What was due before we began is not ours to expect.
		if before := at.Add(-quarter).In(r.zone); len(moments) > 0 || before.Hour() < r.hour || before.Format(time.DateOnly) != day {
			moments = append(moments, at)
		}
	}
	return moments
}

// A clock that jumps an hour, back and forth, gives nobody two digests for a
// day and nobody none (F15).
func TestDigestsSurviveClockJumps(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chance := rand.New(rand.NewPCG(1, 2))
		start := time.Date(2027, 3, 20, 4, 0, 0, 0, time.UTC)
		r.Clock.Set(start)
		var people []rhythm
		for _, hour := range []int{0, 3, 7, 8, 23} {
			people = append(people, r.rhythm(fmt.Sprintf("Jump %d", hour), community.DigestDaily, hour, 1, "Europe/Amsterdam"))
		}
		const days = 14
		offset := time.Duration(0)
		jumps := 0
		for minute := range days * 24 * 6 {
			if chance.IntN(days*24*6/24) == 0 {
				offset = time.Duration(chance.IntN(3)-1) * time.Hour
				jumps++
			}
			r.Clock.Set(start.Add(time.Duration(minute)*10*time.Minute + offset))
			if _, err := r.notify.PlanDigests(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if jumps < 12 {
			t.Fatalf("only %d jumps", jumps)
		}
		days1 := map[int64]map[string]int{}
		for _, row := range r.mailRows() {
			if days1[row.PersonID] == nil {
				days1[row.PersonID] = map[string]int{}
			}
			days1[row.PersonID][row.Period]++
		}
		for _, who := range people {
			for day := 1; day < days-1; day++ {
				date := start.AddDate(0, 0, day).Format(time.DateOnly)
				if n := days1[who.person][date]; n != 1 {
					t.Errorf("hour %d: %d digests on %s", who.hour, n, date)
				}
			}
		}
	})
}

// A server that was down for days sends one digest, not three; and changing
// something else at the moment it is due does not lose it.
func TestOverdueDigest(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		start := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
		r.Clock.Set(start)
		who := r.rhythm("Bea", community.DigestDaily, 8, 1, "Europe/Amsterdam")
		self := community.Actor{Person: who.person, Scopes: community.ScopeWrite}
		plan := func(at time.Time, want int) {
			t.Helper()
			r.Clock.Set(at)
			if _, err := r.notify.PlanDigests(ctx); err != nil {
				t.Fatal(err)
			}
			if got := len(r.plannedFor(who.person)); got != want {
				t.Errorf("at %v: %d digests, want %d", at, got, want)
			}
		}
		plan(start, 0)
		plan(start.Add(3*24*time.Hour+30*time.Minute), 1) // Thursday 7:30, three days late
		r.Clock.Set(start.Add(3*24*time.Hour + 61*time.Minute))
		theme, hour := "dark", 9
		r.settings(self, community.SettingsChange{Theme: &theme})
		r.settings(self, community.SettingsChange{Hour: &hour})
		plan(start.Add(3*24*time.Hour+62*time.Minute), 2) // 8:00 came due before the change
		plan(start.Add(3*24*time.Hour+150*time.Minute), 2)
		plan(start.Add(4*24*time.Hour+119*time.Minute), 2)
		plan(start.Add(4*24*time.Hour+121*time.Minute), 3) // and 9:00 is it from now on
		weekly, off := community.DigestWeekly, community.DigestOff
		r.settings(self, community.SettingsChange{Digest: &off})
		plan(start.Add(30*24*time.Hour), 3)
		r.settings(self, community.SettingsChange{Digest: &weekly})
		plan(start.Add(30*24*time.Hour+time.Hour), 3)
		plan(start.Add(38*24*time.Hour), 4)
	})
}

// Two nodes that plan at once plan each digest once.
func TestTwoPlannersAtOnce(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		people := len(r.crowd(250)) + 5 // the manager, Anna, Bram, Anaïs, Olaf
		mailer, err := notify.OpenMailer("", t.TempDir(), notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(7 * 24 * time.Hour)
		var wg sync.WaitGroup
		var planned [4]int
		for i := range planned {
			node := notify.New(notify.Options{DB: r.DB, Clock: r.Clock, Community: r.Community, Mailer: mailer, BaseURL: base})
			wg.Go(func() {
				var err error
				if planned[i], err = node.PlanDigests(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		rows, total := r.mailRows(), 0
		for _, n := range planned {
			total += n
		}
		if len(rows) != people || total != people {
			t.Errorf("%d rows, %d planned (%v), want %d", len(rows), total, planned, people)
		}
		seen := map[int64]bool{}
		for _, row := range rows {
			if seen[row.PersonID] || row.Period != "2026-W48" {
				t.Errorf("%+v", row)
			}
			seen[row.PersonID] = true
		}
	})
}

// Run plans what is due, under a lease, and stops when it is told to.
func TestRunPlansAndStops(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		r.Clock.Advance(7 * 24 * time.Hour)
		woken := make(chan bool, 100)
		mailer, err := notify.OpenMailer("", t.TempDir(), notify.DefaultFrom(base))
		if err != nil {
			t.Fatal(err)
		}
		node := notify.New(notify.Options{DB: r.DB, Clock: r.Clock, Community: r.Community, Mailer: mailer, BaseURL: base,
			Tell: notify.Announcements{WorkWaits: func() { woken <- true }}})
		running, stop := contextWithStop()
		var wg sync.WaitGroup
		wg.Go(func() { node.Run(running) })
		select {
		case <-woken:
		case <-time.After(20 * time.Second):
			t.Error("nothing was planned")
		}
		stop()
		wg.Wait()
		if len(r.mailRows()) != 5 {
			t.Errorf("%d planned", len(r.mailRows()))
		}
		var leases int
		if err := r.DB.Read(ctx, func(tx *database.Tx) error {
			return tx.Get(&leases, `SELECT count(*) FROM leases WHERE name = 'digest.plan'`)
		}); err != nil || leases != 0 {
			t.Errorf("%d leases stay: %v", leases, err)
		}
	})
}
