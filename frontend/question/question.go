// Package question lists the questions of all spaces one belongs to: what waits
// for an answer, what one asked, what was answered.
package question

import (
	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// shown on one page.
const shown = 30

// ways to look at the questions, by their word in the address, the usual first.
var ways = []struct {
	word  string
	which forum.Which
}{
	{"open", forum.OpenQuestions},
	{"mijn", forum.MyQuestions},
	{"beantwoord", forum.AnsweredQuestions},
	{"alle", forum.AllQuestions},
}

// list is what stands on the page.
type list struct {
	layout.Frame
	Way     string
	Choices []show.Choice
	Rows    component.Rows
	Pager   component.Pager
	// Ask are the spaces in which the visitor can ask something.
	Ask []component.MenuItem
}

// List shows the questions.
func List(v *page.Visit) error {
	var l list
	var err error
	if l.Frame, err = v.Frame(page.Around{Title: v.Words.T("frame.questions"), Section: layout.Questions}); err != nil {
		return err
	}
	which := l.choose(v)
	cursor := v.Query("verder")
	questions, next, err := v.Forum.Questions(v.Context(), v.Actor, which, community.Page{Limit: shown, Cursor: cursor})
	if err != nil {
		return err
	}
	if l.Rows, err = show.RowsWithSpace(v, questions); err != nil {
		return err
	}
	if next != "" {
		l.Pager.Older = wayPath(l.Way) + "&verder=" + next
	}
	if cursor != "" {
		l.Pager.Newer = wayPath(l.Way)
	}
	if l.Ask, err = placesToAsk(v); err != nil {
		return err
	}
	return v.Show(listPage(v, l))
}

func wayPath(word string) string { return layout.QuestionsPath + "?welke=" + word }

// choose reads how the visitor wants to look at the questions.
func (l *list) choose(v *page.Visit) forum.Which {
	chosen := ways[0]
	for _, w := range ways {
		if v.Query("welke") == w.word {
			chosen = w
		}
	}
	l.Way = chosen.word
	for _, w := range ways {
		l.Choices = append(l.Choices, show.Choice{Label: v.Words.T("question.way_" + w.word), Href: wayPath(w.word), Current: w == chosen})
	}
	return chosen.which
}

// placesToAsk are the visitor's spaces: a question is asked somewhere.
func placesToAsk(v *page.Visit) (items []component.MenuItem, err error) {
	spaces, err := v.MySpaces()
	for _, s := range spaces {
		if s.Kind != community.KindDirect && s.Allow(v.Actor, community.Write) == nil {
			items = append(items, component.MenuItem{
				Label: s.Name, Href: community.SpacePath(s.ID) + "/nieuw?soort=question", Icon: component.IconQuestion,
			})
		}
	}
	return items, err
}
