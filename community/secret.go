package community

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"leerkring/internal/database"
)

// newSecret returns 128 random bits as a word that fits in an address.
func newSecret() string {
	bits := make([]byte, 16)
	rand.Read(bits) // does not fail (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(bits)
}

// hashed is the form in which a secret is kept. A secret of 128 random bits
// needs no salt and no slow hash.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Key returns 32 bytes that all nodes share and that are made at first use: to
// sign what goes out in a mail and comes back.
func (c *Community) Key(ctx context.Context, name string) (key []byte, err error) {
	get := func(tx *database.Tx) error { return tx.Get(&key, `SELECT value FROM secrets WHERE name = ?`, name) }
	if err := c.db.Read(ctx, get); err != database.ErrNoRows {
		return key, err
	}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		fresh := make([]byte, 32)
		rand.Read(fresh)
		if _, err := tx.Exec(`INSERT INTO secrets (name, value, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`,
			name, fresh, c.clock.Now()); err != nil {
			return err
		}
		return get(tx)
	})
	return key, err
}
