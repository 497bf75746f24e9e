package richtext

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

// hostileBytes is the size of the hostile texts; a body is at most 20,000
// characters.
const hostileBytes = 64 << 10 / slower

// hostileTime is generous, so that a slow and busy machine passes and what grows
// with the square of the length does not: on an idle one the slowest of these
// texts takes a tenth of a second.
const hostileTime = 2 * time.Second

// TestHostileTexts renders texts that are made to be expensive.
func TestHostileTexts(t *testing.T) {
	for name, source := range hostileTexts(hostileBytes) {
		t.Run(name, func(t *testing.T) {
			var html string
			took := fastest(func() { html = Parse(source).HTML(nil) })
			plainTook := fastest(func() { Excerpt(html, 200) })
			t.Logf("%d bytes became %d in %v, plain in %v", len(source), len(html), took, plainTook)
			if took > hostileTime || plainTook > hostileTime {
				t.Errorf("rendering took %v, plain text %v, more than %v", took, plainTook, hostileTime)
			}
			if len(html) > 32*hostileBytes {
				t.Errorf("%d bytes of source became %d bytes of HTML", len(source), len(html))
			}
			checkSafe(t, html)
		})
	}
}

// fastest runs f until it is within hostileTime, at most three times, and returns
// the shortest time: a pause of the machine is no fault of f.
func fastest(f func()) time.Duration {
	shortest := time.Duration(math.MaxInt64)
	for range 3 {
		start := time.Now()
		f()
		shortest = min(shortest, time.Since(start))
		if shortest <= hostileTime {
			break
		}
	}
	return shortest
}

// TestHostileTextsKeepTheirWords checks that what passes a bound stays text.
func TestHostileTextsKeepTheirWords(t *testing.T) {
	const word = "woord"
	for _, source := range []string{
		strings.Repeat("> ", 500) + word,
		strings.Repeat("- ", 500) + word,
		strings.Repeat("*a ", 2000) + word + strings.Repeat(" b*", 2000),
		strings.Repeat("[", 5000) + word + strings.Repeat("](/x)", 5000),
		strings.Repeat("**", 500) + word + strings.Repeat("**", 500),
		strings.Repeat("<div>", 500) + word + strings.Repeat("</div>", 500),
		strings.Repeat("<em>", 500) + word,
		"|" + strings.Repeat("a|", 1000) + "\n|" + strings.Repeat("-|", 1000) + "\n" + strings.Repeat("b\n", 1000) + word,
		"[a]: /" + strings.Repeat("u", 30_000) + "\n\n" + strings.Repeat("[a] ", 1000) + "[" + word + "][a]",
		strings.Repeat("[a]: b\n", 3000) + word,
	} {
		html := Parse(source).HTML(nil)
		if !strings.Contains(Plain(html), word) {
			t.Errorf("%.40q… lost its word", source)
		}
		checkSafe(t, html)
	}
}

