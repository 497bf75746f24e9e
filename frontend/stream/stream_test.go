package stream_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/pagetest"
	"leerkring/internal/testkit"
)

var ctx = context.Background()

// room is an open space with a manager, two members and a passer-by who may read
// it, and a closed one that is none of the passer-by's business.
type room struct {
	*pagetest.Site
	mieke, anna, bram, olaf community.Actor
	open, closed            community.Space
}

func newRoom(t *testing.T, w *testkit.World) room {
	r := room{Site: pagetest.New(t, w)}
	r.mieke = w.Person("Mieke Manager", community.RoleAdmin)
	r.anna, r.bram, r.olaf = w.Person("Anna Aalbers"), w.Person("Bram Bos"), w.Person("Olaf Ons")
	r.open, r.closed = w.Space(r.mieke, community.Open, 0), w.Space(r.mieke, community.Closed, 0)
	for _, space := range []community.Space{r.open, r.closed} {
		w.Join(r.mieke, space, r.anna, community.Member)
		w.Join(r.mieke, space, r.bram, community.Member)
	}
	return r
}

func eachRoom(t *testing.T, test func(t *testing.T, r room)) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) { test(t, newRoom(t, w)) })
}

func aRoom(t *testing.T) room { return newRoom(t, testkit.NewWorld(t, testkit.SQLite(t))) }

func posts(s forum.Stream) string { return forum.StreamPath(s.ID) + "/berichten" }

func TestWritingInAChannel(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		channel := r.Stream(r.mieke, r.closed, forum.Channel)
		r.Post(r.mieke, channel, "Welkom **allemaal**")
		anna, path := r.As(r.anna), forum.StreamPath(channel.ID)

		page := anna.Get(path).Wants(http.StatusOK, "Welkom allemaal", "Nieuw voor jou", "1 nieuw bericht", "Schrijf in")
		form := page.Form(posts(channel))
		done := anna.Submit(form, "body", "Dank je, Mieke")
		after := anna.Follow(done).Wants(http.StatusOK, "Dank je, Mieke")
		if !strings.Contains(done.To(), "#post-") {
			t.Error("it does not lead to the post:", done.To())
		}
		after.Lacks(`id="nieuw"`)
		if _, again := anna.Submit(form, "body", "Dank je, Mieke"), 0; strings.Count(anna.Get(path).Main(), "Dank je, Mieke") != 1+again {
			t.Error("sending the same form twice made two posts")
		}
		r.As(r.bram).Get(path).Wants(http.StatusOK, "Dank je, Mieke", "Anna Aalbers")
	})
}

func TestWhatIsNotTakenStandsThereAgain(t *testing.T) {
	r := aRoom(t)
	channel := r.Stream(r.mieke, r.closed, forum.Channel)
	anna := r.As(r.anna)

	empty := anna.Submit(anna.Get(forum.StreamPath(channel.ID)).Form(posts(channel)), "body", "  \n")
	empty.Wants(http.StatusUnprocessableEntity, "Vul dit in.")
	if empty.FieldError("schrijf") == "" || !strings.HasPrefix(empty.Title(), "Fout: ") {
		t.Errorf("the field is not marked; title %q", empty.Title())
	}
	long := strings.Repeat("é", 20_001)
	tooLong := anna.Post(posts(channel), "body", long).Wants(http.StatusUnprocessableEntity, "Dit is te lang")
	if tooLong.Form(posts(channel)).Fields.Get("body") != long {
		t.Error("what was typed is gone")
	}

	yes := true
	if _, err := r.Forum.ChangeStream(ctx, r.mieke, channel.ID, forum.StreamChange{Closed: &yes}); err != nil {
		t.Fatal(err)
	}
	shut := anna.Post(posts(channel), "body", "Nog één ding").Wants(http.StatusConflict, "Dit gesprek is gesloten")
	if !strings.Contains(shut.Body, "Nog één ding") {
		t.Error("what was typed is gone when the stream had been closed")
	}
	anna.Get(forum.StreamPath(channel.ID)).Wants(http.StatusOK, "Dit gesprek is gesloten. Lezen kan nog")
	r.As(r.mieke).Get(forum.StreamPath(channel.ID)).Wants(http.StatusOK, "Jij kunt er nog in schrijven")

	// The session ended while somebody was typing.
	r.Guest().Post(posts(channel), "body", "Nog één ding").Wants(http.StatusUnauthorized, "Nog één ding")
}

