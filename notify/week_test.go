package notify_test

import (
	"fmt"
	"testing"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/testkit"
)

// week is a space with a week of conversation in it, to make mails of that look
// like those that people get. The reader is Anna.
func week(t *testing.T, w *testkit.World) *room {
	r := newRoom(t, w)
	name := "Achterhoek leert samen: toegang tot jeugdhulp"
	space, err := r.Community.ChangeSpace(ctx, r.manager, r.space.ID, community.SpaceChange{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	r.space = space
	yusuf, karin, joke := w.Person("Yusuf Demir"), w.Person("Karin Wolters"), w.Person("Joke te Winkel")
	for _, who := range []community.Actor{yusuf, karin, joke} {
		w.Join(r.manager, r.space, who, community.Member)
	}
	start := func(author community.Actor, kind forum.Kind, title, body string) forum.Stream {
		s, err := w.Forum.Start(ctx, author, r.space.ID, forum.NewStream{Kind: kind, Title: title, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	mine := start(r.anna, forum.Question, "Wie heeft een handreiking voor het eerste gesprek?",
		"Onze nieuwe collega's zoeken houvast.")
	w.Post(karin, mine, "Wij gebruiken een kaart met vijf vragen. Ik zet hem vanmiddag bij de documenten, dan kun je hem zo meenemen naar je team en aanpassen aan hoe jullie werken.")
	w.Post(joke, mine, "Let op: de kaart van vorig jaar klopt niet meer.")
	talk := start(yusuf, forum.Discussion, "Hoe vertel je een inwoner dat het antwoord nee is?",
		"Vorige week zat ik aan tafel met een gezin dat al drie keer was doorverwezen. Ik merkte dat ik om de boodschap heen draaide.")
	first := r.first(talk)
	own := r.reply(r.anna, first, "Ik begin met wat wél kan.")
	r.reply(yusuf, own, "Dat ga ik proberen, dank je!")
	for i := range 3 {
		w.Post(karin, talk, fmt.Sprintf("Nog een gedachte, nummer %d: schrijf van tevoren één zin op.", i+1))
	}
	w.Post(r.bram, talk, "Zwijgen na de boodschap helpt ook. Tel tot tien.")
	start(joke, forum.Question, "Mag een buurtteam bij de gegevens van schuldhulp?",
		"Een inwoner vroeg of wij kunnen meekijken. Hoe regelen jullie dat met toestemming?")
	start(karin, forum.Question, "Welke app gebruiken jullie voor huisbezoeken?", "Liefst iets dat zonder verbinding werkt.")
	start(yusuf, forum.Article, "Zo richt je een warme overdracht in", "In vijf stappen van het consultatiebureau naar het wijkteam.")
	chat := start(r.manager, forum.Channel, "Koffiehoek", "")
	for i := range 12 {
		w.Post(r.bram, chat, fmt.Sprintf("Wie is er %d uur?", i+9))
	}
	liked := w.Post(joke, chat, "Morgen taart: de pilot in Lochem is een jaar bezig.")
	for _, who := range []community.Actor{yusuf, karin, r.bram} {
		if _, err := w.Forum.React(ctx, who, liked.ID, "🎂"); err != nil {
			t.Fatal(err)
		}
	}
	w.Post(joke, chat, fmt.Sprintf("@[%d] heb jij de sleutel van zaal 2?", r.anna.Person))
	direct, err := w.Forum.Direct(ctx, yusuf, []int64{r.anna.Person})
	if err != nil {
		t.Fatal(err)
	}
	streams, _, err := w.Forum.Streams(ctx, yusuf, direct.ID, forum.StreamQuery{}, community.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	w.Post(yusuf, streams[0], "Heb je donderdag een half uur om samen door het verslag te lopen?")
	other := w.Space(r.manager, community.Open, 0)
	w.Join(r.manager, other, r.anna, community.Member)
	if _, err := w.Forum.Start(ctx, r.manager, other.ID, forum.NewStream{Kind: forum.Discussion,
		Title: "Bijeenkomstuitnodigingsadministratievereenvoudiging: wie denkt mee?", Body: "We sturen nu vier mails per bijeenkomst."}); err != nil {
		t.Fatal(err)
	}
	r.work()
	return r
}
