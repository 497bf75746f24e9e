package leertafel

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
	"leerkring/internal/richtext"
)

// Card is what somebody laid on the table. What goes to everyone holds no more
// than everyone may know.
type Card struct {
	ID       int64
	StreamID int64
	// Phase is the one it was written in, counted from 0.
	Phase int
	// Rev is the stream's rev at its last change, CreatedRev when it came to lie
	// open. Both are 0 while it lies face down.
	Rev        int64
	CreatedRev int64
	// Author is who wrote it, where everyone may know that.
	Author *community.PersonCard
	Text   string
	// Moment is when a fact took place, in the words of who wrote it.
	Moment string
	// Kept is why it keeps what may lead to a person; "" when it does not.
	Kept string
	// Rating from 1 to 5 goes with a check-out.
	Rating *int
	// Under is the card it lies under: the name of a stack, or the first of it.
	Under *int64
	// Votes is how many dots it got; nil until they are counted.
	Votes     *int
	CreatedAt time.Time
	Deleted   bool
}

// FaceDown reports whether only its writer sees it.
func (c Card) FaceDown() bool { return c.Rev == 0 }

type cardRow struct {
	Card               `db:"card"`
	AuthorID           *int64
	Name, Organisation string
	Key                string
	Dots               int
}

const cardColumns = `c.id AS "card.id", c.stream_id AS "card.stream_id", c.phase AS "card.phase", c.rev AS "card.rev",
	c.created_rev AS "card.created_rev", c.text AS "card.text", c.moment AS "card.moment", c.kept AS "card.kept", c.rating AS "card.rating",
	c.under_id AS "card.under", c.votes AS "card.votes", c.created_at AS "card.created_at", c.deleted_at IS NOT NULL AS "card.deleted",
	c.author_id, coalesce(p.name, '') AS name, coalesce(o.name, '') AS organisation, c.key, c.dots`

// loadCards reads cards with what is not for everyone.
func loadCards(tx *database.Tx, condition string, args ...any) (rows []cardRow, err error) {
	err = tx.Select(&rows, `SELECT `+cardColumns+` FROM cards c LEFT JOIN people p ON p.id = c.author_id
		LEFT JOIN organisations o ON o.id = p.organisation_id WHERE `+condition, args...)
	return rows, err
}

// forAll is the card as everyone at the table may know it.
func (r cardRow) forAll(mode Mode) Card {
	c := r.Card
	if mode == Named && r.AuthorID != nil && !c.Deleted {
		c.Author = &community.PersonCard{ID: *r.AuthorID, Name: r.Name, Organisation: r.Organisation}
	}
	return c
}

// isOf reports whether somebody may say that the card is theirs: who is kept as
// its author, or who has the nonce it came with.
func (r cardRow) isOf(actor community.Actor, nonce string) bool {
	if r.AuthorID != nil {
		return *r.AuthorID == actor.Person
	}
	return nonce != "" && r.Key == keyOf(nonce)
}

// keyOf is the form in which a nonce is kept.
func keyOf(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(sum[:])
}

// newID returns a random id: of what lies face down, nothing may be counted.
func newID() int64 {
	var b [8]byte
	rand.Read(b[:]) // it never fails
	return int64(binary.BigEndian.Uint64(b[:])>>11) | 1
}

// CardInput is what a card is made from.
type CardInput struct {
	Stream int64 `json:"stream"`
	// Phase, when given, is the one it is written for: when that is over, the
	// card is refused and stays with its writer.
	Phase *int   `json:"phase" validate:"omitnil,min=0"`
	Text  string `json:"text" validate:"notblank,max=500"`
	// Moment goes with a fact.
	Moment string `json:"moment" validate:"max=60"`
	// Rating goes with a check-out.
	Rating *int `json:"rating" validate:"omitnil,min=1,max=5"`
	// Keep is why the text keeps what may lead to a person.
	Keep string `json:"keep" validate:"max=200"`
	// Nonce makes a repeat the same card; who has it may change the card.
	Nonce string `json:"nonce" validate:"required,max=200"`
}

