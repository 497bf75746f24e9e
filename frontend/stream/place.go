package stream

import (
	"slices"
	"time"

	"leerkring/forum"
	"leerkring/frontend/component"
	"leerkring/frontend/live"
	"leerkring/frontend/page"
	"leerkring/frontend/show"
)

// placed is a post and where it stands for this reader, with the replies that
// are drawn under it.
type placed struct {
	Place   component.Place
	Post    component.Post
	IsNew   bool
	Replies []placed
}

// groupWithin is how soon after another a post of the same person stands close
// to it. live/list.ts has the same number.
const groupWithin = 5 * time.Minute

// inChannel places posts under each other, with the days between them, close
// together where one person goes on, and a line before the first new one.
func inChannel(v *page.Visit, s forum.Sight, target int64) []placed {
	list := make([]placed, 0, len(s.Posts))
	for i, p := range s.Posts {
		at := placed{Post: live.Post(p), Place: component.Place{FirstNew: p.ID == s.FirstUnread, Target: p.ID == target}}
		if t, ok := s.Threads[p.ID]; ok {
			at.Post.Thread = &component.Thread{Replies: t.Replies, Last: t.Last, People: show.People(t.People)}
		}
		if i == 0 || !sameDay(v, s.Posts[i-1].CreatedAt, p.CreatedAt) {
			at.Place.Day = dayOf(v, p.CreatedAt)
		} else {
			at.Place.Continued = goesOn(s.Posts[i-1], p)
		}
		list = append(list, at)
	}
	return list
}

// goesOn reports whether p is said in one breath with the post before it.
func goesOn(before, p forum.Post) bool {
	return before.Author != nil && p.Author != nil && before.Author.ID == p.Author.ID &&
		!before.Deleted && !p.Deleted && p.ParentID == nil && p.CreatedAt.Sub(before.CreatedAt) < groupWithin
}

// inForum places posts with the replies under the one they answer. Deeper
// replies stand there too and say whom they answer, and so does a reply to a
// post that is on another page. The opening is left out: it stands above.
func inForum(s forum.Sight, target int64) []placed {
	opening := int64(0)
	if s.Opening != nil {
		opening = s.Opening.ID
	}
	var list []placed
	top := map[int64]int{} // of a post, the place in list it stands at or under
	for _, p := range s.Posts {
		if p.ID == opening {
			continue
		}
		at := placed{Post: live.Post(p), Place: component.Place{Target: p.ID == target}, IsNew: isNew(s, p)}
		if p.ParentID == nil || *p.ParentID == opening {
			at.Post.ReplyTo = nil
			top[p.ID] = len(list)
			list = append(list, at)
			continue
		}
		under, ok := top[*p.ParentID]
		if !ok {
			top[p.ID] = len(list)
			list = append(list, at)
			continue
		}
		if list[under].Post.ID == *p.ParentID {
			at.Post.ReplyTo = nil // it stands right under it
		}
		top[p.ID] = under
		list[under].Replies = append(list[under].Replies, at)
	}
	return list
}

// isNew reports whether the reader has not seen a post.
func isNew(s forum.Sight, p forum.Post) bool {
	return s.FirstUnread != 0 && p.ID >= s.FirstUnread && p.CreatedRev > s.Stream.SeenRev && !p.Deleted
}

// markNew puts a line before the first new post: all that stands under it is new.
// What is new above it, a reply to an older post, keeps a mark of its own.
func markNew(list []placed) []placed {
	first := slices.IndexFunc(list, func(p placed) bool { return p.IsNew })
	if first < 0 {
		return list
	}
	list[first].Place.FirstNew = true
	for i := first; i < len(list); i++ {
		list[i].IsNew = false
		for j := range list[i].Replies {
			list[i].Replies[j].IsNew = false
		}
	}
	return list
}

func sameDay(v *page.Visit, a, b time.Time) bool {
	ay, am, ad := a.In(v.Zone).Date()
	by, bm, bd := b.In(v.Zone).Date()
	return ay == by && am == bm && ad == bd
}

// dayOf writes a day between posts: "vandaag", "gisteren", "dinsdag 17 november".
func dayOf(v *page.Visit, at time.Time) string {
	switch at = at.In(v.Zone); {
	case sameDay(v, at, v.Now):
		return v.Words.T("date.today")
	case sameDay(v, at, v.Now.AddDate(0, 0, -1)):
		return v.Words.T("date.yesterday")
	}
	return v.Words.Day(at, v.Now)
}