func TestWhoMayNotReadFindsNothing(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		hidden := r.Stream(r.anna, r.closed, forum.Question)
		post := r.Post(r.bram, hidden, "Onder ons gezegd")
		olaf := r.As(r.olaf)
		for _, path := range []string{
			forum.StreamPath(hidden.ID), forum.StreamPath(hidden.ID) + "/wijzig", forum.PostPath(post.ID), forum.PostPath(post.ID) + "/draad",
			forum.PostPath(post.ID) + "/wijzig", forum.PostPath(post.ID) + "/verwijder", forum.PostPath(post.ID) + "/versies",
			forum.PostPath(post.ID) + "?deel=1", community.SpacePath(r.closed.ID) + "/nieuw",
		} {
			nowhere := strings.NewReplacer(fmt.Sprintf("/%d", hidden.ID), "/99991", fmt.Sprintf("/%d", post.ID), "/99991",
				fmt.Sprintf("/%d", r.closed.ID), "/99991").Replace(path)
			there, not := olaf.Get(path).Wants(http.StatusNotFound), olaf.Get(nowhere).Wants(http.StatusNotFound)
			if there.Body != not.Body {
				t.Errorf("%s differs from %s", path, nowhere)
			}
		}
		for _, path := range []string{
			posts(hidden), forum.StreamPath(hidden.ID) + "/gelezen", forum.StreamPath(hidden.ID) + "/volgen", forum.StreamPath(hidden.ID) + "/vastzetten",
			forum.StreamPath(hidden.ID) + "/sluiten", forum.StreamPath(hidden.ID) + "/antwoord", forum.StreamPath(hidden.ID) + "/wijzig",
			forum.PostPath(post.ID) + "/reacties", forum.PostPath(post.ID) + "/stem", forum.PostPath(post.ID) + "/wijzig", forum.PostPath(post.ID) + "/verwijder",
			community.SpacePath(r.closed.ID) + "/gesprekken",
		} {
			olaf.Post(path, "body", "x", "emoji", "👍", "level", "all", "rev", "1", "post", "1", "title", "x", "kind", "discussion").Wants(http.StatusNotFound)
		}
		r.Guest().Get(forum.StreamPath(hidden.ID)).Wants(http.StatusSeeOther)
	})
}

func TestAReaderOfAnOpenSpaceIsAskedToJoin(t *testing.T) {
	r := aRoom(t)
	discussion := r.Stream(r.anna, r.open, forum.Discussion)
	page := r.As(r.olaf).Get(forum.StreamPath(discussion.ID)).Wants(http.StatusOK, "Je leest mee", "Doe mee")
	if page.HasForm(posts(discussion)) || !page.HasForm(community.SpacePath(r.open.ID)+"/lid") {
		t.Error("there is a composer, or no button to join")
	}
	r.As(r.olaf).Post(posts(discussion), "body", "Toch").Wants(http.StatusForbidden, "Toch")
}