// AddCard lays a card on the table: open, or face down where the phase says so.
// A repeat with the same nonce returns the card as it is now.
func (l *Leertafel) AddCard(ctx context.Context, actor community.Actor, in CardInput) (card Card, err error) {
	in.Text, in.Moment = tidyText(in.Text), richtext.Line(in.Moment)
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, arrange, in.Stream, forShare(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		earlier, err := loadCards(tx, `c.stream_id = ? AND c.key = ?`, in.Stream, keyOf(in.Nonce))
		if err != nil {
			return err
		}
		if len(earlier) == 1 {
			if !earlier[0].isOf(actor, in.Nonce) {
				return fault.New(fault.Conflict, "card.nonce_is_used")
			}
			card = earlier[0].forAll(at.row.Mode)
			return nil
		}
		phase, work, err := at.takesCard(in)
		if err != nil {
			return err
		}
		kept, err := guarded(tx, at, "text", in.Text+"\n"+in.Moment, in.Keep)
		if err != nil {
			return err
		}
		if err := at.enoughFor(tx); err != nil {
			return err
		}
		if work == CheckOut {
			if n, err := tx.Exec(`UPDATE seats SET checked_out = true WHERE stream_id = ? AND person_id = ? AND checked_out = false`,
				in.Stream, actor.Person); err != nil || n == 0 {
				return either(err, fault.New(fault.Conflict, "card.checked_out"))
			}
		}
		row := cardRow{Card: Card{StreamID: in.Stream, Phase: phase, Text: in.Text, Moment: in.Moment, Kept: kept, Rating: in.Rating,
			CreatedAt: l.clock.Now()}, Key: keyOf(in.Nonce), AuthorID: &actor.Person, Name: actor.Name, Organisation: actor.Organisation}
		if at.row.State == Preparing {
			row.AuthorID = nil // it belongs to the case
		} else if at.row.Mode == Unlinkable {
			row.AuthorID, row.CreatedAt = nil, *at.row.PhaseAt
		}
		if !work.faceDown() {
			if row.Rev, err = forum.NextRev(tx, in.Stream); err != nil {
				return err
			}
			row.CreatedRev = row.Rev
		}
		if err := insertCard(tx, &row); err != nil {
			return err
		}
		card = row.forAll(at.row.Mode)
		if !work.faceDown() {
			done.cards(in.Stream, card.Rev, card)
		}
		return nil
	})
	return card, err
}

// tidyText cleans the text of a card: paragraphs stay.
func tidyText(s string) string { return strings.TrimSpace(richtext.Normalize(s)) }

// takesCard says in which phase a card is written now, or why none is taken.
func (p place) takesCard(in CardInput) (phase int, work Work, err error) {
	switch p.row.State {
	case Preparing: // facts that lie ready
		if !p.seat.acts().may(prepare) {
			return 0, "", notRunning()
		}
		phase, ok := p.row.Script.first(Facts)
		if !ok {
			return 0, "", fault.New(fault.Conflict, "card.no_timeline")
		}
		return phase, Facts, nil
	case Running:
	default:
		return 0, "", isClosed()
	}
	phase, work = p.row.Phase, p.phase().Work
	switch {
	case in.Phase != nil && *in.Phase != phase:
		return 0, "", fault.New(fault.Conflict, "card.phase_is_over")
	case !work.takesCards():
		return 0, "", fault.New(fault.Conflict, "card.not_now")
	case work.faceDown() && !p.seat.acts().may(speak):
		return 0, "", fault.Refused()
	case !work.faceDown() && p.row.Mode == Unlinkable && !p.is(Facilitator):
		// What lies open at once would show who just wrote.
		return 0, "", fault.New(fault.Forbidden, "card.facilitator_writes")
	case work == CheckOut && in.Rating == nil:
		return 0, "", fault.InvalidField("rating", "required")
	case work == CheckOut && len([]rune(in.Text)) > checkOutText:
		return 0, "", fault.InvalidField("text", "too_long", "Max", checkOutText)
	case work != CheckOut && in.Rating != nil:
		return 0, "", fault.InvalidField("rating", "not_here")
	}
	return phase, work, nil
}

// checkOutText is how long the word of a check-out may be.
const checkOutText = 60

// enoughFor makes sure that there is room for a card, and, where cards are to
// be nobody's, that enough people could have written it.
func (p place) enoughFor(tx *database.Tx) error {
	var n int
	if err := tx.Get(&n, `SELECT count(*) FROM cards WHERE stream_id = ?`, p.row.StreamID); err != nil {
		return err
	}
	if n >= limits.TableCards {
		return fault.New(fault.Conflict, "card.table_is_full", "Max", limits.TableCards)
	}
	if p.row.Mode != Unlinkable || p.row.State != Running || p.is(Facilitator) {
		return nil
	}
	seats, err := loadSeats(tx, p.row.StreamID, all)
	if err == nil && countRoles(seats, Owner, Participant) < MinimumUnlinkable {
		return tooFew()
	}
	return err
}

