// Package show turns what the domain knows into what the components draw:
// people, streams, spaces, notifications, and the frame of a space with its
// tabs. Pages that show the same thing show it in the same way because they all
// ask here.
package show

import (
	"time"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/page"
)

// Person returns somebody as others see them.
func Person(card community.PersonCard) component.Person {
	return component.Person{ID: card.ID, Name: card.Name, Organisation: card.Organisation}
}

// People returns several of them.
func People(cards []community.PersonCard) component.People {
	people := make(component.People, 0, len(cards))
	for _, card := range cards {
		people = append(people, Person(card))
	}
	return people
}

// Member returns somebody with what they are in a space.
func Member(m community.Membership) component.Person {
	person := Person(m.Person)
	person.Mark = MarkOf(m.Role)
	return person
}

// MarkOf returns the mark of a role; a member has none.
func MarkOf(role community.Role) component.Mark {
	switch role {
	case community.Coach:
		return component.Coach
	case community.Facilitator:
		return component.Facilitator
	case community.Manager:
		return component.Manager
	}
	return component.NoMark
}

// Moment returns a moment as the visitor reads it, now.
func Moment(v *page.Visit, at time.Time) component.Moment {
	return component.MomentOf(v.Words, at.In(v.Zone), v.Now)
}

// Day returns a day without a clock: "20 november 2026".
func Day(v *page.Visit, at time.Time) component.Moment {
	at = at.In(v.Zone)
	return component.Moment{At: at, Label: v.Words.Date(at), Whole: v.Words.Moment(at)}
}
