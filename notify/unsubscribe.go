package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"leerkring/internal/database"
	"leerkring/internal/fault"
)

// The types of mail that can be stopped by a link in them.
const (
	StopDigest   = "digest"
	StopMentions = "mentions"
)

// Unsubscribe stops one type of mail, and that alone, for the person a link was
// made for. Doing it again is no mistake. A link that is not ours is NotFound.
func (n *Notify) Unsubscribe(ctx context.Context, token string) (kind string, err error) {
	person, kind, err := n.openStop(ctx, token)
	if err != nil {
		return "", err
	}
	return kind, n.community.StopMail(ctx, person, kind)
}

// ReadUnsubscribe returns what a link would stop, and for which address. It
// changes nothing.
func (n *Notify) ReadUnsubscribe(ctx context.Context, token string) (kind, mail string, err error) {
	person, kind, err := n.openStop(ctx, token)
	if err != nil {
		return "", "", err
	}
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Get(&mail, `SELECT mail FROM people WHERE id = ?`, person)
	})
	if err == database.ErrNoRows {
		return "", "", linkIsWrong()
	}
	return kind, mail, err
}

// stopAddress is the link that stops one type of mail for a person. It stays
// good: an old mail can still be unsubscribed from.
func (n *Notify) stopAddress(ctx context.Context, person int64, kind string) (string, error) {
	key, err := n.community.Key(ctx, "unsubscribe")
	if err != nil {
		return "", err
	}
	words := kind + "." + strconv.FormatInt(person, 10)
	return n.base + "/afmelden/" + words + "." + signature(key, words), nil
}

func (n *Notify) openStop(ctx context.Context, token string) (person int64, kind string, err error) {
	key, err := n.community.Key(ctx, "unsubscribe")
	if err != nil {
		return 0, "", err
	}
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 || !hmac.Equal([]byte(token[cut+1:]), []byte(signature(key, token[:cut]))) {
		return 0, "", linkIsWrong()
	}
	kind, id, _ := strings.Cut(token[:cut], ".")
	person, err = strconv.ParseInt(id, 10, 64)
	if err != nil || (kind != StopDigest && kind != StopMentions) {
		return 0, "", linkIsWrong()
	}
	return person, kind, nil
}

func signature(key []byte, words string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(words))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func linkIsWrong() error { return fault.New(fault.NotFound, "unsubscribe.link_is_wrong") }