// insertCard writes a card, a new one under a random id.
func insertCard(tx *database.Tx, row *cardRow) error {
	for fresh := row.ID == 0; ; {
		if fresh {
			row.ID = newID()
		}
		n, err := tx.Exec(`INSERT INTO cards (id, stream_id, phase, rev, created_rev, author_id, key, text, moment, kept, rating, dots, votes, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
			row.ID, row.StreamID, row.Phase, row.Rev, row.CreatedRev, row.AuthorID, row.Key, row.Text, row.Moment, row.Kept, row.Rating,
			row.Dots, row.Votes, row.CreatedAt)
		if err != nil || n == 1 || !fresh {
			return err
		}
	}
}

// CardChange is a new text for a card.
type CardChange struct {
	Text   string  `json:"text" validate:"notblank,max=500"`
	Moment *string `json:"moment" validate:"omitnil,max=60"`
	Rating *int    `json:"rating" validate:"omitnil,min=1,max=5"`
	Keep   string  `json:"keep" validate:"max=200"`
	// Nonce is the one the card came with. It is needed where no author is kept.
	Nonce string `json:"nonce" validate:"max=200"`
}

// ChangeCard gives a card of actor's own another text, while its phase lasts.
func (l *Leertafel) ChangeCard(ctx context.Context, actor community.Actor, id int64, in CardChange) (card Card, err error) {
	in.Text = tidyText(in.Text)
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, row, err := sitByCard(tx, actor, arrange, id, in.Nonce)
		if err != nil {
			return err
		}
		if !at.owns(row, in.Nonce) {
			return fault.Refused()
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		if err := at.stillOpen(row); err != nil {
			return err
		}
		changed := row
		changed.Text = in.Text
		if in.Moment != nil {
			changed.Moment = richtext.Line(*in.Moment)
		}
		if in.Rating != nil {
			if row.Rating == nil {
				return fault.InvalidField("rating", "not_here")
			}
			changed.Rating = in.Rating
		}
		if row.Rating != nil && len([]rune(in.Text)) > checkOutText {
			return fault.InvalidField("text", "too_long", "Max", checkOutText)
		}
		if changed.Kept, err = guarded(tx, at, "text", changed.Text+"\n"+changed.Moment, in.Keep); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE cards SET text = ?, moment = ?, rating = ?, kept = ? WHERE id = ?`,
			changed.Text, changed.Moment, changed.Rating, changed.Kept, id); err != nil {
			return err
		}
		card, err = touchCard(tx, at, changed, done)
		return err
	})
	return card, err
}

// RemoveCard takes a card away: one's own while its phase lasts, or, by a
// facilitator, any that lies open. A card that lay face down leaves no trace.
func (l *Leertafel) RemoveCard(ctx context.Context, actor community.Actor, id int64, nonce string) error {
	return l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, row, err := sitByCard(tx, actor, arrange, id, nonce)
		if err != nil {
			return err
		}
		moderates := at.is(Facilitator) && !row.FaceDown()
		if !moderates {
			if !at.owns(row, nonce) {
				return fault.Refused()
			}
			if err := at.stillOpen(row); err != nil {
				return err
			}
		}
		if at.row.State == Erased {
			return isClosed()
		}
		if row.Deleted {
			return nil
		}
		if row.FaceDown() {
			if row.Rating != nil { // they may check out anew
				if _, err := tx.Exec(`UPDATE seats SET checked_out = false WHERE stream_id = ? AND person_id = ?`, row.StreamID, actor.Person); err != nil {
					return err
				}
			}
			_, err := tx.Exec(`DELETE FROM cards WHERE id = ?`, id)
			return err
		}
		rev, err := forum.NextRev(tx, row.StreamID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE cards SET rev = ?, text = '', moment = '', kept = '', rating = NULL, author_id = NULL, under_id = NULL,
			dots = 0, votes = NULL, deleted_at = ? WHERE id = ?`, rev, l.clock.Now(), id); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE cards SET rev = ?, under_id = NULL WHERE stream_id = ? AND under_id = ?`, rev, row.StreamID, id); err != nil {
			return err
		}
		return noteCards(tx, at.row, rev, done)
	})
}

// PlaceCard puts a card under another, on its stack, or with under 0 beside
// them all.
func (l *Leertafel) PlaceCard(ctx context.Context, actor community.Actor, id, under int64) (card Card, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, row, err := sitByCard(tx, actor, arrange, id, "")
		if err != nil {
			return err
		}
		if at.row.State != Running {
			return notRunning()
		}
		if at.phase().Work != Cluster {
			return fault.New(fault.Conflict, "card.not_now")
		}
		if row.FaceDown() || row.Deleted {
			return fault.New(fault.Conflict, "card.cannot_lie_there")
		}
		if under == 0 && row.Under == nil || row.Under != nil && *row.Under == under {
			card = row.forAll(at.row.Mode)
			return nil
		}
		var to *int64
		if under != 0 {
			if err := canLieUnder(tx, row, under); err != nil {
				return err
			}
			to = &under
		}
		if _, err := tx.Exec(`UPDATE cards SET under_id = ? WHERE id = ?`, to, id); err != nil {
			return err
		}
		row.Under = to
		card, err = touchCard(tx, at, row, done)
		return err
	})
	return card, err
}

