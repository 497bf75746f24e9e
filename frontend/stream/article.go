package stream

import (
	"html"
	"regexp"
	"strings"

	"leerkring/forum"
	"leerkring/frontend/component"
)

// heading is a heading as internal/richtext writes it: bare, since people choose
// no ids.
var heading = regexp.MustCompile(`(?s)<h([1-6])>(.*?)</h[1-6]>`)

// articleText returns the text of an article with an id for each heading. The
// page's own title is h1, so the highest heading of the text is h2.
func articleText(post forum.Post) string {
	n, shift := 0, 0
	if strings.Contains(post.HTML, "<h1>") {
		shift = 1
	}
	return component.Readable(heading.ReplaceAllStringFunc(post.HTML, func(found string) string {
		part := heading.FindStringSubmatch(found)
		n++
		level := min(int(part[1][0]-'0')+shift, 6)
		h := "h" + number(int64(level))
		return "<" + h + ` id="` + headingID(n) + `">` + part[2] + "</" + h + ">"
	}))
}

// contentsOf lists the headings of an article's text that stand highest.
func contentsOf(post forum.Post) (contents component.Contents) {
	found := heading.FindAllStringSubmatch(post.HTML, -1)
	highest := byte('6')
	for _, part := range found {
		highest = min(highest, part[1][0])
	}
	for i, part := range found {
		if part[1][0] == highest {
			contents = append(contents, component.Link{Label: textOf(part[2]), Href: "#" + headingID(i+1)})
		}
	}
	return contents
}

func headingID(n int) string { return "kop-" + number(int64(n)) }

var anyTag = regexp.MustCompile(`<[^>]*>`)

// textOf returns the words of a piece of sanitised HTML, in which a "<" is
// always the beginning of a tag.
func textOf(piece string) string { return html.UnescapeString(anyTag.ReplaceAllString(piece, "")) }
