package stream

import (
	"leerkring/community"
	"leerkring/forum"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// What can be done with a stream by one button.

// Read marks a stream as read up to "rev".
func Read(v *page.Visit) error {
	return act(v, func(id int64) (path, done string, err error) {
		return forum.StreamPath(id), "read", v.Forum.Seen(v.Context(), v.Actor, id, v.ValueID("rev"))
	})
}

// Follow says what the reader wants to hear of a stream.
func Follow(v *page.Visit) error {
	return act(v, func(id int64) (path, done string, err error) {
		level := community.Level(v.Value("level"))
		_, err = v.Forum.SetLevel(v.Context(), v.Actor, id, level)
		return forum.StreamPath(id), "level_" + string(level), err
	})
}

// Pin puts a stream above the others, or no longer.
func Pin(v *page.Visit) error {
	return act(v, func(id int64) (path, done string, err error) {
		on := v.Value("pinned") == "ja"
		_, err = v.Forum.ChangeStream(v.Context(), v.Actor, id, forum.StreamChange{Pinned: &on})
		return forum.StreamPath(id), either(on, "stream_pinned", "stream_unpinned"), err
	})
}

// Close ends a conversation, or opens it again.
func Close(v *page.Visit) error {
	return act(v, func(id int64) (path, done string, err error) {
		on := v.Value("closed") == "ja"
		_, err = v.Forum.ChangeStream(v.Context(), v.Actor, id, forum.StreamChange{Closed: &on})
		return forum.StreamPath(id), either(on, "stream_closed", "stream_opened"), err
	})
}

// Accept chooses "post" as the answer to a question; 0 opens the question again.
func Accept(v *page.Visit) error {
	return act(v, func(id int64) (path, done string, err error) {
		post := v.ValueID("post")
		if post == 0 {
			_, err = v.Forum.Unaccept(v.Context(), v.Actor, id)
			return forum.StreamPath(id), "answer_unaccepted", err
		}
		_, err = v.Forum.Accept(v.Context(), v.Actor, id, post)
		return show.PostAddress(id, post), "answer_accepted", err
	})
}

// act does something with the stream of the address, and goes back to it.
func act(v *page.Visit, do func(id int64) (path, done string, err error)) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	if err := v.Form(); err != nil {
		return err
	}
	path, done, err := do(id)
	if err != nil {
		return err
	}
	return v.Go(page.Done(path, done))
}

func either(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}