// TestBoundsLeaveRoom checks texts just within the bounds.
func TestBoundsLeaveRoom(t *testing.T) {
	quotes := Parse(strings.Repeat("> ", maxContainers) + "x").HTML(nil)
	if got := strings.Count(quotes, "<blockquote>"); got != maxContainers {
		t.Errorf("%d quotes, want %d", got, maxContainers)
	}
	quotes = Parse(strings.Repeat("> ", maxContainers+1) + "x").HTML(nil)
	if got := strings.Count(quotes, "<blockquote>"); got != maxContainers || !strings.Contains(quotes, "<p>&gt; x</p>") {
		t.Errorf("%d quotes, want %d and the last mark as text", got, maxContainers)
	}
	for _, n := range []int{maxContainers, maxContainers + 2} {
		lists := Parse(strings.Repeat("- ", n/2) + "x").HTML(nil)
		if got := strings.Count(lists, "<ul>"); got != maxContainers/2 {
			t.Errorf("%d lists, want %d", got, maxContainers/2)
		}
	}
	for _, n := range []int{maxPhrases - 1, maxPhrases, maxPhrases + 1} {
		strong := Parse(strings.Repeat("**", n) + "x" + strings.Repeat("**", n)).HTML(nil)
		if got := strings.Count(strong, "<strong>"); got != min(n, maxPhrases) {
			t.Errorf("%d times strong for %d", got, n)
		}
	}
	for _, n := range []int{MaxDepth - 2, MaxDepth - 1, MaxDepth} {
		divs := Parse(strings.Repeat("<div>", n) + "x").HTML(nil)
		if got := strings.Count(divs, "<div>"); got != min(n, maxOpen) {
			t.Errorf("%d divs for %d", got, n)
		}
	}
	for _, n := range []int{maxMarks/2 - 1, maxMarks / 2, maxMarks/2 + 1} {
		em := Parse(strings.Repeat("*a* ", n)).HTML(nil)
		if got := strings.Count(em, "<em>"); got != min(n, maxMarks/2) {
			t.Errorf("%d times em for %d", got, n)
		}
	}
	for _, columns := range []int{99, 100, 101} {
		table := Parse("|" + strings.Repeat("a|", columns) + "\n|" + strings.Repeat("-|", columns) + "\n" + strings.Repeat("b\n", 99)).HTML(nil)
		if isTable := strings.Contains(table, "<table>"); isTable != (columns*100 <= maxTableCells) {
			t.Errorf("%d columns of 100 rows: table %v", columns, isTable)
		}
	}
	for _, n := range []int{maxDefinitionLines, maxDefinitionLines + 1} {
		definitions := Parse(strings.Repeat("[a]: b\n", n)).HTML(nil)
		if read := definitions == ""; read != (n <= maxDefinitionLines) {
			t.Errorf("%d definitions read: %v", n, read)
		}
	}
	for _, n := range []int{maxTagBytes - 20, maxTagBytes + 20} {
		tag := Parse(`x <mark title="` + strings.Repeat("a", n) + `">y</mark>`).HTML(nil)
		if read := tag == "<p>x <mark>y</mark></p>\n"; read != (n < maxTagBytes) {
			t.Errorf("a tag of %d bytes: read %v", n, read)
		}
	}
	for _, n := range []int{maxRawPieces, maxRawPieces + 1} {
		for _, source := range []string{"x " + strings.Repeat("<br>", n), strings.Repeat("<hr>\n\n", n)} {
			raw := Parse(source).HTML(nil)
			if got, left := strings.Count(raw, "<br>")+strings.Count(raw, "<hr>"), strings.Contains(raw, "&lt;"); got != maxRawPieces || left != (n > maxRawPieces) {
				t.Errorf("%d pieces of raw HTML, want %d; text left: %v", got, maxRawPieces, left)
			}
		}
	}
	for _, n := range []int{maxAddressBytes - 3, maxAddressBytes} {
		link := Parse("[a](/" + strings.Repeat("b", n) + ")").HTML(nil)
		if read := strings.HasPrefix(link, "<p><a "); read != (n < maxAddressBytes-1) {
			t.Errorf("an address of %d bytes: read %v", n+1, read)
		}
	}
	url := "/" + strings.Repeat("u", maxReferenceBytes/4-1)
	links := Parse("[a]: " + url + "\n\n[a] [a] [a] [a] [a]").HTML(nil)
	if got := strings.Count(links, "<a "); got != 4 || !strings.Contains(links, "</a> a</p>") {
		t.Errorf("%d links by reference, want 4 and the last as text", got)
	}
}

