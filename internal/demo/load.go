package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/clock"
	"leerkring/internal/database"
	"leerkring/internal/jobs"
	"leerkring/notify"
)

// newsDays is for how many days back people find notifications in their inbox.
const newsDays = 14

// Load plays a plan on an empty database, through the functions that real
// people use, with a clock that goes along: each thing happens at its moment.
func Load(ctx context.Context, db *database.DB, plan *Plan) error {
	l := &loader{
		ctx: ctx, plan: plan, db: db, clock: clock.At(plan.Now),
		people: map[string]community.Actor{}, spaces: map[string]int64{}, streams: map[string]*loaded{},
	}
	l.community = community.New(db, l.clock, community.Announcements{})
	l.forum = forum.New(db, l.clock, forum.Announcements{})
	if err := l.everybody(); err != nil {
		return fmt.Errorf("demo: people: %w", err)
	}
	steps := l.steps()
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	for _, s := range steps {
		l.clock.Set(s.at)
		if err := s.do(); err != nil {
			return fmt.Errorf("demo: %s: %w", s.what, err)
		}
	}
	l.clock.Set(plan.Now)
	if err := l.readingAndLevels(); err != nil {
		return fmt.Errorf("demo: reading: %w", err)
	}
	return l.settle()
}

type loader struct {
	ctx       context.Context
	plan      *Plan
	db        *database.DB
	clock     *clock.Clock
	community *community.Community
	forum     *forum.Forum

	people  map[string]community.Actor
	spaces  map[string]int64
	streams map[string]*loaded
}

// loaded is a stream that is there, with its posts in the order of the plan.
type loaded struct {
	id    int64
	posts []forum.Post
}

// step is one thing that happens at a moment.
type step struct {
	at   time.Time
	what string
	do   func() error
}

const everyScope = community.ScopeRead | community.ScopeWrite | community.ScopeAdmin