// canLieUnder keeps stacks one level deep: what lies under a card has nothing
// under itself.
func canLieUnder(tx *database.Tx, row cardRow, under int64) error {
	ok, err := tx.Exists(`SELECT 1 FROM cards c WHERE c.id = ? AND c.stream_id = ? AND c.id <> ? AND c.rev > 0 AND c.deleted_at IS NULL
		AND c.under_id IS NULL AND c.rating IS NULL AND NOT EXISTS (SELECT 1 FROM cards x WHERE x.under_id = ?)`,
		under, row.StreamID, row.ID, row.ID)
	if err == nil && !ok {
		return fault.New(fault.Conflict, "card.cannot_lie_there")
	}
	return err
}

// sitByCard is the only way to a card: by the table it lies on. One that lies
// face down is there for its writer alone.
func sitByCard(tx *database.Tx, actor community.Actor, a act, id int64, nonce string) (place, cardRow, error) {
	var stream int64
	err := tx.Get(&stream, `SELECT stream_id FROM cards WHERE id = ?`, id)
	if err == database.ErrNoRows {
		return place{}, cardRow{}, fault.Missing()
	}
	if err != nil {
		return place{}, cardRow{}, err
	}
	at, err := sit(tx, actor, a, stream, forUpdate(tx))
	if err != nil {
		return at, cardRow{}, err
	}
	rows, err := loadCards(tx, `c.id = ?`, id)
	if err == nil && (len(rows) == 0 || rows[0].FaceDown() && !rows[0].isOf(actor, nonce)) {
		err = fault.Missing()
	}
	if err != nil {
		return at, cardRow{}, err
	}
	return at, rows[0], nil
}

// owns: the card is actor's own, or, while the case is prepared, one of those
// who prepare it.
func (p place) owns(row cardRow, nonce string) bool {
	return row.isOf(p.actor, nonce) || p.row.State == Preparing && p.seat.acts().may(prepare)
}

// stillOpen: the phase a card belongs to lasts.
func (p place) stillOpen(row cardRow) error {
	switch {
	case row.Deleted:
		return fault.New(fault.Conflict, "card.is_gone")
	case p.row.State == Preparing, p.row.State == Running && p.row.Phase == row.Phase:
		return nil
	}
	return fault.New(fault.Conflict, "card.phase_is_over")
}

// touchCard gives a card that lies open the stream's next rev, and notes it.
func touchCard(tx *database.Tx, at place, row cardRow, done *changes) (Card, error) {
	if row.FaceDown() {
		return row.forAll(at.row.Mode), nil
	}
	rev, err := forum.NextRev(tx, row.StreamID)
	if err != nil {
		return Card{}, err
	}
	if _, err := tx.Exec(`UPDATE cards SET rev = ? WHERE id = ?`, rev, row.ID); err != nil {
		return Card{}, err
	}
	row.Rev = rev
	card := row.forAll(at.row.Mode)
	done.cards(row.StreamID, rev, card)
	return card, nil
}

// noteCards notes all cards that got this rev, as one change.
func noteCards(tx *database.Tx, row tableRow, rev int64, done *changes) error {
	rows, err := loadCards(tx, `c.stream_id = ? AND c.rev = ? ORDER BY c.id`, row.StreamID, rev)
	if err != nil {
		return err
	}
	cards := make([]Card, len(rows))
	for i, r := range rows {
		cards[i] = r.forAll(row.Mode)
	}
	done.cards(row.StreamID, rev, cards...)
	return nil
}

// Author tells a facilitator who wrote a card, where that is kept for them.
func (l *Leertafel) Author(ctx context.Context, actor community.Actor, id int64) (author *community.PersonCard, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := loadCards(tx, `c.id = ?`, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].FaceDown() {
			return fault.Missing()
		}
		at, err := sit(tx, actor, see, rows[0].StreamID, ``)
		if err != nil {
			return err
		}
		if !at.is(Facilitator) && at.row.Mode != Named {
			return fault.Refused()
		}
		if id := rows[0].AuthorID; id != nil {
			author = &community.PersonCard{ID: *id, Name: rows[0].Name, Organisation: rows[0].Organisation}
		}
		return nil
	})
	return author, err
}

// either returns the first error.
func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
