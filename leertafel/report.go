package leertafel

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/fault"
	"leerkring/internal/locale"
)

// ReportState is how far a report is on its way out of the room.
type ReportState string

const (
	NoReport ReportState = ""
	// Draft: facilitators write it.
	Draft ReportState = "draft"
	// Shown: whoever was there reads it.
	Shown ReportState = "shown"
	// Proposed: its text stands, and those it takes are asked.
	Proposed ReportState = "proposed"
	// Published: all agreed, and it is an article.
	Published ReportState = "published"
)

// Report is what leaves the room beside lessons.
type Report struct {
	State ReportState
	// Body is Markdown; empty when the reader may not see it yet.
	Body      string
	Consents  []Consent
	ArticleID *int64
}

// Consent is what somebody said whose agreement the report takes: the owner of
// the case, or the writer of a card that is quoted.
type Consent struct {
	Person community.PersonCard
	// Answer is yes, no, or "" while they have not said.
	Answer     string
	AnsweredAt *time.Time
}

// draftReport draws a first report from the session: its lessons, and the names
// of the stacks. No card and nothing of the case is in it.
func (l *Leertafel) draftReport(tx *database.Tx, at place, done *changes) error {
	texts := locale.For(at.actor.Language)
	lessons, err := loadLessons(tx, `n.stream_id = ? ORDER BY n.id`, at.row.StreamID)
	if err != nil {
		return err
	}
	rows, err := loadCards(tx, `c.stream_id = ? AND c.rev > 0 AND c.deleted_at IS NULL`, at.row.StreamID)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", texts.T("report.lessons"))
	for _, n := range lessons {
		owner := ""
		if n.Owner != nil {
			owner = n.Owner.Name
		}
		fmt.Fprintf(&b, "- **%s.** %s *(%s, %s)*\n", n.Theme, strings.ReplaceAll(n.Text, "\n", " "), owner, texts.Date(n.DueAt))
	}
	if len(lessons) == 0 {
		fmt.Fprintf(&b, "%s\n", texts.T("report.no_lessons"))
	}
	stacks := stacksOf(at.row.Script, cardsOf(rows))
	if len(stacks) > 0 {
		fmt.Fprintf(&b, "\n## %s\n\n", texts.T("report.stacks"))
		for _, c := range stacks {
			fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(c.Text, "\n", " "))
		}
	}
	_, err = tx.Exec(`UPDATE tables SET report = ?, report_state = ? WHERE stream_id = ?`, b.String(), Draft, at.row.StreamID)
	return err
}

// stacksOf are the names of stacks with something on them, by their dots.
func stacksOf(script Script, cards []Card) (stacks []Card) {
	full := map[int64]bool{}
	for _, c := range cards {
		if c.Under != nil {
			full[*c.Under] = true
		}
	}
	for _, c := range cards {
		if full[c.ID] && script.workOf(c) == Cluster {
			stacks = append(stacks, c)
		}
	}
	slices.SortFunc(stacks, ByVotes)
	return stacks
}

// Report returns the report of a table, and how far it is. Before it is shown
// only facilitators read it.
func (l *Leertafel) Report(ctx context.Context, actor community.Actor, stream int64) (r Report, err error) {
	err = l.db.Read(ctx, func(tx *database.Tx) error {
		at, err := sit(tx, actor, see, stream, ``)
		if err != nil {
			return err
		}
		r, err = reportOf(tx, at)
		return err
	})
	return r, err
}

func reportOf(tx *database.Tx, at place) (Report, error) {
	row, err := loadRow(tx, at.row.StreamID, ``)
	if err != nil {
		return Report{}, err
	}
	r := Report{State: row.ReportState, ArticleID: row.ArticleID}
	if r.State != Draft || at.is(Facilitator) {
		r.Body = row.Report
	}
	var rows []struct {
		PersonID           int64
		Name, Organisation string
		Answer             string
		AnsweredAt         *time.Time
	}
	if err := tx.Select(&rows, `SELECT c.person_id, p.name, coalesce(o.name, '') AS organisation, c.answer, c.answered_at
		FROM consents c JOIN people p ON p.id = c.person_id LEFT JOIN organisations o ON o.id = p.organisation_id
		WHERE c.stream_id = ? ORDER BY p.folded, p.id`, at.row.StreamID); err != nil {
		return r, err
	}
	for _, c := range rows {
		r.Consents = append(r.Consents, Consent{Person: community.PersonCard{ID: c.PersonID, Name: c.Name, Organisation: c.Organisation},
			Answer: c.Answer, AnsweredAt: c.AnsweredAt})
	}
	return r, nil
}

// ReportInput is a report on its way out.
type ReportInput struct {
	Body string `json:"body" validate:"notblank,max=20000"`
	// Keep is why it keeps what may lead to a person.
	Keep string `json:"keep" validate:"max=200"`
	// State is how far it is to go: draft, shown or proposed.
	State ReportState `json:"state" validate:"required,oneof=draft shown proposed"`
	// Quotes are cards whose text is put at the end of a proposed report; their
	// writers are asked.
	Quotes []int64 `json:"quotes" validate:"max=20"`
}