func TestRepliesStandUnderWhatTheyAnswer(t *testing.T) {
	r := aRoom(t)
	discussion := r.Stream(r.anna, r.open, forum.Discussion)
	first := r.Post(r.bram, discussion, "Eerste reactie")
	r.Post(r.mieke, discussion, "Tweede reactie")
	anna := r.As(r.anna)

	thread := anna.Get(forum.PostPath(first.ID)+"/draad").Wants(http.StatusOK, "Jouw antwoord aan Bram Bos")
	answered := anna.Follow(anna.Submit(thread.Form(posts(discussion)), "body", "Onder de eerste")).Wants(http.StatusOK, "Onder de eerste")
	deeper := answered.Form(posts(discussion))
	if deeper.Fields.Get("from") != "draad" || deeper.Fields.Get("parent") == fmt.Sprint(first.ID) {
		t.Errorf("the composer after an answer: %v", deeper.Fields)
	}
	anna.Submit(deeper, "body", "Nog dieper")

	page := anna.Get(forum.StreamPath(discussion.ID)).Main()
	order := []string{"Hoe doen jullie dit", "Eerste reactie", "Onder de eerste", "In antwoord op Anna Aalbers", "Nog dieper", "Tweede reactie"}
	at := 0
	for _, words := range order {
		next := strings.Index(page[at:], words)
		if next < 0 {
			t.Fatalf("%q does not come after what stands before it in %v:\n%s", words, order, page)
		}
		at += next
	}
	if strings.Count(page, "In antwoord op") != 1 {
		t.Error("a reply right under its post says whom it answers:", page)
	}
	thread = anna.Get(forum.PostPath(first.ID) + "/draad")
	wrong := anna.Submit(thread.Form(posts(discussion)), "body", "")
	wrong.Wants(http.StatusUnprocessableEntity, "Vul dit in.", "Eerste reactie")
}

func TestAcceptingAnAnswer(t *testing.T) {
	r := aRoom(t)
	question := r.Stream(r.anna, r.open, forum.Question)
	for i := range 3 {
		r.Post(r.bram, question, fmt.Sprintf("Antwoord nummer %d", i+1))
	}
	best := r.Post(r.mieke, question, "Zo lukt het")
	answerPath := forum.StreamPath(question.ID) + "/antwoord"
	if r.As(r.bram).Get(forum.PostPath(best.ID)).HasForm(answerPath) {
		t.Error("somebody else may choose the answer")
	}
	r.As(r.bram).Post(answerPath, "post", fmt.Sprint(best.ID)).Wants(http.StatusForbidden)

	anna := r.As(r.anna)
	anna.Get(forum.StreamPath(question.ID)).Wants(http.StatusOK, "4 antwoorden")
	menu := anna.Get(forum.PostPath(best.ID)).Wants(http.StatusOK, "Dit hielp mij")
	page := anna.Follow(anna.Post(menu.Form(answerPath).Action, "post", fmt.Sprint(best.ID))).Wants(http.StatusOK, "Beantwoord", "Dit antwoord hielp", "Nog 3 andere antwoorden", "Mooi!")
	if main := page.Main(); strings.Count(main, "Zo lukt het") != 1 || strings.Index(main, "Zo lukt het") > strings.Index(main, "Antwoord nummer 1") {
		t.Error("the answer does not stand on top, once:", main)
	}
	anna.Get(forum.PostPath(best.ID)).Wants(http.StatusOK, "Dit hielp toch niet")
	anna.Follow(anna.Post(answerPath, "post", "0")).Wants(http.StatusOK, "De vraag is weer open", "4 antwoorden")
}

