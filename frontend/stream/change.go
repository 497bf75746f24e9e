package stream

import (
	"net/http"
	"strings"

	"leerkring/forum"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
)

// ChangeForm shows the form for a stream's title, tags and category.
func ChangeForm(v *page.Visit) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	return showChange(v, id, http.StatusOK, nil)
}

// Change takes that form.
func Change(v *page.Visit) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	title, category, tags := v.Value("title"), v.Value("category"), splitTags(v.Value("tags"))
	_, err = v.Forum.ChangeStream(v.Context(), v.Actor, id, forum.StreamChange{Title: &title, Category: &category, Tags: &tags})
	if problem := v.Problem(err); problem != nil {
		return showChange(v, id, problem.Status, problem)
	}
	if err != nil {
		return err
	}
	return v.Go(page.Done(forum.StreamPath(id), "stream_changed"))
}

// changing is what the form shows.
type changing struct {
	frame   layout.Frame
	stream  forum.Stream
	fields  fields
	problem *page.Problem
}

// fields are those of a stream, as they stand in a form.
type fields struct{ Title, Body, Tags, Category string }

func sentFields(v *page.Visit) fields {
	return fields{Title: v.Value("title"), Body: v.Value("body"), Tags: v.Value("tags"), Category: v.Value("category")}
}

func showChange(v *page.Visit, id int64, status int, problem *page.Problem) error {
	if err := v.Forum.MayChangeStream(v.Context(), v.Actor, id); err != nil {
		return err
	}
	stream, err := v.Forum.Stream(v.Context(), v.Actor, id)
	if err != nil {
		return err
	}
	c := changing{stream: stream, problem: problem}
	c.fields = fields{Title: stream.Title, Tags: strings.Join(stream.Tags, ", "), Category: stream.Category}
	if problem != nil {
		c.fields = sentFields(v)
	}
	c.frame, err = frameInSpace(v, stream.SpaceID, stream.Kind, v.Words.T("talk.change_title"))
	if err != nil {
		return err
	}
	c.frame.Failed = problem != nil
	return v.ShowAs(status, changePage(v, c))
}

// frameInSpace returns the frame around a page about a space that is known by
// its number.
func frameInSpace(v *page.Visit, id int64, kind forum.Kind, title string) (layout.Frame, error) {
	space, err := v.Community.Space(v.Context(), v.Actor, id)
	if err != nil {
		return layout.Frame{}, err
	}
	return frameOf(v, space, kind, title)
}

// splitTags reads tags as people write them in one line.
func splitTags(line string) (tags []string) {
	tags = []string{}
	for tag := range strings.SplitSeq(line, ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
