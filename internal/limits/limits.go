// Package limits holds every number that bounds what one person, one request
// or one connection may take. The protocol names some of them; the tests try
// each at one below, at and one above.
package limits

import "time"

// Texts, in code points.
const (
	// Body is the longest text of a post.
	Body = 20_000
	// Line is the longest title or name.
	Line = 200
	// Description of a space, and what a person says about themselves.
	Description = 2_000
	// Tags on one stream, and the length of one.
	Tags = 10
	Tag  = 40
	// Emoji is the longest reaction.
	Emoji = 16
	// Query is the longest search question.
	Query = 200
)

// Posts.
const (
	// DifferentReactions is how many emoji one post can carry.
	DifferentReactions = 30
	// ThreadDepth is how many levels a thread is drawn; deeper replies stand
	// on the last with "in reply to".
	ThreadDepth = 2
)

// Spaces.
const (
	// SpaceDepth is how many levels the tree of spaces has.
	SpaceDepth = 6
	// DirectPeople is how many people a direct conversation has at most.
	DirectPeople = 12
	// InvitationUses and InvitationLife bound an invitation by link.
	InvitationUses = 1_000
	InvitationLife = 365 * 24 * time.Hour
	// InvitationDefaultLife is how long an invitation lasts when nothing is said.
	InvitationDefaultLife = 30 * 24 * time.Hour
)

// Notifications and mail.
const (
	// Hearers is how many people hear of one post in their inbox; those whom it
	// concerns most come first.
	Hearers = 2_000
	// MentionMailDelay is how long somebody has to see a mention for themselves.
	MentionMailDelay = 10 * time.Minute
	// InvitationMailsPerHour go to one mail address at most.
	InvitationMailsPerHour = 5
	// MailsKept is how long it is kept that a mail went out.
	MailsKept = 90 * 24 * time.Hour
)

// Lists.
const (
	PageDefault = 50
	PageMax     = 200
)

// Sign-in.
const (
	// SignInLinkLife is how long a link in a mail opens the door.
	SignInLinkLife = 15 * time.Minute
	// SignInLinksPerHour go to one mail address at most.
	SignInLinksPerHour = 5
	// SignInRequestsPerHour are taken from one network address. A town hall
	// shares one.
	SignInRequestsPerHour = 600
	// SessionLife is how long somebody stays signed in on one device.
	SessionLife = 30 * 24 * time.Hour
	// Tokens of one person.
	Tokens = 50
)

// Catching up over a socket or the API: more than this is a reset.
const (
	CatchUpPosts = 500
	CatchUpBytes = 512 << 10
)

// Requests.
const (
	// RequestBody is the largest body of an API call or a form.
	RequestBody = 256 << 10
	// RequestHeaders is the largest head of a request.
	RequestHeaders = 64 << 10
	// HeaderTime and RequestTime end a request that arrives too slowly.
	HeaderTime  = 10 * time.Second
	RequestTime = 60 * time.Second
	IdleTime    = 120 * time.Second
)

// Rates, per person. LEERKRING_LIMITS=off lifts them.
const (
	WritesBurst      = 30
	WritesBurstTime  = 10 * time.Second
	WritesSteady     = 300
	WritesSteadyTime = 10 * time.Minute
)

// Sockets.
const (
	// Frame is the largest frame a client may send, Batch the largest it gets.
	Frame = 256 << 10
	Batch = 1 << 20
	// FramePieces is how many frames one message of a client may be made of.
	FramePieces = 1024
	// CommandsPerSecond and CommandsBurst bound one connection.
	CommandsPerSecond = 20
	CommandsBurst     = 100
	// Subscriptions of one connection.
	Subscriptions = 500
	// SocketsPerPerson is how many connections one person may have open on a node.
	SocketsPerPerson = 50
	// PingEvery is the heartbeat; a connection that leaves PingsMissed
	// unanswered is closed.
	PingEvery   = 25 * time.Second
	PingsMissed = 2
	// WriteTime is how long a connection may refuse to take bytes before it is cut.
	WriteTime = 5 * time.Second
	// TypingEvery is how often "is typing" goes out per person and stream.
	TypingEvery = 3 * time.Second
	// Crowd is how many people may be present in a stream before comings and
	// goings are no longer told one by one, and TypingCrowd how often "is typing"
	// goes out there, whoever types.
	Crowd       = 100
	TypingCrowd = time.Second
	// PresenceLinger is how long a person stays present after their last
	// connection left.
	PresenceLinger = 5 * time.Second
)

// Tables.
const (
	// TableSeats is how many people sit at one table.
	TableSeats = 100
	// TableCards and TableLessons are how many lie on it.
	TableCards   = 2_000
	TableLessons = 200
)