func TestArticle(t *testing.T) {
	r := aRoom(t)
	article, err := r.Forum.Start(ctx, r.anna, r.open.ID, forum.NewStream{Kind: forum.Article, Title: "Nee zeggen",
		Body: "Vooraf\n\n# Kort\n\nHet antwoord & meer.\n\n## Eerst *dit* < dat\n\nx\n\n# Lang"})
	if err != nil {
		t.Fatal(err)
	}
	page := r.As(r.bram).Get(forum.StreamPath(article.ID)).Wants(http.StatusOK, "Geschreven door Anna Aalbers", "Op deze bladzijde", "Nog geen vragen")
	if got := strings.Count(page.Body, "<h1"); got != 1 {
		t.Errorf("the page has %d h1", got)
	}
	for _, want := range []string{`<h2 id="kop-1">Kort</h2>`, `<h3 id="kop-2">Eerst <em>dit</em> &lt; dat</h3>`, `<h2 id="kop-3">Lang</h2>`, `href="#kop-3"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the article lacks %s", want)
		}
	}
	if strings.Contains(page.Body, `href="#kop-2"`) {
		t.Error("the contents hold more than the highest headings")
	}
	if _, err := r.Forum.Edit(ctx, r.anna, *article.FirstPostID, forum.EditInput{Body: "Alles anders"}); err != nil {
		t.Fatal(err)
	}
	changed := r.As(r.bram).Get(forum.StreamPath(article.ID)).Wants(http.StatusOK, "Laatst gewijzigd door Anna Aalbers", "Alles anders")
	r.As(r.bram).Get(changed.Link("Eerdere versies")).Wants(http.StatusOK, "Zo staat het er nu", "Alles anders", "Vooraf")
}

func TestStartingAStream(t *testing.T) {
	eachRoom(t, func(t *testing.T, r room) {
		r.As(r.olaf).Get(community.SpacePath(r.open.ID) + "/nieuw?soort=question").Wants(http.StatusForbidden)
		anna, start := r.As(r.anna), community.SpacePath(r.open.ID)+"/gesprekken"
		for kind, title := range map[string]string{"channel": "Begin een chat", "discussion": "Begin een gesprek", "article": "Schrijf een artikel", "bogus": "Begin een gesprek"} {
			page := anna.Get(community.SpacePath(r.open.ID)+"/nieuw?soort="+kind).Wants(http.StatusOK, title)
			wrong := anna.Submit(page.Form(start), "title", " ", "body", "Wat ik zei", "tags", "een, twee").Wants(http.StatusUnprocessableEntity, "Kijk nog even naar 1 veld", "Vul dit in.")
			if fields := wrong.Form(start).Fields; fields.Get("body") != "Wat ik zei" || (kind != "channel" && fields.Get("tags") != "een, twee") {
				t.Errorf("%s: what was typed is gone: %v", kind, fields)
			}
			made := anna.Follow(anna.Submit(wrong.Form(start), "title", "Over "+kind)).Wants(http.StatusOK, "Over "+kind, "Wat ik zei")
			if kind != "channel" {
				made.Wants(http.StatusOK, "een", "twee")
			}
		}
	})
}

func TestAQuestionFirstShowsWhatStandsThere(t *testing.T) {
	r := aRoom(t)
	anna, start := r.As(r.anna), community.SpacePath(r.open.ID)+"/gesprekken"
	ask := func(title string) *pagetest.Page {
		page := anna.Get(community.SpacePath(r.open.ID)+"/nieuw?soort=question").Wants(http.StatusOK, "Stel een vraag")
		return anna.Submit(page.Form(start), "title", title, "body", "Wie weet het?")
	}
	first := ask("Hoe leg je uit dat een indicatie stopt?")
	anna.Follow(first).Wants(http.StatusOK, "Hoe leg je uit")

	again := ask("Wat zeg je als de indicatie stopt?").Wants(http.StatusOK, "Staat je antwoord er al?", "Hoe leg je uit dat een indicatie stopt?", "Stel mijn vraag toch")
	if again.Form(start).Fields.Get("body") != "Wie weet het?" {
		t.Error("what was typed is gone")
	}
	anna.Follow(anna.Submit(again.Form(start))).Wants(http.StatusOK, "Wat zeg je als de indicatie stopt?")
}

// isHeard checks which level the menu marks as the one in use.
func isHeard(t *testing.T, page *pagetest.Page, level string) {
	t.Helper()
	marked := regexp.MustCompile(`name="level" value="(\w+)" aria-current="true"`).FindAllStringSubmatch(page.Body, -1)
	if len(marked) != 1 || marked[0][1] != level {
		t.Errorf("marked as heard is %q, want %s", marked, level)
	}
}

func TestTidyingAStream(t *testing.T) {
	r := aRoom(t)
	discussion := r.Stream(r.anna, r.open, forum.Discussion)
	path := forum.StreamPath(discussion.ID)
	bram, anna, mieke := r.As(r.bram), r.As(r.anna), r.As(r.mieke)

	bram.Get(path + "/wijzig").Wants(http.StatusForbidden)
	isHeard(t, bram.Get(path).Wants(http.StatusOK).Lacks("Zet bovenaan vast", "Sluit dit gesprek", "Wijzig titel"), "mentions")
	form := anna.Get(path + "/wijzig").Wants(http.StatusOK).Form(path + "/wijzig")
	anna.Submit(form, "title", "", "tags", "wmo").Wants(http.StatusUnprocessableEntity, "Vul dit in.")
	anna.Follow(anna.Submit(form, "title", "Een betere titel", "tags", "wmo, , jeugd ", "category", "Werkwijze")).
		Wants(http.StatusOK, "Een betere titel", "wmo", "jeugd", "Bewaard.")
	anna.Post(path+"/vastzetten", "pinned", "ja").Wants(http.StatusForbidden)
	mieke.Follow(mieke.Post(path+"/vastzetten", "pinned", "ja")).Wants(http.StatusOK, "Vastgezet", "Zet niet meer vast")
	mieke.Follow(mieke.Post(path+"/vastzetten", "pinned", "nee")).Wants(http.StatusOK, "Zet bovenaan vast")
	anna.Follow(anna.Post(path+"/sluiten", "closed", "ja")).Wants(http.StatusOK, "Gesloten", "Open dit gesprek weer")
	anna.Follow(anna.Post(path+"/sluiten", "closed", "nee")).Wants(http.StatusOK, "is weer open")
	isHeard(t, bram.Follow(bram.Post(path+"/volgen", "level", "muted")).Wants(http.StatusOK, "Stil"), "muted")
	bram.Post(path+"/volgen", "level", "luid").Wants(http.StatusUnprocessableEntity)
}

func TestReadingIsMarkedByAButtonNotByLooking(t *testing.T) {
	r := aRoom(t)
	discussion := r.Stream(r.anna, r.open, forum.Discussion)
	reply := r.Post(r.anna, discussion, "Eerste")
	r.Post(r.anna, discussion, "Tweede")
	bram, path := r.As(r.bram), forum.StreamPath(discussion.ID)
	for range 2 {
		bram.Get(path).Wants(http.StatusOK, "3 nieuwe berichten", "Nieuw voor jou")
		bram.Get(forum.PostPath(reply.ID)).Wants(http.StatusOK)
	}
	page := bram.Get(path)
	bram.Follow(bram.Submit(page.Form(path+"/gelezen"))).Wants(http.StatusOK, "gelezen").Lacks(`id="nieuw"`)
}

func TestPartsOfALongStream(t *testing.T) {
	r := aRoom(t)
	channel := r.Stream(r.mieke, r.open, forum.Channel)
	for i := range 120 {
		r.Post(r.mieke, channel, fmt.Sprintf("Bericht %d.", i+1))
	}
	anna := r.As(r.anna)
	page := anna.Get(forum.StreamPath(channel.ID)).Wants(http.StatusOK, "Bericht 1.", "Naar het nieuwste bericht").Lacks("Bericht 120.")
	anna.Get(page.Link("Naar het nieuwste bericht")).Wants(http.StatusOK, "Bericht 120.", "Bericht 71.").Lacks("Bericht 70.")
	anna.Post(forum.StreamPath(channel.ID)+"/gelezen", "rev", "1000")
	newest := anna.Get(forum.StreamPath(channel.ID)).Wants(http.StatusOK, "Bericht 120.", "Bericht 71.").Lacks("Bericht 70.")
	older := newest.Link("Oudere berichten")
	anna.Get(older).Wants(http.StatusOK, "Bericht 70.", "Bericht 21.", "Nieuwere berichten").Lacks("Bericht 71.")
	anna.Part = "posts"
	part := anna.Get(older).Wants(http.StatusOK, "Bericht 70.")
	if strings.Contains(part.Body, "<html") {
		t.Error("script gets the whole page")
	}
}
