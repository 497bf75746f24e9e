package notify_test

import (
	"slices"
	"testing"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/fault"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

func (r *room) unread(who community.Actor) int {
	r.t.Helper()
	count, err := r.notify.UnreadCount(ctx, who)
	if err != nil {
		r.t.Fatal(err)
	}
	list, _, err := r.notify.Inbox(ctx, who, true, community.Page{Limit: 200})
	if err != nil {
		r.t.Fatal(err)
	}
	if len(list) != count {
		r.t.Errorf("the count says %d, the list has %d", count, len(list))
	}
	for _, n := range list {
		if n.ReadAt != nil {
			r.t.Errorf("among the unread: %+v", n)
		}
	}
	return count
}

func TestInboxShowsWhatItIsAbout(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		question := r.Stream(r.anna, r.space, forum.Question)
		r.Clock.Advance(time.Hour)
		answer := r.Post(r.bram, question, "Zo: **eerst** bellen & dan <i>schrijven</i>.\n\n- a\n- b")
		r.work()
		list := r.inbox(r.anna)
		if len(list) != 1 {
			t.Fatalf("inbox: %+v", list)
		}
		n := list[0]
		if n.Kind != notify.KindAnswer || n.SpaceID != r.space.ID || *n.StreamID != question.ID || *n.PostID != answer.ID ||
			n.Title != question.Title || n.Excerpt != "Zo: eerst bellen & dan schrijven. - a - b" || n.ReadAt != nil ||
			n.From.Name != "Bram" || n.From.Organisation != "Gemeente Voorbeeldstad" || !n.CreatedAt.Equal(r.Clock.Now()) {
			t.Errorf("%+v from %+v", n, n.From)
		}
		// It is about the text as it is now.
		r.edit(r.bram, answer, "Toch niet.")
		if n := r.inbox(r.anna)[0]; n.Excerpt != "Toch niet." {
			t.Errorf("%+v", n)
		}
	})
}

func TestReadByReadingOrByMarking(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chat := r.Stream(r.manager, r.space, forum.Channel)
		other := r.Stream(r.manager, r.space, forum.Channel)
		first := r.Post(r.bram, chat, mentioning(r.anna))
		r.work()
		second := r.Post(r.bram, chat, mentioning(r.anna))
		r.work()
		r.Post(r.bram, other, mentioning(r.anna))
		r.work()
		if got := r.unread(r.anna); got != 3 {
			t.Fatalf("%d unread", got)
		}
		// Reading the stream up to the first reads its notification, and no other.
		if err := r.Forum.Seen(ctx, r.anna, chat.ID, first.Rev); err != nil {
			t.Fatal(err)
		}
		if got := r.unread(r.anna); got != 2 {
			t.Errorf("%d unread after reading one", got)
		}
		list := r.inbox(r.anna)
		if list[2].ReadAt == nil || list[1].ReadAt != nil || list[0].ReadAt != nil {
			t.Errorf("read: %v %v %v", list[2].ReadAt, list[1].ReadAt, list[0].ReadAt)
		}
		// Marking: by id, and up to an id. Not those of others, nor what is not there.
		if err := r.notify.MarkRead(ctx, r.bram, []int64{list[0].ID, list[1].ID}, 0); err != nil {
			t.Fatal(err)
		}
		if err := r.notify.MarkRead(ctx, r.bram, nil, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := r.unread(r.anna); got != 2 {
			t.Errorf("somebody else marked them: %d unread", got)
		}
		r.Clock.Advance(time.Minute)
		if err := r.notify.MarkRead(ctx, r.anna, []int64{list[0].ID, 99999, -1}, 0); err != nil {
			t.Fatal(err)
		}
		if got := r.inbox(r.anna)[0].ReadAt; got == nil || !got.Equal(r.Clock.Now()) {
			t.Errorf("read at %v", got)
		}
		if got := r.unread(r.anna); got != 1 {
			t.Errorf("%d unread", got)
		}
		if err := r.notify.MarkRead(ctx, r.anna, nil, list[1].ID); err != nil {
			t.Fatal(err)
		}
		if got := r.unread(r.anna); got != 0 {
			t.Errorf("%d unread", got)
		}
		_ = second
		reading := r.anna
		reading.Scopes = community.ScopeRead
		if err := r.notify.MarkRead(ctx, reading, nil, 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a token that only reads: %v", err)
		}
		// Sweeping changes nothing that can be seen.
		before := r.inbox(r.anna)
		if err := r.notify.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if after := r.inbox(r.anna); !slices.EqualFunc(before, after, func(a, b notify.Notification) bool {
			return a.ID == b.ID && a.ReadAt.Equal(*b.ReadAt)
		}) {
			t.Errorf("swept %+v to %+v", before, after)
		}
	})
}

