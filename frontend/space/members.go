package space

import (
	"net/url"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// membersShown on one page.
const membersShown = 50

// members is who belongs to a space.
type members struct {
	layout.Frame
	Space community.Space
	Q     string
	List  []community.Membership
	Pager component.Pager
	// MayManage: the visitor gives roles and removes people.
	MayManage bool
}

// Members shows who belongs to a space.
func Members(v *page.Visit) error {
	space, err := enterTo(v, community.Read)
	if err != nil {
		return err
	}
	m := members{Space: space, Q: v.Query("q"), MayManage: may(v, space, community.ManageMembers) && space.Kind != community.KindDirect}
	if m.Frame, err = frame(v, space, show.Members, v.Words.T("space.tab_members")); err != nil {
		return err
	}
	m.AsideAtDesk = true
	if m.Aside, err = aside(v, space); err != nil {
		return err
	}
	cursor := v.Query("verder")
	list, next, err := v.Community.Members(v.Context(), v.Actor, space.ID, m.Q, community.Page{Limit: membersShown, Cursor: cursor})
	if err != nil {
		return err
	}
	m.List = list
	path := show.TabPath(space.ID, show.Members)
	m.Pager.Timeless = true
	if next != "" {
		m.Pager.Older = path + "?" + url.Values{"q": {m.Q}, "verder": {next}}.Encode()
	}
	if cursor != "" {
		m.Pager.Newer = path + "?" + url.Values{"q": {m.Q}}.Encode()
	}
	return v.Show(membersPage(v, m))
}

// member is one member, for who may change what they are here.
type member struct {
	layout.Frame
	Space   community.Space
	Member  community.Membership
	Problem *page.Problem
}

func (m member) path() string { return memberPath(m.Space.ID, m.Member.Person.ID) }

func memberPath(space, person int64) string {
	return show.TabPath(space, show.Members) + "/" + itoa(person)
}

// Member shows what one can change of a member, or asks whether they should go.
func Member(v *page.Visit) error {
	m, err := loadMember(v)
	if err != nil {
		return err
	}
	if v.Query("weg") != "" {
		return v.Show(removePage(v, m))
	}
	return v.Show(memberPage(v, m))
}

func loadMember(v *page.Visit) (m member, err error) {
	if m.Space, err = enterTo(v, community.ManageMembers); err != nil {
		return m, err
	}
	person, err := v.ID("person")
	if err != nil {
		return m, err
	}
	if m.Member, err = v.Community.Member(v.Context(), v.Actor, m.Space.ID, person); err != nil {
		return m, err
	}
	m.Frame, err = frame(v, m.Space, show.Members, m.Member.Person.Name)
	return m, err
}

// ChangeMember gives a member another role, or with "remove" ends their
// membership.
func ChangeMember(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	space, err := v.ID("space")
	if err != nil {
		return err
	}
	person, err := v.ID("person")
	if err != nil {
		return err
	}
	done, view := "role_changed", memberPage
	if v.Value("remove") != "" {
		done, view = "member_removed", removePage
		err = v.Community.RemoveMember(v.Context(), v.Actor, space, person)
	} else {
		_, err = v.Community.PutMember(v.Context(), v.Actor, space, person, community.Role(v.Value("role")))
	}
	if problem := v.Problem(err); problem != nil {
		m, err := loadMember(v)
		if err != nil {
			return err
		}
		m.Problem, m.Failed = problem, true
		return v.ShowAs(problem.Status, view(v, m))
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(show.TabPath(space, show.Members), done))
}

// roleChoices are the roles that the visitor can give: only a manager makes
// another.
func (m member) roleChoices(v *page.Visit) (choices []component.Choice) {
	for _, role := range community.Roles {
		if role == community.Manager && m.Space.Role != community.Manager && m.Member.Role != community.Manager {
			continue
		}
		choices = append(choices, component.Choice{
			Value: string(role), Label: show.Role(v, role), Description: v.Words.T("space.what_" + string(role)), Chosen: role == m.Member.Role,
		})
	}
	return choices
}
