package style

import (
	"strings"
	"time"

	"leerkring/frontend/component"
	"leerkring/frontend/layout"
)

// All people and conversations here are invented.

var amsterdam = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // package component brings the zones
	}
	return loc
}()

// now is when the pages are looked at.
var now = time.Date(2026, 11, 20, 9, 40, 0, 0, amsterdam)

// ago is a moment so many days and minutes back.
func ago(days, minutes int) time.Time {
	return now.AddDate(0, 0, -days).Add(-time.Duration(minutes) * time.Minute)
}

func (v view) when(days, minutes int) component.Moment {
	return component.MomentOf(v.words, ago(days, minutes), now)
}

func (v view) date(days int) component.Moment {
	at := ago(days, 0)
	return component.Moment{At: at, Label: v.words.Date(at), Whole: v.words.Moment(at)}
}

var (
	marieke  = component.Person{ID: 7, Name: "Marieke de Vries", Organisation: "Gemeente Bronckhorst", Role: "beleidsadviseur Wmo", Here: true}
	karin    = component.Person{ID: 12, Name: "Karin Hofstra", Organisation: "Gemeente Doetinchem", Role: "adviseur leren", Mark: component.Facilitator, Here: true}
	yusuf    = component.Person{ID: 23, Name: "Yusuf Demir", Organisation: "Buurtteam Oost", Role: "wijkcoach"}
	joke     = component.Person{ID: 31, Name: "Joke te Winkel", Organisation: "Gemeente Oude IJsselstreek", Role: "consulent"}
	bart     = component.Person{ID: 44, Name: "Bart van der Meulen", Organisation: "Gemeente Aalten", Role: "kwaliteitsmedewerker"}
	annemiek = component.Person{ID: 58, Name: "Annemiek Geerdink", Organisation: "Gemeente Berkelland", Role: "medewerker burgerzaken", Mark: component.Coach}
	fatima   = component.Person{ID: 61, Name: "Fatima El Amrani", Organisation: "Gemeente Winterswijk", Role: "teamleider toegang", Mark: component.Manager, Here: true}
	unbroken = component.Person{ID: 78, Name: strings.Repeat("Zevenhuizen", 6)[:60], Organisation: strings.Repeat("organisatie", 6), Role: "raadsgriffier"}
	arabic   = component.Person{ID: 79, Name: "محمد الأمين", Organisation: "Gemeente Aalten", Role: "tolk"}
	flower   = component.Person{ID: 80, Name: "🌻🌻🌻", Organisation: "Buurtteam Oost"}
	long     = component.Person{ID: 77, Name: "Wilhelmina-Alexandra van Oldenbarneveltsteijn-Groenewoudshoven", Organisation: "Samenwerkingsverband Omgevingsvergunningverlening Achterhoek", Role: "programmamanager informatievoorziening"}
)

func spacesOf(here string) []layout.Space {
	list := []layout.Space{
		{Name: "Achterhoek", Href: "/stijl/ruimte", Hue: 0, Unread: 6},
		{Name: "Pilot Samen wonen", Href: "#", Hue: 1, Unread: 12, ForYou: 2, Child: true},
		{Name: "Pilot Vroegsignalering", Href: "#", Hue: 1, Child: true},
		{Name: "Digicoaches", Href: "#", Hue: 3, Unread: 3},
		{Name: "Leergang De Zes", Href: "#", Hue: 5, Unread: 1, ForYou: 1},
		{Name: "Subgroep Toegang", Href: "#", Hue: 5, Child: true},
		{Name: "Griffiersnetwerk", Href: "#", Hue: 2},
		{Name: "Organisatieadviseurs", Href: "#", Hue: 6, Unread: 124},
	}
	for i := range list {
		list[i].Current = list[i].Name == here
	}
	return list
}

func (v view) frame(title string, section layout.Section) layout.Frame {
	me := marieke
	return layout.Frame{
		Words: v.words, Title: title, Theme: v.theme, Section: section, Person: &me, Sample: true,
		Spaces: spacesOf(""), Inbox: 3, Questions: 2, Styles: []string{"style"},
	}
}

