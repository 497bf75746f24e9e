//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/bench/order"
	"leerkring/internal/clock"
	"leerkring/internal/database"
	"leerkring/internal/limits"
)

// layout is how many rooms there are and how many people sit in each. With
// topics these stand in each room, and the people visit their pages.
type layout struct {
	name                   string
	rooms, members, topics int
}

// seed fills an empty database with what the experiments need, through the
// functions that real people use: accounts with a token each, and for each room
// a closed space with its members and a channel. People sit in one room of each
// layout. It returns, for each layout, what its generator must know.
func seed(ctx context.Context, o database.Options, layouts []layout) (map[string]any, error) {
	o.Relaxed = true
	db, err := database.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, _, err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	// An hour ago, so that nothing of this is news when the server starts.
	then := clock.At(time.Now().Add(-time.Hour))
	s := &seeder{
		ctx: ctx, db: db,
		community: community.New(db, then, community.Announcements{}),
		forum:     forum.New(db, then, forum.Announcements{}),
	}
	if err := s.everybody(layouts); err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	seats := map[string]any{}
	for _, l := range layouts {
		if l.topics > 0 {
			seats[l.name], err = s.write(l)
		} else {
			seats[l.name], err = s.furnish(l)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return seats, s.settle()
}

type seeder struct {
	ctx       context.Context
	db        *database.DB
	community *community.Community
	forum     *forum.Forum
	admin     community.Actor
	people    []int64
	tokens    []string
}

func (s *seeder) everybody(layouts []layout) error {
	id, err := s.community.AddPerson(s.ctx, community.NewPerson{
		Name: "Beheerder", Mail: "beheerder@voorbeeldstad.example", Role: community.RoleAdmin,
	})
	if err != nil {
		return err
	}
	s.admin = community.Actor{
		Person: id, Name: "Beheerder", Role: community.RoleAdmin,
		Scopes: community.ScopeRead | community.ScopeWrite | community.ScopeAdmin,
	}
	n := 0
	for _, l := range layouts {
		n = max(n, l.rooms*l.members)
	}
	s.people, s.tokens = make([]int64, n), make([]string, n)
	return each(n, func(i int) (err error) {
		s.people[i], err = s.community.AddPerson(s.ctx, community.NewPerson{
			Name: nameOf(i), Mail: fmt.Sprintf("deelnemer%d@voorbeeldstad.example", i),
			Organisation: fmt.Sprintf("Gemeente %d", i%40),
		})
		if err == nil {
			s.tokens[i], err = s.community.CreateToken(s.ctx, s.people[i], "bench", community.ScopeRead|community.ScopeWrite)
		}
		return err
	})
}

func (s *seeder) furnish(l layout) (order.Seats, error) {
	seats := order.Seats{Rooms: make([]order.Room, l.rooms)}
	return seats, each(l.rooms, func(i int) error {
		first := i * l.members
		space, err := s.space(l, s.people[first:first+l.members])
		if err != nil {
			return err
		}
		stream, err := s.forum.Start(s.ctx, s.admin, space, forum.NewStream{Kind: forum.Channel, Title: "Algemeen"})
		seats.Rooms[i] = order.Room{Stream: stream.ID, Tokens: s.tokens[first : first+l.members]}
		return err
	})
}

// space makes a closed space with its members.
func (s *seeder) space(l layout, people []int64) (int64, error) {
	space, err := s.community.MakeSpace(s.ctx, s.admin, community.NewSpace{
		Name: "Kring " + l.name, Kind: community.KindCommunity, Visibility: community.Closed,
	})
	for _, p := range people {
		if err == nil {
			_, err = s.community.PutMember(s.ctx, s.admin, space.ID, p, community.Member)
		}
	}
	return space.ID, err
}

// write makes topics of a page each, by all members in turn, signs these in, and
// lets each read all of most topics and half of the others.
func (s *seeder) write(l layout) (order.Visits, error) {
	visits := order.Visits{Paths: make([]string, l.topics), Cookies: make([]string, l.members)}
	space, err := s.space(l, s.people[:l.members])
	if err != nil {
		return visits, err
	}
	if err := each(l.topics, func(i int) error {
		stream, err := s.topic(space, i, l.members)
		visits.Paths[i] = forum.StreamPath(stream)
		for m := 0; m < l.members && err == nil; m++ {
			rev := int64(limits.PageDefault)
			if (i+m)%10 == 0 {
				rev /= 2
			}
			err = s.forum.Seen(s.ctx, s.actor(m), stream, rev)
		}
		return err
	}); err != nil {
		return visits, err
	}
	return visits, each(l.members, func(i int) error {
		session, err := s.community.SignIn(s.ctx, s.people[i])
		visits.Cookies[i] = community.SessionCookie + "=" + session.Token
		return err
	})
}

// topic starts a discussion and fills its page, with a reaction here and there.
func (s *seeder) topic(space int64, i, members int) (int64, error) {
	actor := s.actor(i % members)
	stream, err := s.forum.Start(s.ctx, actor, space, forum.NewStream{Kind: forum.Discussion, Title: title(i), Body: text(i)})
	for n := 1; n < limits.PageDefault && err == nil; n++ {
		var post forum.Post
		post, err = s.forum.Post(s.ctx, s.actor((i+n)%members), forum.PostInput{Stream: stream.ID, Body: text(i + n)})
		if err == nil && n%5 == 0 {
			_, err = s.forum.React(s.ctx, actor, post.ID, "👍")
		}
	}
	return stream.ID, err
}

func (s *seeder) actor(i int) community.Actor {
	return community.Actor{
		Person: s.people[i], Name: nameOf(i), Role: community.RoleMember, Scopes: community.ScopeRead | community.ScopeWrite,
	}
}

func nameOf(i int) string { return fmt.Sprintf("Deelnemer %d", i) }

// title differs from topic to topic, as far as titles do.
func title(i int) string {
	whom := []string{"mantelzorgers", "jongeren", "huisartsen", "vrijwilligers", "statushouders", "buurtbewoners", "werkgevers", "scholen", "ouderen", "wijkteams"}
	what := []string{"schulden", "eenzaamheid", "dagbesteding", "huisvesting", "vroegsignalering", "taalles", "vervoer", "thuiszorg", "opvoeding", "privacy"}
	return fmt.Sprintf("Hoe betrek je %s bij %s?", whom[i%10], what[i/10%10])
}

// text is what people write in a topic: two to five sentences, some with
// emphasis, a link or a list.
func text(n int) string {
	sentences := []string{
		"Wij zijn vorig jaar begonnen met een gesprek aan de keukentafel, samen met de wijkverpleegkundige. ",
		"Wat bij ons hielp is **eerst luisteren** en pas daarna een plan maken. ",
		"Zie ook [het verslag van de leertafel](https://voorbeeldstad.example/verslag). ",
		"Hoe lang duurde dat bij jullie, en wie deed het werk ernaast? ",
		"Let op:\n\n- vraag het de inwoner zelf\n- leg vast wat je afspreekt\n\n",
		"Ik neem de casus mee naar de volgende bijeenkomst, dan lopen we hem samen door. ",
		"Dank je wel, hier kunnen we echt mee verder. ",
	}
	var b strings.Builder
	for i := range 2 + n%4 {
		b.WriteString(sentences[(n*3+i)%len(sentences)])
	}
	return b.String()
}

// settle leaves nothing to be done while figures are taken: nobody is told of
// what was written here, and the first digests are due next week.
func (s *seeder) settle() error {
	return s.db.Write(s.ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`DELETE FROM jobs`); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE people SET digest_due_at = ?`, time.Now().UTC().Add(7*24*time.Hour))
		return err
	})
}

// atATime is how many writes wait together, for the group commit.
const atATime = 64

// each runs do for 0 to n-1, several at a time, and returns the first error.
func each(n int, do func(i int) error) error {
	var work sync.WaitGroup
	var mu sync.Mutex
	next, failed := 0, error(nil)
	for range min(n, atATime) {
		work.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := i >= n || failed != nil
				mu.Unlock()
				if stop {
					return
				}
				if err := do(i); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	work.Wait()
	return failed
}
