package api

import (
	"net/http"

	"leerkring/community"
)

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// table is all there is, on one screen per noun.
func (a *API) table() []Operation {
	inSpace := func(action community.Action) func(*call) error {
		return func(c *call) error { return a.community.May(c.ctx(), c.actor, action, c.id) }
	}
	inStream := func(action community.Action) func(*call) error {
		return func(c *call) error { return a.forum.May(c.ctx(), c.actor, action, c.id) }
	}
	withPost := func(action community.Action) func(*call) error {
		return func(c *call) error { return a.forum.MayWithPost(c.ctx(), c.actor, action, c.id) }
	}
	mayWrite := func(c *call) error { return community.MayWrite(c.actor) }

	return []Operation{
		// Me.
		{ID: "getMe", Method: get, Path: "/me", Tag: "me", Summary: "Who I am, with my spaces and what is unread",
			Status: 200, Answer: MeJSON{}, do: a.me},
		{ID: "getMySettings", Method: get, Path: "/me/settings", Tag: "me", Summary: "My settings",
			Status: 200, Answer: SettingsJSON{}, do: a.mySettings},
		{ID: "changeMySettings", Method: patch, Path: "/me/settings", Tag: "me", Summary: "Change my settings",
			Body: SettingsChangeJSON{}, Example: `{"digest": "daily", "hour": 8}`,
			Status: 200, Answer: SettingsJSON{}, may: mayWrite, do: a.changeMySettings},

		// People.
		{ID: "listPeople", Method: get, Path: "/people", Tag: "people", Summary: "People I share a space with, by name",
			Notes: "Administrators see everybody. Never mail addresses.",
			Query: []Param{
				{Name: "q", Doc: "The name or the organisation has words that begin with these.", Shape: "", Example: "fat"},
				{Name: "space", Doc: "Members of this space alone.", Shape: int64(0)},
			},
			Status: 200, Answer: ListJSON[PersonJSON]{}, Paged: true, do: a.listPeople},

		// Spaces.
		{ID: "listSpaces", Method: get, Path: "/spaces", Tag: "spaces", Summary: "The spaces I may know of",
			Notes:  "Of a closed space that I am no member of, only its card.",
			Status: 200, Answer: ListJSON[SpaceOrCardJSON]{}, Paged: true, do: a.listSpaces},
		{ID: "createSpace", Method: post, Path: "/spaces", Tag: "spaces", Summary: "Make a space, or start a conversation with people",
			Notes: "The maker becomes its manager. A community, an organisation and whatever has no parent take an administrator; the others somebody who may write in the parent. " +
				"Kind direct takes people instead of a name; the same people give the same space.",
			Body: NewSpaceJSON{}, Example: `{"kind": "community", "name": "Regio Voorbeeldstad", "visibility": "open"}`,
			Status: 201, Answer: SpaceJSON{}, may: mayWrite, do: a.createSpace},
		{ID: "getSpace", Method: get, Path: "/spaces/{id}", Tag: "spaces", Summary: "A space, or its card",
			Status: 200, Answer: SpaceOrCardJSON{}, may: inSpace(community.SeeCard), do: a.getSpace},
		{ID: "changeSpace", Method: patch, Path: "/spaces/{id}", Tag: "spaces", Summary: "Change a space",
			Body: SpaceChangeJSON{}, Example: `{"description": "Hier leren we van elkaars gesprekken."}`,
			Status: 200, Answer: SpaceJSON{}, may: inSpace(community.Manage), do: a.changeSpace},

		// Members.
		{ID: "listMembers", Method: get, Path: "/spaces/{id}/members", Tag: "members", Summary: "Who belongs to a space, by name",
			Query:  []Param{{Name: "q", Doc: "The name or the organisation has this.", Shape: "", Example: "fat"}},
			Status: 200, Answer: ListJSON[MemberJSON]{}, Paged: true, may: inSpace(community.Read), do: a.listMembers},
		{ID: "putMember", Method: put, Path: "/spaces/{id}/members/{person}", Tag: "members", Summary: "Make somebody a member, or give a member another role",
			Notes: "By a manager or facilitator, or by oneself in an open space. Without a role: member for a newcomer, no change for a member. Only a manager makes or changes a manager. " +
				"Who was removed by another cannot put themselves back.",
			Body: MemberChangeJSON{}, BodyOptional: true, Example: `{"role": "coach"}`,
			Status: 200, Answer: MemberJSON{}, Conflicts: true,
			may: func(c *call) error { return a.community.MayPutMember(c.ctx(), c.actor, c.id, c.other) }, do: a.putMember},
		{ID: "removeMember", Method: remove, Path: "/spaces/{id}/members/{person}", Tag: "members", Summary: "End a membership: one's own, or another's",
			Notes:  "What they wrote stays. The last manager cannot go.",
			Status: 204, Conflicts: true, do: a.removeMember},

		// Invitations.
		{ID: "listInvitations", Method: get, Path: "/spaces/{id}/invitations", Tag: "invitations", Summary: "The invitations that still work, the newest first",
			Status: 200, Answer: ListJSON[InvitationJSON]{}, Paged: true,
			may: func(c *call) error { return a.community.MaySeeInvitations(c.ctx(), c.actor, c.id) }, do: a.listInvitations},
		{ID: "createInvitation", Method: post, Path: "/spaces/{id}/invitations", Tag: "invitations", Summary: "Invite one mail address, or make a link for several people",
			Notes: "It ends after 30 days when nothing is said. With a mail address it is mailed.",
			Body:  NewInvitationJSON{}, Example: `{"uses": 20}`,
			Status: 201, Answer: InvitationJSON{}, may: inSpace(community.ManageMembers), do: a.createInvitation},
		{ID: "revokeInvitation", Method: remove, Path: "/spaces/{id}/invitations/{invitation}", Tag: "invitations", Summary: "End an invitation",
			Status: 204, do: a.revokeInvitation},
		{ID: "acceptInvitation", Method: post, Path: "/invitations/{code}/acceptance", Tag: "invitations", Summary: "Accept an invitation: become a member of its space",
			Status: 201, Answer: SpaceJSON{}, Conflicts: true, do: a.acceptInvitation},

		// Streams.
		{ID: "listStreams", Method: get, Path: "/spaces/{id}/streams", Tag: "streams", Summary: "The streams of a space, the one last posted in first",
			Query:  []Param{{Name: "kind", Doc: "Streams of this kind alone.", Shape: "", Choices: streamKinds, Example: "question"}},
			Status: 200, Answer: ListJSON[StreamJSON]{}, Paged: true, may: inSpace(community.Read), do: a.listStreams},
		{ID: "createStream", Method: post, Path: "/spaces/{id}/streams", Tag: "streams", Summary: "Start a stream",
			Notes: "The body becomes the first post; all kinds but a channel need one.",
			Body:  NewStreamJSON{}, Example: `{"kind": "question", "title": "Hoe vraag je door zonder te sturen?", "body": "Wie kent een goede vraag?", "tags": ["gesprek"]}`, Key: true,
			Status: 201, Answer: StreamJSON{}, Conflicts: true, may: inSpace(community.Write), do: a.createStream},
		{ID: "similarStreams", Method: get, Path: "/streams/similar", Tag: "search", Summary: "What already stands in a space, while a question is being typed",
			Query: []Param{
				{Name: "space", Doc: "The space the question goes to.", Shape: int64(0), Required: true},
				{Name: "q", Doc: "The question so far.", Shape: "", Example: "doorvragen zonder sturen"},
			},
			Status: 200, Answer: ListJSON[HitJSON]{}, do: a.similarStreams},
		{ID: "getStream", Method: get, Path: "/streams/{id}", Tag: "streams", Summary: "A stream",
			Status: 200, Answer: StreamJSON{}, may: inStream(community.Read), do: a.getStream},
		{ID: "changeStream", Method: patch, Path: "/streams/{id}", Tag: "streams", Summary: "Change a stream's own fields",
			Notes: "Who started it may put right title, tags and category, and close it; facilitators and managers may do that for any stream, and pin.",
			Body:  StreamChangeJSON{}, Example: `{"tags": ["gesprek", "doorvragen"]}`,
			Status: 200, Answer: StreamJSON{},
			may: func(c *call) error { return a.forum.MayChangeStream(c.ctx(), c.actor, c.id) }, do: a.changeStream},
		{ID: "acceptAnswer", Method: put, Path: "/streams/{id}/answer", Tag: "streams", Summary: "Choose the answer to a question",
			Notes: "By who asked, facilitators and managers.",
			Body:  AnswerJSON{}, Example: `{"post": 1094}`,
			Status: 200, Answer: StreamJSON{}, Conflicts: true,
			may: func(c *call) error { return a.forum.MayAccept(c.ctx(), c.actor, c.id) }, do: a.acceptAnswer},
		{ID: "reopenQuestion", Method: remove, Path: "/streams/{id}/answer", Tag: "streams", Summary: "Open a question again",
			Status: 204, Conflicts: true,
			may: func(c *call) error { return a.forum.MayAccept(c.ctx(), c.actor, c.id) }, do: a.reopenQuestion},
		{ID: "markSeen", Method: put, Path: "/streams/{id}/seen", Tag: "streams", Summary: "Say how far I have read",
			Notes: "It never goes back. It does not count as a write for the rate.",
			Body:  SeenJSON{}, Example: `{"rev": 18}`, Unbounded: true,
			Status: 200, Answer: StreamJSON{}, may: inStream(community.Follow), do: a.markSeen},
		{ID: "setLevel", Method: put, Path: "/streams/{id}/level", Tag: "streams", Summary: "Say what I want to hear of a stream",
			Notes: "The default is all where I started or posted, else mentions.",
			Body:  LevelJSON{}, Example: `{"level": "muted"}`,
			Status: 200, Answer: StreamJSON{}, may: inStream(community.Follow), do: a.setLevel},

		// Posts.
		{ID: "listPosts", Method: get, Path: "/streams/{id}/posts", Tag: "posts", Summary: "A part of a stream by rising id, or what happened since a rev",
			Notes: "after and before are post ids; neither gives the newest. since, alone, answers exactly as the socket command subscribe.",
			Query: []Param{
				{Name: "after", Doc: "The posts that follow this one; 0 is from the beginning.", Shape: int64(0)},
				{Name: "before", Doc: "The posts that come before this one.", Shape: int64(0)},
				{Name: "since", Doc: "What happened after this rev.", Shape: int64(0)},
			},
			Status: 200, Answer: PostsJSON{}, Paged: true, may: inStream(community.Read), do: a.listPosts},
		{ID: "createPost", Method: post, Path: "/streams/{id}/posts", Tag: "posts", Summary: "Write a post",
			Notes: "Answered only after the commit.",
			Body:  NewPostJSON{}, Example: `{"body": "Wij beginnen met een **open** vraag."}`, Key: true,
			Status: 201, Answer: PostJSON{}, Conflicts: true, may: inStream(community.Write), do: a.createPost},
		{ID: "getPost", Method: get, Path: "/posts/{id}", Tag: "posts", Summary: "A post",
			Status: 200, Answer: PostJSON{}, may: withPost(community.Read), do: a.getPost},
		{ID: "editPost", Method: patch, Path: "/posts/{id}", Tag: "posts", Summary: "Give a post of one's own another text",
			Notes: "With rev: only when the post has not changed since. The same text changes nothing.",
			Body:  EditJSON{}, Example: `{"body": "Wij beginnen met een open vraag."}`,
			Status: 200, Answer: PostJSON{}, Conflicts: true,
			may: func(c *call) error { return a.forum.MayEdit(c.ctx(), c.actor, c.id) }, do: a.editPost},
		{ID: "deletePost", Method: remove, Path: "/posts/{id}", Tag: "posts", Summary: "Delete a post; its place stays",
			Notes:  "By who wrote it, facilitators and managers.",
			Status: 200, Answer: PostJSON{}, do: a.deletePost},
		{ID: "listRevisions", Method: get, Path: "/posts/{id}/revisions", Tag: "posts", Summary: "The texts a post had before, the oldest first",
			Notes:  "Without the present one.",
			Status: 200, Answer: ListJSON[RevisionJSON]{}, Paged: true, may: withPost(community.Read), do: a.listRevisions},
		{ID: "react", Method: put, Path: "/posts/{id}/reactions/{emoji}", Tag: "posts", Summary: "Put an emoji under a post",
			Status: 200, Answer: PostJSON{}, Conflicts: true, may: withPost(community.Write), do: a.react},
		{ID: "unreact", Method: remove, Path: "/posts/{id}/reactions/{emoji}", Tag: "posts", Summary: "Take one's emoji away",
			Status: 200, Answer: PostJSON{}, may: withPost(community.Write), do: a.unreact},
		{ID: "vote", Method: put, Path: "/posts/{id}/vote", Tag: "posts", Summary: "Say that a post helped, or that one has the same question",
			Status: 200, Answer: PostJSON{}, Conflicts: true, may: withPost(community.Write), do: a.vote},
		{ID: "unvote", Method: remove, Path: "/posts/{id}/vote", Tag: "posts", Summary: "Take one's vote back",
			Status: 200, Answer: PostJSON{}, may: withPost(community.Write), do: a.unvote},

		// Search.
		{ID: "search", Method: get, Path: "/search", Tag: "search", Summary: "Streams by what is said in them, the best first",
			Notes: "One item per stream, among what the caller may read. No match: no items.",
			Query: []Param{
				{Name: "q", Doc: "The words; all of them must be there, the last may be half typed.", Shape: "", Required: true, Example: "doorvragen"},
				{Name: "space", Doc: "In this space alone.", Shape: int64(0)},
				{Name: "kind", Doc: "Streams of this kind alone.", Shape: "", Choices: streamKinds, Example: "question"},
				{Name: "author", Doc: "Posts of this person alone.", Shape: int64(0)},
				{Name: "from", Doc: "Posts from this moment on (RFC 3339), or from this day on (in UTC).", Shape: "", Example: "2026-01-01"},
				{Name: "to", Doc: "Posts before this moment, or up to and including this day (in UTC).", Shape: "", Example: "2030-12-31"},
			},
			Status: 200, Answer: ListJSON[HitJSON]{}, Paged: true, do: a.search},

		// Notifications.
		{ID: "listNotifications", Method: get, Path: "/notifications", Tag: "notifications", Summary: "What I was told, the newest first",
			Query:  []Param{{Name: "unread", Doc: "What I have not read alone.", Shape: false}},
			Status: 200, Answer: ListJSON[NotificationJSON]{}, Paged: true, do: a.listNotifications},
		{ID: "readNotifications", Method: put, Path: "/notifications/read", Tag: "notifications", Summary: "Mark notifications as read",
			Notes: "These, or all up to and including one. Ids that are not mine are passed over. It does not count as a write for the rate.",
			Body:  ReadNotificationsJSON{}, Example: `{"until": 31}`, Unbounded: true,
			Status: 200, Answer: InboxJSON{}, may: mayWrite, do: a.readNotifications},

		// The description of all this.
		{ID: "getOpenAPI", Method: get, Path: "/openapi.json", Tag: "description", Summary: "This description, in OpenAPI 3.1", Public: true,
			Status: 200, Answer: DocumentJSON{}, do: a.document},
	}
}
