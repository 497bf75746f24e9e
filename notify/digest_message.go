package notify

import (
	"bytes"
	"context"
	"strings"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/locale"
	"leerkring/internal/richtext"
)

// digestView is a digest in words: what the plain text (digest_text.go) and the
// HTML (digest.templ) both show.
type digestView struct {
	Language string
	Subject  string
	// Preheader is what a list of mails shows beside the subject.
	Preheader string
	Title     string
	Day       string
	Hello     string
	Sections  []digestSection
	Others    string // spaces that did not fit
	Home      link
	Why       string
	Settings  link
	Stop      link
}

type digestSection struct {
	Title string
	// IsForYou marks what is to the reader.
	IsForYou bool
	Items    []digestItem
	More     *link
}

type digestItem struct {
	Title  link
	Where  string // space, time, number
	Quotes []string
}

// digestMessage writes a digest as a mail.
func (n *Notify) digestMessage(ctx context.Context, d digest, messageID string) (Message, error) {
	stop, err := n.stopAddress(ctx, d.Reader.ID, StopDigest)
	if err != nil {
		return Message{}, err
	}
	view := n.digestView(d, stop)
	var html bytes.Buffer
	if err := digestPage(view).Render(ctx, &html); err != nil {
		return Message{}, err
	}
	return Message{
		ID: messageID, To: d.Reader.address(), Subject: view.Subject, Text: view.text(), HTML: html.String(), Date: d.Now,
		Language: view.Language, Unsubscribe: stop, List: view.Title + " <digest." + n.host + ">",
	}, nil
}

func (n *Notify) digestView(d digest, stop string) digestView {
	w := digestWriter{n: n, d: d, p: d.Reader.printer()}
	today := d.Reader.local(d.Now)
	view := digestView{
		Language: w.p.Language, Title: w.title(), Day: w.p.Day(today, today), Subject: w.subject(),
		Hello:    w.p.T("mail.digest.hello", "Name", d.Reader.Name),
		Home:     link{w.p.T("mail.digest.home"), n.base + "/"},
		Why:      w.why(),
		Settings: link{w.p.T("mail.digest.settings"), n.base + "/instellingen"},
		Stop:     link{w.p.T("mail.digest.stop"), stop},
	}
	if len(d.ForYou) > 0 {
		view.Sections = append(view.Sections, w.forYou())
	}
	if len(d.Questions) > 0 {
		view.Sections = append(view.Sections, w.questions())
	}
	for _, space := range d.Spaces {
		view.Sections = append(view.Sections, w.space(space))
	}
	view.Others = w.others()
	view.Preheader = view.Sections[0].Items[0].Title.Label
	return view
}

// digestWriter puts one digest in the words of its reader.
type digestWriter struct {
	n *Notify
	d digest
	p *locale.Printer
}

func (w digestWriter) title() string {
	switch w.d.Reader.Digest {
	case community.DigestDaily:
		return w.p.T("mail.digest.daily")
	case community.DigestWeekly:
		return w.p.T("mail.digest.weekly")
	}
	return w.p.T("mail.digest.any")
}

// subject tells how much there is of what, and names nothing: it is read on
// screens that others see.
func (w digestWriter) subject() string {
	var parts []string
	for _, part := range []struct {
		key string
		n   int
	}{
		{"mail.digest.count_for_you", len(w.d.ForYou) + w.d.ForYouMore},
		{"mail.digest.count_questions", len(w.d.Questions) + w.d.QuestionsMore},
		{"mail.digest.count_posts", w.d.Posts},
	} {
		if part.n > 0 {
			parts = append(parts, w.p.N(part.key, part.n))
		}
	}
	return w.title() + ": " + strings.Join(parts, ", ")
}

func (w digestWriter) why() string {
	hour := w.p.Clock(time.Date(2000, 1, 1, w.d.Reader.Hour, 0, 0, 0, time.UTC))
	switch w.d.Reader.Digest {
	case community.DigestDaily:
		return w.p.T("mail.digest.why_daily", "Hour", hour)
	case community.DigestWeekly:
		return w.p.T("mail.digest.why_weekly", "Day", w.p.Weekday(time.Weekday(w.d.Reader.Weekday%7)), "Hour", hour)
	}
	return ""
}

func (w digestWriter) forYou() digestSection {
	section := digestSection{Title: w.p.T("mail.digest.for_you"), IsForYou: true}
	for _, post := range w.d.ForYou {
		section.Items = append(section.Items, digestItem{
			Title:  link{w.toReader(post), w.n.base + forum.PostPath(post.PostID)},
			Where:  w.where(post.Space, post.At),
			Quotes: quotes(richtext.Excerpt(post.HTML, excerptLength)),
		})
	}
	if w.d.ForYouMore > 0 {
		section.More = &link{w.p.N("mail.digest.more_for_you", w.d.ForYouMore), w.n.base + "/meldingen"}
	}
	return section
}

