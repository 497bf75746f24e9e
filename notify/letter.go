package notify

import (
	"bytes"
	"context"
	"strings"
)

// letter is a short mail: some lines, one button, a word of thanks. It becomes
// plain text and HTML that say the same.
type letter struct {
	Language string
	Subject  string
	Hello    string
	Lines    []string
	Quotes   []quote
	Button   link
	// After stands below the button.
	After []string
	// Why says how it comes that one gets this mail; Stop ends that, if it can.
	Why  string
	Stop *link
}

// quote is what somebody wrote, and where.
type quote struct {
	From  string
	Where string
	Text  string
	// Link leads to it; "" when the button does.
	Link string
}

type link struct{ Label, Address string }

func (l letter) message(m Message) (Message, error) {
	m.Subject, m.Language = l.Subject, l.Language
	m.Text = l.text()
	var html bytes.Buffer
	if err := letterPage(l).Render(context.Background(), &html); err != nil {
		return m, err
	}
	m.HTML = html.String()
	return m, nil
}

func (l letter) text() string {
	var b strings.Builder
	paragraph := func(s string) {
		if s != "" {
			b.WriteString(wrap(s, "") + "\n\n")
		}
	}
	paragraph(l.Hello)
	for _, line := range l.Lines {
		paragraph(line)
	}
	for _, q := range l.Quotes {
		if q.From != "" {
			b.WriteString(wrap(q.From, "") + "\n")
		}
		if q.Where != "" {
			b.WriteString(wrap(q.Where, "") + "\n")
		}
		if q.Text != "" {
			b.WriteString("> " + wrap(q.Text, "> ") + "\n")
		}
		if q.Link != "" {
			b.WriteString(q.Link + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString(l.Button.Label + ":\n" + l.Button.Address + "\n\n")
	for _, line := range l.After {
		paragraph(line)
	}
	b.WriteString("-- \n") // where a signature begins, by custom
	b.WriteString(wrap(strings.TrimSpace("Leerkring. "+l.Why), "") + "\n")
	if l.Stop != nil {
		b.WriteString(l.Stop.Label + ":\n" + l.Stop.Address + "\n")
	}
	return b.String()
}