func hostileTexts(size int) map[string]string {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	halves := func(a, b string) string { return strings.Repeat(a, size/2/len(a)) + strings.Repeat(b, size/2/len(b)) }
	grow := func(line func(i int) string) string {
		var b strings.Builder
		for i := 1; b.Len() < size; i++ {
			b.WriteString(line(i))
		}
		return b.String()[:size]
	}
	texts := map[string]string{
		// Emphasis and strikethrough.
		"emphasis never closed":     fill("_a "),
		"emphasis never opened":     fill("a_ "),
		"emphasis mismatched":       fill("*a_ "),
		"stars then underscores":    halves("*a ", "b_ "),
		"multiple of three":         "a**b" + fill("c* "),
		"emphasis nested":           halves("*a **a ", "b** c* "),
		"two runs":                  strings.Repeat("*", size/2) + "a" + strings.Repeat("*", size/2),
		"one run":                   fill("*"),
		"tildes":                    fill("~"),
		"tildes with words":         fill("~a"),
		"tildes paired":             fill("~a~ "),
		"underscores":               fill("_a"),
		"emphasis closed":           fill("*a*"),
		"emphasis in paragraphs":    fill("*a_\n\n"),
		"emphasis in items":         fill("- *a_ b*\n"),
		"alternating runs":          grow(func(i int) string { return strings.Repeat("*", i) + "a" }),
		"alternating runs mixed":    grow(func(i int) string { return strings.Repeat("*", i) + "a" + strings.Repeat("_", i) }),
		"emphasis inside brackets":  fill("[a*b "),
		"emphasis around brackets":  fill("**x [a*b**c*](d) "),
		"strikethrough in emphasis": fill("*~a* ~"),
		// Brackets.
		"closing brackets":        fill("a]"),
		"opening brackets":        fill("[a"),
		"5000 brackets":           strings.Repeat("[", 5000) + "a" + strings.Repeat("]", 5000),
		"brackets":                halves("[", "]"),
		"brackets with addresses": halves("[", "](a)"),
		"images in images":        halves("![", "](/a)"),
		"links never closed":      fill("[a](b"),
		"links of nothing":        fill("[]("),
		"links angle":             fill("[a](<b"),
		"links with titles":       fill("[a](b \"c"),
		"links with titles ()":    fill("[a](b (c"),
		"links with titles '":     fill("[a](b 'c \"d"),
		"links and parentheses":   fill("[ (]("),
		"links and images":        fill("![[]()"),
		"links":                   fill("[](a)"),
		"links and emphasis":      fill("[ a_"),
		"images":                  fill("![](/a)"),
		"brackets on lines":       fill("[a\n"),
		"references on lines":     fill("[a]\n"),
		"wide brackets":           strings.Repeat("[", 900) + strings.Repeat("`a` ", size/8) + strings.Repeat("]", size/2),
		"escaped brackets":        fill(`\[`),
		"brackets of 900":         fill("[" + strings.Repeat("a", 900) + "]"),
		"exclamations":            fill("![!"),
		// Definitions.
		"definitions":              fill("[a]: b\n"),
		"definitions on two lines": fill("[a]:\nb\n"),
		"definitions apart":        fill("[a]: b\n\n"),
		"definitions with titles":  fill("[a]: b \"c\n"),
		"definitions of all names": grow(func(i int) string { return fmt.Sprintf("[%d]: b\n\n", i) }),
		"a long definition":        "[a]: /" + strings.Repeat("u", size/2) + "\n\n" + strings.Repeat("[a] ", size/8),
		"a long title":             "[a]: /u \"" + strings.Repeat("<", size/2) + "\"\n\n" + strings.Repeat("[a]\n\n", size/10),
		"a definition used":        "[a]: b\n\n" + strings.Repeat("[a]\n", size/4),
		"a definition used apart":  "[a]: b\n\n" + strings.Repeat("[a]\n\n", size/5),
		"images by definition":     "[a]: /" + strings.Repeat("u", size/2) + "\n\n" + strings.Repeat("![a]\n\n", size/12),
		// Quotes and lists.
		"quotes":                 fill(">"),
		"quotes spaced":          fill("> "),
		"quotes growing":         grow(func(i int) string { return strings.Repeat(">", i) + "\n" }),
		"quotes going on":        strings.Repeat("> ", size/4) + "a\n" + strings.Repeat("a\n", size/4),
		"quotes shallow":         grow(func(i int) string { return strings.Repeat(">", 45) + "a\n" }),
		"lists":                  fill("- ") + "a",
		"lists of stars":         fill("* ") + "a",
		"lists with tabs":        fill("-\t") + "a",
		"lists numbered":         fill("1. ") + "a",
		"lists with brackets":    fill("1) ") + "a",
		"lists then blank lines": strings.Repeat("- ", size/4) + "a" + strings.Repeat("\n", size/2),
		"lists then items":       strings.Repeat("- ", 60) + "a\n" + strings.Repeat("- a\n", size/4),
		"lists going on":         strings.Repeat("- ", size/4) + "a\n" + strings.Repeat(" a\n", size/6),
		"lists growing":          grow(func(i int) string { return strings.Repeat(" ", i*2) + "- a\n" }),
		"lists deep and blank":   grow(func(i int) string { return strings.Repeat(" ", min(i*2, 30)) + "- a\n\n" }),
		"lists empty":            fill("-\n"),
		"lists empty and blank":  fill("-\n\n"),
		"quotes of lists":        fill("> - ") + "a",
		"tasks":                  fill("- [ ] a\n"),
		"tasks nested":           fill("- [ ] "),
		// Tables.
		"a wide table":        strings.Repeat("|a", size/8) + "\n" + strings.Repeat("|-", size/8) + "\n" + strings.Repeat("a\n", size/4),
		"a wide table at 10k": strings.Repeat("|a", 98) + "\n" + strings.Repeat("|-", 98) + "\n" + strings.Repeat("a\n", 98),
		"many wide tables": grow(func(i int) string {
			return strings.Repeat("|a", 70) + "\n" + strings.Repeat("|-", 70) + "\n" + strings.Repeat("a\n", 140) + "\n"
		}),
		"escaped pipes":        "|a|\n|-|\n" + strings.Repeat("|`\\|`|\n", size/7),
		"escaped pipes in one": "|a|\n|-|\n|`" + strings.Repeat(`\|`, size/2) + "`|\n",
		"delimiter rows":       fill("|-|\n"),
		"tables after tables":  fill("a|\n-|\n"),
		"tables apart":         fill("|a|\n|-|\n\n"),
		"cells of emphasis":    "|a|b|\n|-|-|\n" + strings.Repeat("|*a|_b|\n", size/8),
		// Raw HTML.
		"comments":               fill("<!--"),
		"comments inline":        "x " + fill("<!--"),
		"comments of dashes":     "x <!--" + fill("-"),
		"instructions":           "x " + fill("<?"),
		"declarations":           "x " + fill("<!A "),
		"cdata":                  "x " + fill("<![CDATA["),
		"tags never closed":      "x " + fill("<a "),
		"tags in quotes":         "x " + fill(`<a b="`),
		"tags in both quotes":    "x " + fill(`<a b='c" `),
		"tags crossing quotes":   `x <a a='` + fill(`" b="<c d=' e="' f="<c d=' g='`),
		"tags crossing quotes >": `x <a a='` + fill(`" b="<c d=' e="' f="<c d=' g='`) + `=>`,
		"tags of attributes":     "x <a" + fill(" b") + "=>",
		"tags on lines":          "x " + fill("<a\n"),
		"divs":                   fill("<div>"),
		"divs on lines":          fill("<div>\n"),
		"divs apart":             fill("<div>\n\n"),
		"divs and ends":          halves("<div>", "</em>"),
		"strong inline":          "x " + fill("<strong>"),
		"strong and paragraphs":  fill("<strong>\n\na\n\n"),
		"code classes":           "x " + strings.Repeat("<code class=language-a>", size/46) + strings.Repeat("</p><p>", size/14),
		"raw lists":              "<div>" + fill("<ul><li>"),
		"raw tables":             "<div>" + fill("<table><tr><td>"),
		"raw tables half":        "<div>" + fill("<table><td>"),
		"raw links":              "x " + fill("<a href=/>"),
		"raw images":             "x " + fill("<img src=/x>"),
		"raw images foreign":     "x " + fill("<img alt=x>"),
		"raw inputs":             "x " + fill("<input type=checkbox>"),
		"ends on lines":          fill("x?></thead>"),
		"ends":                   "x " + fill("</em>"),
		"tags with attributes":   "x " + fill("<a b>"),
		"blocks with attributes": fill("<p b>\n\n"),
		"ends in a cell":         "<table><tr><td>" + strings.Repeat("<div>", size/10) + strings.Repeat("</em>", size/10),
		"ends above a cell":      "<em><table><tr><td>" + strings.Repeat("<div>", size/10) + strings.Repeat("</em>", size/10),
		"half tags":              fill("<"),
		"scripts":                fill("<script>"),
		"textareas":              fill("<textarea>\n\n"),
		"iframes":                "x " + fill("<iframe>"),
		"svgs":                   "x " + fill("<svg><math>"),
		// Addresses.
		"www":                 fill(" www.a"),
		"www with a bracket":  fill("(www.a.b"),
		"http":                fill("(http://a"),
		"http links":          fill(" http://a.b"),
		"www and tildes":      "www.a.b/" + fill("~"),
		"www and dots":        "www.a.b/" + fill("."),
		"www and entities":    "www.a.b/" + fill("&a;"),
		"www and brackets":    "www.a.b/" + fill("(") + ")",
		"www long host":       "www." + fill("a"),
		"www of labels":       fill(" www.a-"),
		"mail addresses":      fill(" a@a.b.c.d"),
		"mail underscores":    fill("_a@a"),
		"mail tildes":         fill("~a@a.a"),
		"mail long":           fill("a") + "@b.nl",
		"mailto":              fill(" mailto:a@b.c"),
		"mailto long":         fill(" mailto:" + strings.Repeat("a", 60) + "@" + strings.Repeat("a.", 20)),
		"autolinks":           fill("<a:"),
		"autolinks mail":      fill("<a@b"),
		"autolinks closed":    fill("<a:b>"),
		"mail label bomb":     fill(" a@" + strings.Repeat("a-", 100)),
		"mail label bomb '_'": fill("_a@" + strings.Repeat("a-", 20)),
		// The rest.
		"mentions":             fill("@[7]"),
		"mentions of many":     grow(func(i int) string { return fmt.Sprintf("@[%d]", i) }),
		"mentions half":        fill("@[1234567890123456"),
		"ticks":                fill("`a``b```c"),
		"ticks growing":        grow(func(i int) string { return strings.Repeat("`", i) + "a" }),
		"ticks escaped":        fill("x\\``"),
		"ticks alone":          fill("`"),
		"entities":             fill("&a"),
		"entities long":        "&" + fill("a"),
		"entities numbers":     fill("&#x1;"),
		"ampersands":           fill("&"),
		"quotes of text":       fill(`"`),
		"backslashes":          fill(`\`),
		"backslashes at ends":  fill("a\\\n"),
		"line ends":            fill("\n"),
		"spaces":               fill(" "),
		"words":                fill(" a"),
		"tabs":                 "a" + fill("\t"),
		"tabs and marks":       fill("\t*"),
		"hashes":               fill("#"),
		"headings":             fill("# a\n"),
		"headings with spaces": "# a" + fill(" ") + "b",
		"underlined":           fill("a\n-\n"),
		"underlined at last":   fill("a\n") + "=",
		"rules":                fill("* * *\n"),
		"rules almost":         fill("- ") + "_",
		"fences":               fill("```\n"),
		"fences of tildes":     fill("~~~~\n"),
		"fences long":          fill("`") + "\n" + "a",
		"code and blank lines": "    a\n" + fill("\n") + "    a",
		"code in lists":        fill("- \ta\n"),
		"nul":                  fill("\x00"),
		"no utf-8":             fill("\xff*"),
		"letters above ascii":  fill("é*ë_"),
		"combining":            "a" + fill("\u0301"),
		"carriage returns":     fill("a\r"),
	}
	for name, text := range texts {
		if len(text) > size+size/8 {
			texts[name] = text[:size]
		}
	}
	return texts
}