func (w digestWriter) toReader(post toReader) string {
	name := nameOr(w.p, post.From)
	switch post.Kind {
	case KindMention:
		return w.p.T("mail.digest.did_mention", "Name", name, "Title", post.Title)
	case KindAnswer:
		return w.p.T("mail.digest.did_answer", "Name", name, "Title", post.Title)
	case kindDirect:
		return w.p.N("mail.digest.did_write", post.Posts, "Name", name)
	}
	return w.p.T("mail.digest.did_reply", "Name", name, "Title", post.Title)
}

func (w digestWriter) questions() digestSection {
	section := digestSection{Title: w.p.T("mail.digest.questions")}
	for _, q := range w.d.Questions {
		answers := w.p.T("mail.digest.no_answers")
		if q.Answers > 0 {
			answers = w.p.N("mail.digest.answers", q.Answers)
		}
		section.Items = append(section.Items, digestItem{
			Title:  link{q.Title, w.n.base + forum.StreamPath(q.StreamID)},
			Where:  w.p.T("mail.digest.asked", "Name", nameOr(w.p, q.From)) + " · " + w.where(q.Space, q.At) + " · " + answers,
			Quotes: quotes(richtext.Excerpt(q.HTML, excerptLength)),
		})
	}
	if w.d.QuestionsMore > 0 {
		section.More = &link{w.p.N("mail.digest.more_questions", w.d.QuestionsMore), w.n.base + "/vragen"}
	}
	return section
}

func (w digestWriter) space(space spaceNews) digestSection {
	section := digestSection{Title: space.Name}
	for _, s := range space.Streams {
		section.Items = append(section.Items, w.stream(s))
	}
	for _, c := range space.Channels {
		item := digestItem{
			Title: link{c.Title, w.n.base + forum.StreamPath(c.StreamID)},
			Where: w.p.N("mail.digest.chat", c.Posts),
		}
		for _, h := range c.Highlights {
			item.Quotes = append(item.Quotes, w.said(h.From, h.HTML))
		}
		section.Items = append(section.Items, item)
	}
	if more := space.StreamsMore + space.ChannelsMore; more > 0 {
		section.More = &link{w.p.N("mail.digest.more_streams", more), w.n.base + community.SpacePath(space.ID)}
	}
	return section
}

func (w digestWriter) stream(s streamNews) digestItem {
	item := digestItem{Title: link{s.Title, w.n.base + forum.StreamPath(s.StreamID)}}
	if s.Opens {
		item.Where = w.p.T("mail.digest.new_"+string(s.Kind), "Name", nameOr(w.p, s.From))
		if s.Posts > 1 {
			item.Where += " · " + w.p.N("mail.digest.replies", s.Posts-1)
		}
		item.Quotes = quotes(richtext.Excerpt(s.HTML, excerptLength))
		return item
	}
	item.Where = w.p.N("mail.digest.posts", s.Posts, "Names", w.names(s.Names, s.More))
	if text := w.said(s.From, s.HTML); text != "" {
		item.Quotes = []string{text}
	}
	return item
}

// names writes "Anna, Bram en 3 anderen".
func (w digestWriter) names(names []string, more int) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = nameOr(w.p, name)
	}
	if more > 0 {
		shown = append(shown, w.p.N("mail.digest.others", more))
	}
	return w.list(shown)
}

func (w digestWriter) list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + w.p.T("mail.digest.and") + " " + words[last]
}

func (w digestWriter) others() string {
	spaces := w.d.OtherSpaces
	if len(spaces) == 0 {
		return ""
	}
	named := append([]string{}, spaces[:min(len(spaces), digestSpacesNamed)]...)
	if more := len(spaces) - len(named); more > 0 {
		named = append(named, w.p.N("mail.digest.other_spaces", more))
	}
	return w.p.T("mail.digest.also_new", "Spaces", w.list(named))
}

func (w digestWriter) said(name, html string) string {
	text := richtext.Excerpt(html, excerptLength)
	if text == "" {
		return "" // a picture, say
	}
	return nameOr(w.p, name) + ": " + text
}

func (w digestWriter) where(space string, at time.Time) string {
	when := w.p.When(w.d.Reader.local(at), w.d.Reader.local(w.d.Now))
	if space == "" {
		return when
	}
	return space + " · " + when
}

func quotes(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
