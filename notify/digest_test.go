package notify_test

import (
	"testing"
	"fmt"
)

func TestSmoke(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		q := r.Stream(r.anna, r.space, "question")
		c := r.Stream(r.manager, r.space, "channel")
		r.Post(r.bram, q, "Een antwoord van mij")
		r.Post(r.bram, c, fmt.Sprintf("Hoi @[%d] kijk eens", r.anna.Person))
		r.work()
		for _, n := range r.inbox(r.anna) { t.Logf("%+v", n) }
		n, err := r.notify.SendNow(ctx)
		t.Log(n, err)
		for _, m := range r.mails() { t.Log(m.raw); t.Log(m.text) }
		n, err = r.notify.SendNow(ctx)
		t.Log(n, err)
		r.Clock.Advance(11*60*1e9)
		r.work()
		for _, m := range r.mails() { t.Log(m.raw); t.Log(m.text) }
	})
}
