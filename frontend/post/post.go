// Package post is all that can be done with one post: its page, which is also
// the sheet behind "…", reacting, voting, editing, deleting, its earlier texts.
package post

import (
	"net/http"
	"strconv"

	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/live"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// The addresses of what can be done with a post, beside those that the component
// knows itself; frontend.go lists them all.
func editPath(post int64) string   { return component.PostPath(post) + "/wijzig" }
func deletePath(post int64) string { return component.PostPath(post) + "/verwijder" }

// VersionsPath is the page of a post's earlier texts.
func VersionsPath(post int64) string { return component.PostPath(post) + "/versies" }

// answerPath takes the POST that chooses an answer to a question.
func answerPath(stream int64) string { return forum.StreamPath(stream) + "/antwoord" }

// emoji are those to choose from. Others come in through the API.
var emoji = []string{"👍", "❤️", "😄", "💡", "🙏", "👏", "🤔", "🎉"}

// Show shows a post with everything this reader may do with it; with "deel" as
// the sheet that script puts beside the post.
func Show(v *page.Visit) error {
	s, err := see(v)
	if err != nil {
		return err
	}
	if v.Query("deel") != "" {
		return v.Show(s.doings())
	}
	if err := s.around(s.title()); err != nil {
		return err
	}
	return v.Show(s.page())
}

// sight is a post as its pages show it.
type sight struct {
	forum.PostSight
	v     *page.Visit
	frame layout.Frame
}

func see(v *page.Visit) (sight, error) {
	id, err := v.ID("id")
	if err != nil {
		return sight{}, err
	}
	s, err := v.Forum.SeePost(v.Context(), v.Actor, id)
	return sight{PostSight: s, v: v}, err
}

// around puts the frame around the page.
func (s *sight) around(title string) error {
	space, err := s.v.Community.Space(s.v.Context(), s.v.Actor, s.Space.ID)
	if err != nil {
		return err
	}
	around, err := show.InSpace(s.v, space, show.TabOf(s.Stream.Kind))
	if err != nil {
		return err
	}
	around.Title = title
	s.frame, err = s.v.Frame(around)
	return err
}

func (s sight) title() string {
	if s.Post.Author == nil {
		return s.v.Words.T("message.title")
	}
	return s.v.Words.T("message.title_by", "Name", s.Post.Author.Name)
}

// place is where the post stands.
func (s sight) place() string { return show.PostAddress(s.Stream.ID, s.Post.ID) }

// items are the things to do, the first first.
func (s sight) items() (items []component.MenuItem) {
	t, id := s.v.Words.T, s.Post.ID
	add := func(may bool, item component.MenuItem) {
		if may {
			items = append(items, item)
		}
	}
	add(s.May.Reply, component.MenuItem{Label: t("message.reply"), Icon: component.IconReply, Href: component.ThreadPath(id)})
	add(s.May.Accept, component.MenuItem{Label: t("message.accept"), Icon: component.IconCheck, Action: answerPath(s.Stream.ID), Name: "post", Value: number(id)})
	add(s.May.Unaccept, component.MenuItem{Label: t("message.unaccept"), Icon: component.IconCheck, Action: answerPath(s.Stream.ID), Name: "post", Value: "0"})
	add(true, component.MenuItem{Label: t("message.link"), Icon: component.IconLink, Href: s.place()})
	add(s.May.Edit, component.MenuItem{Label: t("message.edit"), Icon: component.IconEdit, Href: editPath(id)})
	add(s.Post.EditedAt != nil && !s.Post.Deleted, component.MenuItem{Label: t("message.versions"), Icon: component.IconVersions, Href: VersionsPath(id)})
	add(s.May.Delete, component.MenuItem{Label: t("message.delete"), Icon: component.IconDelete, Href: deletePath(id), Danger: true})
	return items
}

// React puts an emoji under a post, or takes it away.
func React(v *page.Visit) error {
	return change(v, func(id int64) (forum.Post, error) {
		return v.Forum.ToggleReaction(v.Context(), v.Actor, id, v.Value("emoji"))
	})
}

// Vote says that a post is useful, or no longer.
func Vote(v *page.Visit) error {
	return change(v, func(id int64) (forum.Post, error) {
		return v.Forum.ToggleVote(v.Context(), v.Actor, id)
	})
}

// change does something with the post of the address and goes back to its place.
// Script gets the post as it is now, or why it was not done.
func change(v *page.Visit, do func(id int64) (forum.Post, error)) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	changed, err := do(id)
	if !v.Wants("post") {
		if err != nil {
			return err
		}
		return v.Go(show.PostAddress(changed.StreamID, id))
	}
	if problem := v.Problem(err); problem != nil {
		return v.ShowAs(problem.Status, live.Reason(problem))
	}
	if err != nil {
		return err
	}
	return v.ShowAs(http.StatusOK, live.Post(changed).View())
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
