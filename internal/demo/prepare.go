package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"leerkring/community"
	"leerkring/frontend/signin"
	"leerkring/internal/clock"
	"leerkring/internal/database"
)

// ErrInUse says that the database holds something else than the demo.
var ErrInUse = errors.New("this database is in use for something else than the demo; set LEERKRING_DATA to another folder, or LEERKRING_DATABASE to an empty database")

// mark is the secret that tells that a database holds the demo.
const mark = "demo"

// Prepare fills an empty database with the demo, and returns the people one can
// be. A database that holds the demo already is left as it is, and one that
// holds anything else is refused.
func Prepare(ctx context.Context, o database.Options, log *slog.Logger) ([]signin.DemoPerson, error) {
	o.Relaxed = true // made up, and made again in a moment
	db, err := database.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if _, _, err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	plan := Make(time.Now())
	switch state, err := look(ctx, db); {
	case err != nil:
		return nil, err
	case state == other:
		return nil, ErrInUse
	case state == empty:
		began := time.Now()
		if err := Load(ctx, db, plan); err != nil {
			return nil, err
		}
		// The mark comes last: a demo that is half there is not taken for one.
		if _, err := community.New(db, clock.System(), community.Announcements{}).Key(ctx, mark); err != nil {
			return nil, err
		}
		log.Info("demo loaded", "people", len(plan.People), "spaces", len(plan.Spaces), "streams", len(plan.Streams),
			"seconds", time.Since(began).Seconds())
	}
	return roles(ctx, db, plan)
}

type state int

const (
	empty state = iota
	ours
	other
)

func look(ctx context.Context, db *database.DB) (s state, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		marked, err := tx.Exists(`SELECT 1 FROM secrets WHERE name = ?`, mark)
		if err != nil {
			return err
		}
		peopled, err := tx.Exists(`SELECT 1 FROM people LIMIT 1`)
		switch {
		case marked:
			s = ours
		case peopled:
			s = other
		}
		return err
	})
	return s, err
}

// roles finds the people to choose from. Their keys and addresses do not depend
// on the moment the plan is made for.
func roles(ctx context.Context, db *database.DB, plan *Plan) (people []signin.DemoPerson, err error) {
	c := community.New(db, clock.System(), community.Announcements{})
	byKey := map[string]Person{}
	for _, p := range plan.People {
		byKey[p.Key] = p
	}
	for _, role := range plan.Roles {
		p := byKey[role.Person]
		id, err := c.PersonByMail(ctx, p.Mail)
		if err != nil {
			return nil, fmt.Errorf("demo: %s: %w", role.Person, err)
		}
		people = append(people, signin.DemoPerson{Person: id, Name: p.Name, Role: role.Label, About: role.About})
	}
	return people, nil
}
