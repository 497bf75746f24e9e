package richtext

import (
	"strings"
	"testing"
)

// Texts as people write them: 60 plain words, 60 words with some Markdown, 60
// words with addresses as well, and an article.
const (
	plainChat = `Goedemorgen allemaal, gisteren hadden we een mooie bijeenkomst met de buurtteams van drie gemeenten. ` +
		`Er kwam een vraag voorbij die ik hier graag neerleg: hoe pakken jullie het aan als een inwoner geen eigen toestel heeft ` +
		`en toch iets online moet regelen? Bij ons lukt dat nu met een leentablet, maar dat loopt vast zodra er een inlogcode nodig is. Wie helpt?`
	chat = `Goedemorgen @[7], gisteren hadden we een *mooie* bijeenkomst met de buurtteams van drie gemeenten. ` +
		`Er kwam een vraag voorbij die ik hier graag neerleg: hoe pakken jullie het aan als een inwoner **geen eigen toestel** heeft ` +
		`en toch iets online moet regelen? Zie [het verslag](/posts/12) en https://www.rijksoverheid.nl/digid voor wat nu kan. Wie helpt @[12] en mij?`
	words = `Goedemorgen @[7], gisteren hadden we een *mooie* bijeenkomst met de buurtteams van drie gemeenten. ` +
		`Er kwam een vraag voorbij die ik hier graag neerleg: hoe pakken jullie het aan als een inwoner **geen eigen toestel** heeft ` +
		`en toch iets online moet regelen? Bij ons lukt dat nu met een leentablet, maar dat loopt vast zodra er een inlogcode nodig is. Wie helpt?`
	articlePart = `## Eerste gesprek

Begin met luisteren. Vraag **niet** meteen naar de formulieren, maar naar wat iemand _wil bereiken_:

1. Wat is er gebeurd?
2. Wie kent u die kan helpen?
3. Wat is de eerste stap?

- [x] Afspraak gemaakt
- [ ] Machtiging geregeld

> Neem de tijd, dan gaat het sneller.

| Wie | Wat | Wanneer |
| --- | :-: | ---: |
| Digicoach | uitleg | maandag |
| Inwoner | oefenen | dinsdag |

` + "```sh\necho hallo\n```\n\n" + `Zie ook [de handleiding](https://example.org/a?b=c&d=e) en ![schermafbeelding](/attachments/3/a.png).

`
)

var names = map[int64]string{7: "Fatima el Amrani", 12: "Jan O'Neill"}

func BenchmarkChat(b *testing.B)          { bench(b, chat) }
func BenchmarkChatWords(b *testing.B)     { bench(b, words) }
func BenchmarkChatPlain(b *testing.B)     { bench(b, plainChat) }
func BenchmarkChatPlainSlow(b *testing.B) { benchSlow(b, plainChat) }
func BenchmarkArticle(b *testing.B)       { bench(b, strings.Repeat(articlePart, 20)) }

func BenchmarkExcerpt(b *testing.B) {
	html := Parse(chat).HTML(names)
	b.ReportAllocs()
	for b.Loop() {
		Excerpt(html, 140)
	}
}

func BenchmarkLine(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Line("Hoe help je iemand zonder eigen toestel aan een café-afspraak?")
	}
}

// BenchmarkSteps shows what each step of the chat message costs.
func BenchmarkSteps(b *testing.B) {
	d := parse(chat)
	p := page{names: names}
	if err := markdownRenderer.Render(&p, d.source, d.root); err != nil {
		b.Fatal(err)
	}
	sanitized := policy.SanitizeBytes(p.Bytes())
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			parse(chat)
		}
	})
	b.Run("render", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Reset()
			_ = markdownRenderer.Render(&p, d.source, d.root)
		}
	})
	b.Run("sanitize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			policy.SanitizeBytes(p.Bytes())
		}
	})
	b.Run("balance", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			balance(sanitized)
		}
	})
}

func bench(b *testing.B, source string) {
	b.ReportAllocs()
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Parse(source).HTML(names)
	}
}

func benchSlow(b *testing.B, source string) {
	b.ReportAllocs()
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		parse(source).HTML(names)
	}
}
