package hubtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Ledger is what the writers know for themselves: every post they sent, by its
// nonce, and the id it was acknowledged with.
type Ledger struct {
	mu    sync.Mutex
	posts map[string]int64 // 0 while it is not known whether it was kept
	wrong []string
}

// NewLedger returns one without a line.
func NewLedger() *Ledger { return &Ledger{posts: map[string]int64{}} }

// Sent notes that a post was sent, before it is.
func (l *Ledger) Sent(nonce string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.posts[nonce] += 0
}

// Acknowledged notes that a post was kept, under which id.
func (l *Ledger) Acknowledged(nonce string, id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before := l.posts[nonce]; before != 0 && before != id {
		l.wrong = append(l.wrong, fmt.Sprintf("%s was acknowledged as %d and as %d", nonce, before, id))
	}
	l.posts[nonce] = id
}

// Len is how many posts there are in it.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.posts)
}

// Compare holds the ledger against what the database has: the posts of a stream
// in the order of their ids, each with its nonce in its body, as [BodyOf] writes
// it. It returns what does not agree.
func (l *Ledger) Compare(stored []Post) (wrong []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wrong = slices.Clone(l.wrong)
	found := map[string]int64{}
	for _, p := range stored {
		nonce := NonceOf(p.Body)
		if found[nonce] != 0 {
			wrong = append(wrong, fmt.Sprintf("%s is there twice", nonce))
		}
		found[nonce] = p.ID
		if _, sent := l.posts[nonce]; !sent {
			wrong = append(wrong, fmt.Sprintf("nobody sent %q", p.Body))
		}
	}
	for nonce, id := range l.posts {
		switch {
		case id == 0 && found[nonce] == 0: // never acknowledged, and not kept
		case id == 0: // kept; the answer was lost
		case found[nonce] == 0:
			wrong = append(wrong, fmt.Sprintf("%s was acknowledged as %d and is lost", nonce, id))
		case found[nonce] != id:
			wrong = append(wrong, fmt.Sprintf("%s was acknowledged as %d and is there as %d", nonce, id, found[nonce]))
		}
	}
	return wrong
}

// Post is a post as a client has it.
type Post struct {
	ID, Rev int64
	Body    string
	Deleted bool
}

const bodyBegin = "tekst "

// BodyOf is the text under which a post is sent, NonceOf finds the nonce in it;
// more words may follow.
func BodyOf(nonce string) string { return bodyBegin + nonce }

// NonceOf returns the nonce in a body that [BodyOf] made.
func NonceOf(body string) string {
	if len(body) < len(bodyBegin) {
		return ""
	}
	nonce, _, _ := strings.Cut(body[len(bodyBegin):], " ")
	return nonce
}

// difference tells how one list of posts differs from another, shortly.
func difference(have map[int64]Post, want []Post) (wrong []string) {
	have = maps.Clone(have)
	for _, p := range want {
		if got, there := have[p.ID]; !there {
			wrong = append(wrong, fmt.Sprintf("misses post %d (rev %d)", p.ID, p.Rev))
		} else if got != p {
			wrong = append(wrong, fmt.Sprintf("has %+v, not %+v", got, p))
		}
		delete(have, p.ID)
	}
	for id := range have {
		wrong = append(wrong, fmt.Sprintf("has post %d, which does not exist", id))
	}
	return wrong
}
