package notify

import "strings"

// text is the digest for who reads mail as text.
func (v digestView) text() string {
	var b strings.Builder
	b.WriteString(wrap(v.Title+" · "+v.Day, "") + "\n\n")
	b.WriteString(wrap(v.Hello, "") + "\n")
	for _, s := range v.Sections {
		title := strings.ToUpper(s.Title)
		b.WriteString("\n\n" + wrap(title, "") + "\n\n")
		for i, item := range s.Items {
			if i > 0 {
				b.WriteString("\n")
			}
			b.WriteString("* " + wrap(item.Title.Label, "  ") + "\n")
			if item.Where != "" {
				b.WriteString("  " + wrap(item.Where, "  ") + "\n")
			}
			for _, q := range item.Quotes {
				b.WriteString("  > " + wrap(q, "  > ") + "\n")
			}
			b.WriteString("  " + item.Title.Address + "\n")
		}
		if s.More != nil {
			b.WriteString("\n  " + wrap(s.More.Label, "  ") + ":\n  " + s.More.Address + "\n")
		}
	}
	if v.Others != "" {
		b.WriteString("\n\n" + wrap(v.Others, "") + "\n")
	}
	b.WriteString("\n\n" + v.Home.Label + ":\n" + v.Home.Address + "\n\n")
	b.WriteString("-- \n") // where a signature begins, by custom
	b.WriteString(wrap(strings.TrimSpace("Leerkring. "+v.Why), "") + "\n")
	for _, l := range []link{v.Settings, v.Stop} {
		b.WriteString(l.Label + ":\n" + l.Address + "\n")
	}
	return b.String()
}