// everybody makes the accounts, as old as the oldest thing in the plan.
func (l *loader) everybody() error {
	l.clock.Set(l.plan.Spaces[0].At.Add(-24 * time.Hour))
	for _, s := range l.plan.Spaces {
		if s.At.Before(l.clock.Now()) {
			l.clock.Set(s.At.Add(-24 * time.Hour))
		}
	}
	for _, p := range l.plan.People {
		organisation := l.plan.Organisations[p.Organisation].Name
		id, err := l.community.AddPerson(l.ctx, community.NewPerson{
			Mail: p.Mail, Name: p.Name, Organisation: organisation, Role: community.PlatformRole(p.PlatformRole),
			Language: p.Language, About: p.About,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
		l.people[p.Key] = community.Actor{
			Person: id, Name: p.Name, Organisation: organisation, Role: community.PlatformRole(p.PlatformRole),
			Scopes: everyScope, Language: p.Language,
		}
	}
	return nil
}

// steps lists everything that happens after that.
func (l *loader) steps() (steps []step) {
	for _, s := range l.plan.Spaces {
		steps = append(steps, step{s.At, "space " + s.Key, func() error { return l.space(s) }})
		if s.Kind == "direct" {
			continue
		}
		for _, m := range s.Members {
			steps = append(steps, step{m.Since, "member of " + s.Key, func() error { return l.member(s, m) }})
		}
	}
	for i := range l.plan.Streams {
		steps = append(steps, l.streamSteps(&l.plan.Streams[i])...)
	}
	for day := range newsDays {
		at := l.plan.Now.AddDate(0, 0, -day)
		steps = append(steps, step{at, "news", func() error { return l.news() }})
	}
	// Nobody is told today what happened long ago.
	return append(steps, step{l.plan.Now.AddDate(0, 0, -newsDays), "old news", l.forgetJobs})
}

func (l *loader) space(s Space) error {
	by := l.people[s.By]
	if s.Kind == "direct" {
		var others []int64
		for _, m := range s.Members {
			others = append(others, l.people[m.Person].Person)
		}
		by.Role = community.RoleAdmin // they may not share a space yet
		made, err := l.forum.Direct(l.ctx, by, others)
		l.spaces[s.Key] = made.ID
		return err
	}
	by.Role = community.RoleAdmin // of those who set it up for them
	made, err := l.community.MakeSpace(l.ctx, by, community.NewSpace{
		Name: s.Name, Kind: community.SpaceKind(s.Kind), Visibility: community.Visibility(s.Visibility),
		Parent: l.spaces[s.Parent], Description: s.Description,
	})
	l.spaces[s.Key] = made.ID
	return err
}

func (l *loader) member(s Space, m Membership) error {
	_, err := l.community.PutMember(l.ctx, l.people[s.By], l.spaces[s.Key], l.people[m.Person].Person, community.Role(m.Role))
	return err
}

// streamSteps are a stream's beginning, its posts, and what happens to them.
func (l *loader) streamSteps(s *Stream) (steps []step) {
	here := &loaded{posts: make([]forum.Post, len(s.Posts))}
	l.streams[s.Key] = here
	add := func(at time.Time, what string, do func() error) {
		if at.After(l.plan.Now) {
			at = l.plan.Now
		}
		steps = append(steps, step{at, what + " in " + s.Key, do})
	}
	add(s.At, "start", func() error { return l.start(s, here) })
	for i := range s.Posts {
		p := &s.Posts[i]
		if i > 0 || s.Kind == "channel" {
			add(p.At, "post", func() error { return l.post(s, here, i) })
		}
		for n, e := range p.Edits {
			next := p.Body
			if n+1 < len(p.Edits) {
				next = p.Edits[n+1].Body
			}
			add(e.At, "edit", func() error {
				_, err := l.forum.Edit(l.ctx, l.people[p.Author], here.posts[i].ID, forum.EditInput{Body: l.resolve(next)})
				return err
			})
		}
		for n, r := range p.Reactions {
			add(p.At.Add(time.Duration(n+2)*time.Minute), "reaction", func() error {
				_, err := l.forum.React(l.ctx, l.people[r.Person], here.posts[i].ID, r.Emoji)
				return err
			})
		}
		for n, v := range p.Votes {
			add(p.At.Add(time.Duration(n+3)*time.Minute), "vote", func() error {
				_, err := l.forum.Vote(l.ctx, l.people[v], here.posts[i].ID)
				return err
			})
		}
		if p.Deleted {
			add(p.At.Add(time.Hour), "deletion", func() error {
				_, err := l.forum.Delete(l.ctx, l.people[p.Author], here.posts[i].ID)
				return err
			})
		}
	}
	last := s.At
	if len(s.Posts) > 0 {
		last = s.Posts[len(s.Posts)-1].At
	}
	if s.Accepted >= 0 {
		add(s.Posts[s.Accepted].At.Add(40*time.Minute), "answer", func() error {
			_, err := l.forum.Accept(l.ctx, l.people[s.By], here.id, here.posts[s.Accepted].ID)
			return err
		})
	}
	if s.Pinned || s.Closed {
		add(last.Add(time.Hour), "marks", func() error { return l.mark(s, here) })
	}
	return steps
}

func (l *loader) start(s *Stream, here *loaded) error {
	by := l.people[s.By]
	if l.isDirect(s.Space) {
		streams, _, err := l.forum.Streams(l.ctx, by, l.spaces[s.Space], forum.StreamQuery{}, community.Page{Limit: 1})
		if err == nil {
			here.id = streams[0].ID
		}
		return err
	}
	in := forum.NewStream{Kind: forum.Kind(s.Kind), Title: s.Title, Tags: s.Tags, Category: s.Category}
	if s.Kind != "channel" {
		in.Body = l.resolve(s.Posts[0].First())
	}
	made, err := l.forum.Start(l.ctx, by, l.spaces[s.Space], in)
	if err != nil {
		return err
	}
	here.id = made.ID
	if made.FirstPostID != nil {
		here.posts[0], err = l.forum.PostByID(l.ctx, by, *made.FirstPostID)
	}
	return err
}

func (l *loader) isDirect(key string) bool {
	return slices.ContainsFunc(l.plan.Spaces, func(s Space) bool { return s.Key == key && s.Kind == "direct" })
}

func (l *loader) post(s *Stream, here *loaded, i int) (err error) {
	p := s.Posts[i]
	in := forum.PostInput{Stream: here.id, Body: l.resolve(p.First())}
	if p.Parent >= 0 {
		in.Parent = here.posts[p.Parent].ID
	}
	here.posts[i], err = l.forum.Post(l.ctx, l.people[p.Author], in)
	return err
}

// mark pins and closes, by somebody who may.
func (l *loader) mark(s *Stream, here *loaded) error {
	change := forum.StreamChange{}
	if s.Pinned {
		change.Pinned = &s.Pinned
	}
	if s.Closed {
		change.Closed = &s.Closed
	}
	for _, space := range l.plan.Spaces {
		if space.Key == s.Space {
			_, err := l.forum.ChangeStream(l.ctx, l.people[space.By], here.id, change)
			return err
		}
	}
	return errors.New("no such space")
}

func (l *loader) resolve(body string) string {
	return Resolve(body,
		func(key string) string { return strconv.FormatInt(l.people[key].Person, 10) },
		func(key string) string { return forum.StreamPath(l.streams[key].id) })
}

// news does the jobs that wait: people find in their inbox what happened.
func (l *loader) news() error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	n := notify.New(notify.Options{DB: l.db, Clock: l.clock, Community: l.community, BaseURL: "http://localhost", Log: quiet})
	handlers := map[string]jobs.Handler{forum.JobPosted: n.Handlers()[forum.JobPosted]}
	queue := jobs.NewQueue(l.db, l.clock, quiet, handlers)
	for {
		done, err := queue.Once(l.ctx)
		if err != nil || done == 0 {
			return err
		}
	}
}

// forgetJobs empties the queue.
func (l *loader) forgetJobs() error {
	return l.db.Write(l.ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`DELETE FROM jobs`); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM mails`)
		return err
	})
}

func (l *loader) readingAndLevels() error {
	for _, r := range l.plan.Reads {
		here := l.streams[r.Stream]
		if err := l.forum.Seen(l.ctx, l.people[r.Person], here.id, here.posts[r.Upto].CreatedRev); err != nil {
			return fmt.Errorf("%s: %w", r.Stream, err)
		}
	}
	for _, v := range l.plan.Levels {
		if _, err := l.forum.SetLevel(l.ctx, l.people[v.Person], l.streams[v.Stream].id, community.Level(v.Level)); err != nil {
			return fmt.Errorf("%s: %w", v.Stream, err)
		}
	}
	return nil
}

// settle leaves nothing to be done: no mails of a year, and everyone's first
// digest still to come.
func (l *loader) settle() error {
	weekly := community.Settings{Digest: community.DigestWeekly, Hour: 8, Weekday: 1, TimeZone: "Europe/Amsterdam"}
	if err := l.db.Write(l.ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE people SET digest_due_at = ?`, weekly.NextDigest(l.plan.Now))
		return err
	}); err != nil {
		return err
	}
	return l.forgetJobs()
}