// inSpace is the frame of a page of the Achterhoek.
func (v view) inSpace(title, tab string) layout.Frame {
	f := v.frame(title, layout.Elsewhere)
	f.Spaces = spacesOf("Achterhoek")
	f.Here = &layout.Here{Name: "Achterhoek", Href: "/stijl/ruimte", Hue: 0}
	for _, t := range []component.Tab{
		{Label: "Gesprekken", Href: "/stijl/gesprekken", Count: component.Count{N: 4}},
		{Label: "Vragen", Href: "/stijl/vraag", Count: component.Count{N: 2, ForYou: true}},
		{Label: "Kennis", Href: "/stijl/artikel"},
		{Label: "Chat", Href: "/stijl/chat"},
		{Label: "Leertafels", Href: "#"},
		{Label: "Leden", Href: "#"},
	} {
		t.Current = t.Label == tab
		f.Tabs = append(f.Tabs, t)
	}
	return f
}

func said(id int64, who component.Person, at time.Time, html string) component.Post {
	return component.Post{ID: id, Rev: id, Look: component.InChannel, Author: &who, At: at, HTML: html}
}

func (v view) notifications() component.Notifications {
	k, y, b, j := karin, yusuf, bart, joke
	return component.Notifications{
		{Kind: "mention", From: &k, Title: "Wie belt de woningcorporatie?", Excerpt: "@Marieke, jij hebt vorig jaar met hen om tafel gezeten. Weet je nog wie de sleutel had?", Space: "Pilot Samen wonen", Href: "#", At: v.when(0, 12), Unread: true},
		{Kind: "answer", From: &y, Title: "Hoe leg je uit dat een indicatie stopt?", Excerpt: "Wij nemen eerst de tijd voor wat wél kan. Ik heb er een gesprekskaart van gemaakt, zie de bijlage.", Space: "Achterhoek", Href: "#", At: v.when(0, 130), Unread: true},
		{Kind: "reply", From: &b, Title: "Verslag leertafel 12 november", Excerpt: "Dank! Punt 3 pakken wij in Aalten op, ik kom er in december op terug.", Space: "Pilot Vroegsignalering", Href: "#", At: v.when(1, 200), Unread: true},
		{Kind: "assignment", Title: "Interview een collega van een andere gemeente", Excerpt: "Klaar voor dinsdag 24 november. Twee vragen, een half uur.", Space: "Leergang De Zes", Href: "#", At: v.when(3, 30)},
		{Kind: "invitation", From: &j, Title: "Werkgroep Laaggeletterdheid", Space: "Oude IJsselstreek", Href: "#", At: v.when(9, 0)},
	}
}

func (v view) rows() component.Rows {
	return component.Rows{
		{Kind: component.Discussion, Title: "Hoe vertel je een inwoner dat het antwoord nee is?", Href: "/stijl/gesprek", By: "Yusuf Demir", Last: v.when(0, 25), Posts: 14, Unread: 4, People: component.People{yusuf, karin, joke, bart}, Tags: []string{"gespreksvoering", "Wmo"}},
		{Kind: component.Question, Title: "Mag een buurtteam bij de schuldhulpgegevens?", Href: "/stijl/vraag", By: "Joke te Winkel", Last: v.when(0, 95), Posts: 3, Unread: 2, ForYou: true, States: []component.State{{Label: "Wacht op jou", Icon: component.IconQuestion, New: true}}, People: component.People{joke, annemiek}},
		{Kind: component.Log, Title: "Logboek pilot Samen wonen: week 46", Href: "#", By: "Karin Hofstra", Last: v.when(1, 60), Posts: 6, People: component.People{karin, fatima, marieke}},
		{Kind: component.Question, Title: "Welke leesbare brieven gebruiken jullie bij een herindicatie?", Href: "#", By: "Annemiek Geerdink", Last: v.when(2, 300), Posts: 8, States: []component.State{{Label: "Beantwoord", Icon: component.IconCheck, Good: true}}, People: component.People{annemiek, bart, yusuf, fatima}},
		{Kind: component.Discussion, Title: "Omgevingsvergunningaanvraagprocedurevereenvoudiging: meedenken over het formulier", Href: "#", By: long.Name, Last: v.when(5, 0), Posts: 1, People: component.People{long}, Tags: []string{"informatievoorzieningsarchitectuur"}},
		{Kind: component.Discussion, Title: "Afspraken van onze leergemeenschap", Href: "#", By: "Karin Hofstra", Last: v.when(41, 0), Posts: 22, States: []component.State{{Label: "Vastgezet", Icon: component.IconPin}, {Label: "Gesloten", Icon: component.IconLock}}, People: component.People{karin, fatima}},
	}
}
