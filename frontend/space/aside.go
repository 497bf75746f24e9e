package space

import (
	"github.com/a-h/templ"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// leadersShown beside a space.
const leadersShown = 6

// beside is what stands beside a space: who leads it, the spaces in it, and what
// the visitor can do with it.
type beside struct {
	Space    community.Space
	Leaders  component.People
	Children []community.Space
	// What the visitor is offered.
	MayLeave, MayManage, MayInvite, MayHold bool
	LevelChoices                            []component.Choice
}

func aside(v *page.Visit, space community.Space) (templ.Component, error) {
	b := beside{
		Space:    space,
		MayLeave: may(v, space, community.Leave), MayManage: may(v, space, community.Manage),
		MayInvite: may(v, space, community.ManageMembers), MayHold: mayHold(v, space),
		LevelChoices: levelChoices(v, space.Level),
	}
	leaders, err := v.Community.Leaders(v.Context(), v.Actor, space.ID, leadersShown)
	if err != nil {
		return nil, err
	}
	for _, m := range leaders {
		b.Leaders = append(b.Leaders, show.Member(m))
	}
	if b.Children, err = v.Community.Children(v.Context(), v.Actor, space.ID); err != nil {
		return nil, err
	}
	return besidePart(v, b), nil
}

// levelChoices are what one can want to hear of a space.
func levelChoices(v *page.Visit, current community.Level) (choices []component.Choice) {
	for _, level := range []community.Level{community.LevelDefault, community.LevelAll, community.LevelMentions, community.LevelMuted} {
		word := string(level)
		if level == community.LevelDefault {
			word = "default"
		}
		choices = append(choices, component.Choice{Value: string(level), Label: v.Words.T("space.level_" + word), Chosen: level == current})
	}
	return choices
}