// WriteReport saves the report. Once it was shown it stays shown. Proposing it
// asks the owner of the case and the writers of what is quoted; a later change
// of a proposed report takes their answers back.
func (l *Leertafel) WriteReport(ctx context.Context, actor community.Actor, stream int64, in ReportInput) (r Report, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if err := fault.Check(in); err != nil {
			return err
		}
		switch {
		case at.row.ReportState == NoReport:
			return fault.New(fault.Conflict, "report.too_early")
		case at.row.ReportState == Published:
			return fault.New(fault.Conflict, "report.is_published")
		case in.State == Draft && at.row.ReportState != Draft:
			return fault.New(fault.Conflict, "report.was_shown")
		case in.State != Proposed && len(in.Quotes) > 0:
			return fault.InvalidField("quotes", "not_here")
		}
		if _, err := guarded(tx, at, "body", in.Body, in.Keep); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM consents WHERE stream_id = ?`, stream); err != nil {
			return err
		}
		body := in.Body
		if in.State == Proposed {
			if body, err = askConsents(tx, at, in); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE tables SET report = ?, report_state = ? WHERE stream_id = ?`, body, in.State, stream); err != nil {
			return err
		}
		if err := l.touch(tx, at.row, done); err != nil {
			return err
		}
		r, err = reportOf(tx, at)
		return err
	})
	return r, err
}

// askConsents puts the quotes under the report and notes whom it takes.
func askConsents(tx *database.Tx, at place, in ReportInput) (body string, err error) {
	ask := map[int64]bool{at.row.OwnerID: true}
	body = in.Body
	rows, err := loadCards(tx, `c.stream_id = ? AND c.rev > 0 AND c.deleted_at IS NULL AND c.id IN (?)`, at.row.StreamID, in.Quotes)
	if err != nil {
		return "", err
	}
	if len(rows) != len(in.Quotes) {
		return "", fault.InvalidField("quotes", "not_there")
	}
	for _, r := range rows {
		if r.AuthorID == nil { // there is nobody to ask
			return "", fault.InvalidField("quotes", "nobody_to_ask")
		}
		ask[*r.AuthorID] = true
		quote := "\n\n> " + strings.ReplaceAll(r.Text, "\n", "\n> ")
		if !strings.Contains(body, strings.TrimSpace(quote)) {
			body += quote
		}
	}
	for person := range ask {
		if person == 0 {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO consents (stream_id, person_id) VALUES (?, ?)`, at.row.StreamID, person); err != nil {
			return "", err
		}
	}
	return body, nil
}

// Agree says whether actor agrees that the report is published. It can be taken
// back until it is.
func (l *Leertafel) Agree(ctx context.Context, actor community.Actor, stream int64, yes bool) (r Report, err error) {
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, answer, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if at.row.ReportState != Proposed {
			return fault.New(fault.Conflict, "report.asks_nobody")
		}
		said := "no"
		if yes {
			said = "yes"
		}
		n, err := tx.Exec(`UPDATE consents SET answer = ?, answered_at = ? WHERE stream_id = ? AND person_id = ?`, said, l.clock.Now(), stream, actor.Person)
		if err != nil || n == 0 {
			return either(err, fault.New(fault.Conflict, "report.asks_others"))
		}
		if err := l.touch(tx, at.row, done); err != nil {
			return err
		}
		r, err = reportOf(tx, at)
		return err
	})
	return r, err
}

// Publish makes an article of the report in the space the table stands in, when
// everybody who was asked agreed.
func (l *Leertafel) Publish(ctx context.Context, actor community.Actor, stream int64) (r Report, err error) {
	var into int64
	var article forum.NewStream
	if err := l.db.Read(ctx, func(tx *database.Tx) error {
		at, err := sit(tx, actor, lead, stream, ``)
		if err != nil {
			return err
		}
		r, err = reportOf(tx, at)
		if err != nil {
			return err
		}
		if at.space.ParentID == nil {
			return fault.New(fault.Conflict, "report.nowhere_to_go")
		}
		into = *at.space.ParentID
		// The same nonce: pressed twice, it is one article.
		article = forum.NewStream{Kind: forum.Article, Title: at.row.Title, Body: r.Body, Nonce: "leertafel " + strconv.FormatInt(stream, 10)}
		return agreed(r)
	}); err != nil || r.State == Published {
		return r, err
	}
	made, err := l.forum.Start(ctx, actor, into, article)
	if err != nil {
		return r, err
	}
	err = l.change(ctx, func(tx *database.Tx, done *changes) error {
		at, err := sit(tx, actor, lead, stream, forUpdate(tx))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE tables SET report_state = ?, article_id = ? WHERE stream_id = ?`, Published, made.ID, stream); err != nil {
			return err
		}
		if err := l.touch(tx, at.row, done); err != nil {
			return err
		}
		r, err = reportOf(tx, at)
		return err
	})
	return r, err
}

func agreed(r Report) error {
	if r.State == Published {
		return nil
	}
	if r.State != Proposed {
		return fault.New(fault.Conflict, "report.asks_nobody")
	}
	for _, c := range r.Consents {
		if c.Answer != "yes" {
			return fault.New(fault.Conflict, "report.not_all_agree")
		}
	}
	return nil
}