// What came after one had read: a mention that was put in later, and an answer
// that was chosen, are unread though the post was seen.
func TestLaterChangesAreUnread(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		question := r.Stream(r.anna, r.space, forum.Question)
		answer := r.Post(r.bram, question, "Zo.")
		r.work()
		for _, who := range []community.Actor{r.bram, r.anais} {
			if err := r.Forum.Seen(ctx, who, question.ID, answer.Rev); err != nil {
				t.Fatal(err)
			}
		}
		r.edit(r.bram, answer, "Zo. "+mentioning(r.anais))
		r.accept(r.anna, question, answer)
		r.work()
		if r.unread(r.anais) != 1 || r.unread(r.bram) != 1 {
			t.Errorf("unread: Anaïs %d, Bram %d", r.unread(r.anais), r.unread(r.bram))
		}
		if n := r.inbox(r.bram)[0]; n.Kind != notify.KindAnswer || n.From.Name != "Anna" {
			t.Errorf("%+v", n)
		}
		if err := r.Forum.Seen(ctx, r.bram, question.ID, 1000); err != nil {
			t.Fatal(err)
		}
		if r.unread(r.bram) != 0 {
			t.Error("read, and still unread")
		}
		// It is no longer the answer: nothing to be proud of any more.
		if _, err := r.Forum.Unaccept(ctx, r.anna, question.ID); err != nil {
			t.Fatal(err)
		}
		if got := r.kinds(r.bram); got != "" {
			t.Errorf("Bram's inbox: %s", got)
		}
	})
}

func TestInboxFollowsAccess(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chat := r.Stream(r.manager, r.space, forum.Channel)
		kept := r.Post(r.bram, chat, mentioning(r.anna))
		gone := r.Post(r.bram, chat, mentioning(r.anna)+" geheim")
		r.work()
		if _, err := r.Forum.Delete(ctx, r.bram, gone.ID); err != nil {
			t.Fatal(err)
		}
		list := r.inbox(r.anna)
		if len(list) != 1 || *list[0].PostID != kept.ID || r.unread(r.anna) != 1 {
			t.Errorf("after a deletion: %+v", list)
		}
		if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anna.Person); err != nil {
			t.Fatal(err)
		}
		if len(r.inbox(r.anna)) != 0 || r.unread(r.anna) != 0 {
			t.Errorf("after losing access: %+v", r.inbox(r.anna))
		}
		r.Join(r.manager, r.space, r.anna, community.Member)
		if len(r.inbox(r.anna)) != 1 {
			t.Error("not there again with the access")
		}
	})
}

func TestInboxGoesOnByCursor(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		chat := r.Stream(r.manager, r.space, forum.Channel)
		for range 7 {
			r.Post(r.bram, chat, mentioning(r.anna))
			r.work()
		}
		var ids []int64
		page := community.Page{Limit: 3}
		for pages := 1; ; pages++ {
			list, next, err := r.notify.Inbox(ctx, r.anna, false, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range list {
				ids = append(ids, n.ID)
			}
			if next == "" {
				if pages != 3 {
					t.Errorf("%d pages", pages)
				}
				break
			}
			page.Cursor = next
		}
		if len(ids) != 7 || !slices.IsSortedFunc(ids, func(a, b int64) int { return int(b - a) }) {
			t.Errorf("ids %v", ids)
		}
		if _, _, err := r.notify.Inbox(ctx, r.anna, false, community.Page{Limit: 3, Cursor: "%%%"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a cursor of somebody else: %v", err)
		}
	})
}

