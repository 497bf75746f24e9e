package community

import (
	"context"
	"time"

	"github.com/alexedwards/scs/v2"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// Session is what a browser keeps: the cookie's value and when it ends.
type Session struct {
	Token   string
	Expires time.Time
}

// SignIn opens a session for a person.
func (c *Community) SignIn(ctx context.Context, person int64) (Session, error) {
	var epoch int64
	if err := c.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Get(&epoch, `SELECT session_epoch FROM people WHERE id = ? AND disabled_at IS NULL`, person)
		if err == database.ErrNoRows {
			return fault.New(fault.Unidentified, "sign_in.not_in_use")
		}
		return err
	}); err != nil {
		return Session{}, err
	}
	manager := c.sessions()
	ctx, err := manager.Load(ctx, "")
	if err != nil {
		return Session{}, err
	}
	manager.Put(ctx, "person", person)
	manager.Put(ctx, "epoch", epoch)
	token, _, err := manager.Commit(ctx)
	return Session{Token: token, Expires: c.clock.Now().Add(limits.SessionLife)}, err
}

// SignOut ends the session that actor came with.
func (c *Community) SignOut(ctx context.Context, actor Actor) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sessions WHERE token_hash = ?`, actor.Credential.Session); err != nil {
			return err
		}
		return c.noteAccess(tx, actor.Person)
	})
	if err == nil {
		c.tell.AccessChanged(actor.Person)
	}
	return err
}

// SignOutEverywhere ends all of actor's sessions, this one included. Tokens
// stay; they are revoked one by one.
func (c *Community) SignOutEverywhere(ctx context.Context, actor Actor) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE people SET session_epoch = session_epoch + 1 WHERE id = ?`, actor.Person); err != nil {
			return err
		}
		return c.noteAccess(tx, actor.Person)
	})
	if err == nil {
		c.tell.AccessChanged(actor.Person)
	}
	return err
}

// sessions is the session library on our store. It makes the tokens and
// encodes what is in a session; who a session belongs to stands in columns of
// its own, so that [Community.Identify] is one query.
func (c *Community) sessions() *scs.SessionManager {
	// Not scs.New: with each manager it starts a goroutine that never ends, to
	// sweep a store we do not use.
	return &scs.SessionManager{Store: sessionStore{c}, Lifetime: limits.SessionLife, Codec: scs.GobCodec{}}
}

// sessionStore implements scs.CtxStore. Tokens are kept as hashes, moments come
// from the clock.
type sessionStore struct{ *Community }

func (s sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&data, `SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ?`, hashed(token), s.clock.Now())
	})
	if err == database.ErrNoRows {
		return nil, false, nil
	}
	return data, err == nil, err
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, _ time.Time) error {
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO sessions (token_hash, person_id, epoch, data, expires_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, person_id = excluded.person_id, epoch = excluded.epoch`,
			hashed(token), values["person"], values["epoch"], data, s.clock.Now().Add(limits.SessionLife))
		return err
	})
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM sessions WHERE token_hash = ?`, hashed(token))
		return err
	})
}

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

func (s sessionStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// Sweep deletes what is over: sessions, sign-in links, the journal of access.
func (c *Community) Sweep(ctx context.Context) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		now := c.clock.Now()
		if _, err := tx.Exec(`DELETE FROM sessions WHERE expires_at < ?`, now); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM sign_in_links WHERE expires_at < ?`, now.Add(-24*time.Hour)); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM access_changes WHERE changed_at < ?`, now.Add(-time.Hour))
		return err
	})
}
