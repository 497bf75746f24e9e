package demo

import (
	"slices"
	"strings"
)

// signs say which reactions suit a text when its file names none. The words
// stand in lower case.
var signs = []struct {
	words []string
	often float64
	emoji []string
}{
	{[]string{"dank", "merci", "fijn dat"}, 0.28, []string{"❤️", "🙏", "👍"}},
	{[]string{"gelukt", "geslaagd", "gefeliciteerd", "taart", "opgelost", "getekend", "jarig", "krentenwegge"}, 0.5, []string{"🎉", "👏", "❤️"}},
	{[]string{"haha", "😄", "😅", "😂", "grap", "oeps"}, 0.5, []string{"😄", "😂"}},
	{[]string{" tip", "tip ", "handig", "sneltoets", "slim"}, 0.4, []string{"💡", "👍"}},
	{[]string{"moeilijk", "verdriet", "zwaar", "overleden", "heftig", "sterkte"}, 0.4, []string{"❤️", "🙏"}},
	{[]string{"wie is", "wie gaat", "wie wil", "wie kan", "wie heeft", "ik kijk even", "ik kijk zo"}, 0.2, []string{"👀", "🙋"}},
	{[]string{"eens", "precies", "herkenbaar", "klopt"}, 0.3, []string{"💯", "👍"}},
}

// mark puts reactions under a post.
func (w *world) mark(r chance, s *Stream, p *Post, asked []count) {
	if p.Deleted {
		return
	}
	if asked == nil {
		asked = w.likely(r, p, s)
	}
	for _, c := range asked {
		for _, key := range w.audience(r, s.Space, p, c.n) {
			if !slices.Contains(p.Reactions, Reaction{c.emoji, key}) {
				p.Reactions = append(p.Reactions, Reaction{c.emoji, key})
			}
		}
	}
}

func (w *world) likely(r chance, p *Post, s *Stream) []count {
	most := 3
	if w.spaces[s.Space].Kind == "direct" {
		most = 1
	}
	text := strings.ToLower(p.Body)
	for _, sign := range signs {
		if slices.ContainsFunc(sign.words, func(w string) bool { return strings.Contains(text, w) }) && r.hits(sign.often) {
			counts := []count{{pick(r, sign.emoji), r.between(1, most)}}
			if r.hits(0.15) {
				counts = append(counts, count{"👍", r.between(1, most)})
			}
			return distinct(counts)
		}
	}
	often := 0.1
	if len(p.Body) > 160 {
		often = 0.3
	}
	if r.hits(often) {
		return []count{{"👍", r.between(1, most)}}
	}
	return nil
}

func distinct(counts []count) []count {
	if len(counts) == 2 && counts[0].emoji == counts[1].emoji {
		return counts[:1]
	}
	return counts
}
