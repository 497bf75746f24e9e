package community

import (
	"context"
	"time"

	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Token is a personal access token, as its owner sees it afterwards.
type Token struct {
	ID        int64
	Name      string
	Scopes    string
	CreatedAt time.Time
}

// tokenPrefix makes a token recognisable where it should not be: in a log, in
// a repository.
const tokenPrefix = "lk_"

// CreateToken makes a token for a person and returns it, this once.
func (c *Community) CreateToken(ctx context.Context, person int64, name string, scopes Scopes) (token string, err error) {
	name = richtext.Line(name)
	if name == "" {
		return "", fault.InvalidField("name", "required")
	}
	if len([]rune(name)) > limits.Line {
		return "", fault.InvalidField("name", "too_long", "Max", limits.Line)
	}
	if scopes == 0 {
		return "", fault.InvalidField("scopes", "required")
	}
	token = tokenPrefix + newSecret()
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		var n int
		if err := tx.Get(&n, `SELECT count(*) FROM tokens WHERE person_id = ? AND revoked_at IS NULL`, person); err != nil {
			return err
		}
		if n >= limits.Tokens {
			return fault.New(fault.Conflict, "token.too_many", "Max", limits.Tokens)
		}
		_, err := tx.Exec(`INSERT INTO tokens (person_id, name, token_hash, scopes, created_at) VALUES (?, ?, ?, ?, ?)`,
			person, name, hashed(token), scopes.String(), c.clock.Now())
		return err
	})
	return token, err
}

// MyTokens lists actor's tokens that work, the newest first.
func (c *Community) MyTokens(ctx context.Context, actor Actor) (tokens []Token, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Select(&tokens, `SELECT id, name, scopes, created_at FROM tokens
			WHERE person_id = ? AND revoked_at IS NULL ORDER BY id DESC`, actor.Person)
	})
	return tokens, err
}

// RevokeMyToken ends one of actor's tokens.
func (c *Community) RevokeMyToken(ctx context.Context, actor Actor, id int64) error {
	_, err := c.revoke(ctx, `person_id = ? AND id = ?`, actor.Person, id)
	return err
}

// RevokeTokens ends all tokens of a person and returns how many.
func (c *Community) RevokeTokens(ctx context.Context, person int64) (int, error) {
	return c.revoke(ctx, `person_id = ?`, person)
}

// RevokeToken ends the token itself.
func (c *Community) RevokeToken(ctx context.Context, token string) error {
	n, err := c.revoke(ctx, `token_hash = ?`, hashed(token))
	if err == nil && n == 0 {
		return fault.Missing()
	}
	return err
}

func (c *Community) revoke(ctx context.Context, which string, args ...any) (int, error) {
	var owners []int64
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		owners = nil
		if err := tx.Select(&owners, `UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND `+which+` RETURNING person_id`,
			append([]any{c.clock.Now()}, args...)...); err != nil || len(owners) == 0 {
			return err
		}
		return c.noteAccess(tx, owners[0])
	})
	if err != nil {
		return 0, err
	}
	if len(owners) > 0 {
		c.tell.AccessChanged(owners[0])
	}
	return len(owners), nil
}