// An invitation stands in the inbox while it works, though the space is closed
// to who is invited.
func TestInvitationInInbox(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		about := "Voor wie in de toegang werkt."
		if _, err := r.Community.ChangeSpace(ctx, r.manager, r.space.ID, community.SpaceChange{Description: &about}); err != nil {
			t.Fatal(err)
		}
		invite := func(mail string) community.Invitation {
			t.Helper()
			made, err := r.Community.Invite(ctx, r.manager, r.space.ID, community.NewInvitation{Mail: mail})
			if err != nil {
				t.Fatal(err)
			}
			r.work()
			return made
		}
		mail := testkit.MailOf("Olaf Buiten")
		made := invite(" " + "OLAF.Buiten@voorbeeldstad.example")
		list := r.inbox(r.olaf)
		if len(list) != 1 || list[0].Kind != notify.KindInvitation || list[0].Title != r.space.Name || list[0].StreamID != nil ||
			list[0].InvitationCode != made.Code || list[0].From.Name != "Mieke Manager" || list[0].Excerpt != about {
			t.Fatalf("inbox: %+v", list)
		}
		if told := r.toldOf(r.olaf); len(told) != 1 || told[0].ID != list[0].ID {
			t.Errorf("told %+v", told)
		}
		if letters := r.mails(); len(letters) != 1 || letters[0].to != "OLAF.Buiten@voorbeeldstad.example" {
			t.Errorf("mails: %+v", letters)
		}
		ends := map[string]func(community.Invitation){
			"revoked": func(i community.Invitation) {
				if err := r.Community.RevokeInvitation(ctx, r.manager, r.space.ID, i.ID); err != nil {
					t.Fatal(err)
				}
			},
			"expired": func(i community.Invitation) { r.Clock.Set(i.ExpiresAt) },
		}
		for name, end := range ends {
			i := invite(mail)
			if len(r.inbox(r.olaf)) == 0 {
				t.Fatalf("%s: not there at first", name)
			}
			end(i)
			for _, n := range r.inbox(r.olaf) {
				if n.InvitationCode == i.Code {
					t.Errorf("%s: still in the inbox", name)
				}
			}
		}
		last := invite(mail)
		if _, err := r.Community.AcceptInvitation(ctx, r.olaf, last.Code); err != nil {
			t.Fatal(err)
		}
		if list := r.inbox(r.olaf); len(list) != 0 {
			t.Errorf("accepted, and still there: %+v", list)
		}
		r.mails()
		// A member needs none, nor does who may not come in.
		invite(mail)
		if err := r.Community.Disable(ctx, testkit.MailOf("Anaïs Öz")); err != nil {
			t.Fatal(err)
		}
		if err := r.Community.RemoveMember(ctx, r.manager, r.space.ID, r.anais.Person); err != nil {
			t.Fatal(err)
		}
		invite(testkit.MailOf("Anaïs Öz"))
		if letters := r.mails(); len(letters) != 0 || len(r.inbox(r.olaf)) != 0 {
			t.Errorf("mails: %+v, inbox %+v", letters, r.inbox(r.olaf))
		}
	})
}

// Whoever is written to hears of it as if they were named, once for all that
// they have not seen.
func TestAMessageToSomebody(t *testing.T) {
	eachRoom(t, func(t *testing.T, r *room) {
		space, err := r.Forum.Direct(ctx, r.bram, []int64{r.anna.Person, r.anais.Person})
		if err != nil {
			t.Fatal(err)
		}
		streams, _, err := r.Forum.Streams(ctx, r.anna, space.ID, forum.StreamQuery{}, community.Page{Limit: 2})
		if err != nil || len(streams) != 1 {
			t.Fatal(streams, err)
		}
		first := r.Post(r.bram, streams[0], "Heb je even?")
		r.Post(r.bram, streams[0], "Of morgen?")
		r.work()
		if list := r.inbox(r.bram); len(list) != 0 {
			t.Errorf("who wrote it is told: %+v", list)
		}
		list := r.inbox(r.anna)
		if len(list) != 1 || list[0].Kind != notify.KindMention || !list[0].Direct || *list[0].PostID != first.ID {
			t.Fatalf("inbox: %+v", list)
		}
		stream, err := r.Forum.Stream(ctx, r.anna, streams[0].ID)
		if err != nil || stream.Unread != 2 || stream.Mentions != 2 {
			t.Errorf("unread %d, of which to her %d, want 2 and 2 (%v)", stream.Unread, stream.Mentions, err)
		}

		// Anaïs saw it in time, Anna gets a mail.
		if err := r.Forum.Seen(ctx, r.anais, streams[0].ID, 2); err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(10 * time.Minute)
		r.work()
		letters := r.mails()
		if len(letters) != 1 || letters[0].to != testkit.MailOf("Anna") || letters[0].subject != "Bram stuurt je een bericht" {
			t.Errorf("mails: %+v", letters)
		}

		// When it was read, the next one is news again.
		if err := r.Forum.Seen(ctx, r.anna, streams[0].ID, 2); err != nil {
			t.Fatal(err)
		}
		r.Post(r.bram, streams[0], "Fijn!")
		r.work()
		if list := r.inbox(r.anna); len(list) != 2 || list[0].ReadAt != nil || list[1].ReadAt == nil {
			t.Errorf("inbox: %+v", list)
		}
	})
}
