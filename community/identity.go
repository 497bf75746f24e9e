package community

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// SessionCookie is the name of the one cookie there is.
const SessionCookie = "leerkring_session"

// actorColumns reads an Actor from people p and organisations o.
const actorColumns = `p.id AS person, p.name, coalesce(o.name, '') AS organisation, p.role, p.language, p.time_zone, p.theme`

// Identify returns who sends a request: by a bearer token, else by the session
// cookie. Nobody is a fault of kind Unidentified. It asks the database each
// time, so what has ended opens nothing from that moment.
func (c *Community) Identify(r *http.Request) (Actor, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return Actor{}, fault.New(fault.Unidentified, "fault.unidentified")
		}
		return c.byToken(r.Context(), Credential{Token: hashed(strings.TrimSpace(token))})
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil || cookie.Value == "" {
		return Actor{}, fault.New(fault.Unidentified, "fault.unidentified")
	}
	return c.IdentifySession(r.Context(), cookie.Value)
}

// IdentifySession returns who is signed in with a session's token.
func (c *Community) IdentifySession(ctx context.Context, token string) (Actor, error) {
	return c.bySession(ctx, Credential{Session: hashed(token)})
}

// Again returns the actor of a credential as they are now, or Unidentified when
// it has ended. Sockets ask it while they are open.
func (c *Community) Again(ctx context.Context, credential Credential) (Actor, error) {
	if credential.Token != "" {
		return c.byToken(ctx, credential)
	}
	return c.bySession(ctx, credential)
}

func (c *Community) byToken(ctx context.Context, credential Credential) (Actor, error) {
	var row struct {
		Actor
		TokenScopes string
	}
	err := c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&row, `SELECT `+actorColumns+`, t.scopes AS token_scopes FROM tokens t
			JOIN people p ON p.id = t.person_id LEFT JOIN organisations o ON o.id = p.organisation_id
			WHERE t.token_hash = ? AND t.revoked_at IS NULL AND p.disabled_at IS NULL`, credential.Token)
	})
	scopes, _ := ParseScopes(row.TokenScopes)
	return identified(row.Actor, scopes, credential, err)
}

func (c *Community) bySession(ctx context.Context, credential Credential) (Actor, error) {
	var actor Actor
	err := c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&actor, `SELECT `+actorColumns+`, e.expires_at AS until FROM sessions e
			JOIN people p ON p.id = e.person_id AND p.session_epoch = e.epoch
			LEFT JOIN organisations o ON o.id = p.organisation_id
			WHERE e.token_hash = ? AND e.expires_at > ? AND p.disabled_at IS NULL`, credential.Session, c.clock.Now())
	})
	return identified(actor, allScopes, credential, err)
}

func identified(actor Actor, scopes Scopes, credential Credential, err error) (Actor, error) {
	if err == database.ErrNoRows {
		return Actor{}, fault.New(fault.Unidentified, "fault.unidentified")
	}
	if err != nil {
		return Actor{}, err
	}
	actor.Scopes, actor.Credential = scopes, credential
	return actor, nil
}

// Ended returns which of these credentials open nothing any more.
func (c *Community) Ended(ctx context.Context, credentials []Credential) (map[Credential]bool, error) {
	ended := make(map[Credential]bool, len(credentials))
	var sessions, tokens []string
	for _, credential := range credentials {
		ended[credential] = true
		if credential.Token != "" {
			tokens = append(tokens, credential.Token)
		} else {
			sessions = append(sessions, credential.Session)
		}
	}
	now := c.clock.Now()
	for chunk := range slices.Chunk(sessions, endedChunk) {
		standing, err := c.standing(ctx, `SELECT e.token_hash FROM sessions e
			JOIN people p ON p.id = e.person_id AND p.session_epoch = e.epoch
			WHERE e.token_hash IN (?) AND e.expires_at > ? AND p.disabled_at IS NULL`, chunk, now)
		if err != nil {
			return nil, err
		}
		for _, hash := range standing {
			delete(ended, Credential{Session: hash})
		}
	}
	for chunk := range slices.Chunk(tokens, endedChunk) {
		standing, err := c.standing(ctx, `SELECT t.token_hash FROM tokens t JOIN people p ON p.id = t.person_id
			WHERE t.token_hash IN (?) AND t.revoked_at IS NULL AND p.disabled_at IS NULL`, chunk)
		if err != nil {
			return nil, err
		}
		for _, hash := range standing {
			delete(ended, Credential{Token: hash})
		}
	}
	return ended, nil
}

// endedChunk keeps a statement within the number of parameters both databases take.
const endedChunk = 1000

func (c *Community) standing(ctx context.Context, query string, args ...any) (hashes []string, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error { return tx.Select(&hashes, query, args...) })
	return hashes, err
}
