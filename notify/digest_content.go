package notify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
)

// How much one digest holds. The rest is a number and a link: somebody who was
// away for a month gets a page, not a book.
const (
	digestForYou      = 6
	digestQuestions   = 4
	digestSpaces      = 6
	digestStreams     = 4 // of one space
	digestChannels    = 3 // of one space
	digestHighlights  = 2 // of one channel
	digestNames       = 2 // of those who wrote in one stream
	digestSpacesNamed = 5 // of those that did not fit
)

// digest is what there is to tell somebody, at one moment.
type digest struct {
	Reader reader
	Now    time.Time
	// ForYou is what was said to the reader, the newest first. Of the others
	// there are ForYouMore.
	ForYou     []toReader
	ForYouMore int
	// Questions wait for an answer that the reader may have.
	Questions     []openQuestion
	QuestionsMore int
	// Spaces hold the rest; of OtherSpaces only the names are told.
	Spaces      []spaceNews
	OtherSpaces []string
	// Posts is how many posts there are in Spaces and OtherSpaces.
	Posts int
	// Covered is how far in each stream this digest tells.
	Covered map[int64]int64
}

func (d digest) isEmpty() bool {
	return len(d.ForYou) == 0 && len(d.Questions) == 0 && len(d.Spaces) == 0
}

// toReader is a post to the reader, or what was said in a conversation with
// them.
type toReader struct {
	// Kind is KindMention, KindReply or KindAnswer, or kindDirect.
	Kind      string
	From      string
	StreamID  int64
	PostID    int64
	Title     string
	Space     string
	SpaceKind community.SpaceKind
	HTML      string
	At        time.Time
	// Posts is how many there are in a conversation.
	Posts int
}

const kindDirect = "direct"

// openQuestion is a question without an accepted answer.
type openQuestion struct {
	StreamID int64
	Title    string
	Space    string
	From     string
	HTML     string
	At       time.Time
	Answers  int
}

// spaceNews is what is new in one space.
type spaceNews struct {
	ID           int64
	Name         string
	Streams      []streamNews
	StreamsMore  int
	Channels     []channelNews
	ChannelsMore int
	posts        int
}

// streamNews is a conversation, a question or an article with new posts.
type streamNews struct {
	StreamID int64
	Kind     forum.Kind
	Title    string
	// Opens: the stream itself is new.
	Opens bool
	// Posts is how many are new and not told of elsewhere, by Names and More
	// others.
	Posts int
	Names []string
	More  int
	// HTML is the text of the opening post when that is new, else of the newest,
	// by From.
	From string
	HTML string
	post int64
}

// channelNews is a chat: a number and what others thought worth a mark.
type channelNews struct {
	StreamID   int64
	Title      string
	Posts      int
	Highlights []highlight
}

type highlight struct {
	StreamID int64
	PostID   int64
	From     string
	HTML     string
}

// digestOf works out what there is to tell somebody now: unread, visible, not
// muted, not told before. ErrNoRows for an account that is not in use.
func (n *Notify) digestOf(ctx context.Context, person int64) (d digest, err error) {
	err = n.db.Read(ctx, func(tx *database.Tx) error {
		to, err := loadReader(tx, person)
		if err != nil {
			return err
		}
		d = digest{Reader: to, Now: n.clock.Now(), Covered: map[int64]int64{}}
		streams, err := newsByStream(tx, person)
		if err != nil || len(streams) == 0 {
			return err
		}
		spaces, err := community.MySpaces(tx, to.actor())
		if err != nil {
			return err
		}
		for _, s := range streams {
			d.Covered[s.ID] = s.LastRev
		}
		return d.fill(tx, streams, spaces)
	})
	return d, err
}

func (d *digest) fill(tx *database.Tx, streams []unreadStream, spaces []community.Space) error {
	if err := d.fillForYou(tx, streams); err != nil {
		return err
	}
	if err := d.fillQuestions(tx, streams, spaces); err != nil {
		return err
	}
	return d.fillSpaces(tx, streams, spaces)
}

// fillForYou takes the posts to the reader and the conversations with them.
func (d *digest) fillForYou(tx *database.Tx, streams []unreadStream) error {
	all := 0
	var directs []unreadStream
	for _, s := range streams {
		if s.SpaceKind == community.KindDirect {
			directs = append(directs, s)
		} else {
			all += s.ToMe
		}
	}
	all += len(directs)
	posts, err := postsToReader(tx, d.Reader.ID, digestForYou)
	if err != nil {
		return err
	}
	slices.SortFunc(directs, func(a, b unreadStream) int { return b.LastAt.Compare(a.LastAt.Time) })
	directs = directs[:min(len(directs), digestForYou)]
	last, err := loadDigestPosts(tx, lastPosts(directs))
	if err != nil {
		return err
	}
	for _, s := range directs {
		post := last[s.LastPostID]
		posts = append(posts, toReader{Kind: kindDirect, From: post.From, StreamID: s.ID, PostID: s.LastPostID,
			SpaceKind: s.SpaceKind, HTML: post.HTML, At: s.LastAt.Time, Posts: s.Posts})
	}
	slices.SortStableFunc(posts, func(a, b toReader) int { return b.At.Compare(a.At) })
	d.ForYou = posts[:min(len(posts), digestForYou)]
	d.ForYouMore = all - len(d.ForYou)
	return nil
}

// fillQuestions takes the new questions of others that are still open, those
// with the fewest answers first.
func (d *digest) fillQuestions(tx *database.Tx, streams []unreadStream, spaces []community.Space) error {
	var open []unreadStream
	for _, s := range streams {
		if s.isOpenQuestionFor(d.Reader.ID) {
			open = append(open, s)
		}
	}
	slices.SortStableFunc(open, func(a, b unreadStream) int {
		return cmp.Or(a.PostCount-b.PostCount, b.LastAt.Compare(a.LastAt.Time))
	})
	d.QuestionsMore = max(0, len(open)-digestQuestions)
	open = open[:len(open)-d.QuestionsMore]
	var firsts []int64
	for _, s := range open {
		firsts = append(firsts, s.FirstPostID)
	}
	posts, err := loadDigestPosts(tx, firsts)
	if err != nil {
		return err
	}
	for _, s := range open {
		post := posts[s.FirstPostID]
		d.Questions = append(d.Questions, openQuestion{StreamID: s.ID, Title: s.Title, Space: nameOf(spaces, s.SpaceID),
			From: post.From, HTML: post.HTML, At: post.CreatedAt, Answers: s.PostCount - 1})
	}
	return nil
}

// fillSpaces takes what is left, by space: those with most conversation first.
func (d *digest) fillSpaces(tx *database.Tx, streams []unreadStream, spaces []community.Space) error {
	news := d.gather(streams, spaces)
	slices.SortStableFunc(news, func(a, b spaceNews) int { return cmp.Or(b.weight()-a.weight(), cmp.Compare(a.Name, b.Name)) })
	for i, s := range news {
		d.Posts += s.posts
		if i < digestSpaces {
			d.Spaces = append(d.Spaces, s)
		} else {
			d.OtherSpaces = append(d.OtherSpaces, s.Name)
		}
	}
	return d.loadDetails(tx)
}

// gather puts the streams with something left to tell in their spaces.
func (d *digest) gather(streams []unreadStream, spaces []community.Space) []spaceNews {
	asked := d.asked()
	at := map[int64]int{}
	var news []spaceNews
	for _, s := range streams {
		isAsked := slices.Contains(asked, s.ID)
		posts := s.left(isAsked)
		if posts <= 0 || s.SpaceKind == community.KindDirect {
			continue
		}
		i, known := at[s.SpaceID]
		if !known {
			i = len(news)
			at[s.SpaceID] = i
			news = append(news, spaceNews{ID: s.SpaceID, Name: nameOf(spaces, s.SpaceID)})
		}
		news[i].add(s, posts, isAsked)
	}
	return news
}

// asked are the questions that are told of by themselves.
func (d *digest) asked() (streams []int64) {
	for _, q := range d.Questions {
		streams = append(streams, q.StreamID)
	}
	return streams
}

func (n *spaceNews) add(s unreadStream, posts int, isAsked bool) {
	n.posts += posts
	switch {
	case s.Kind == forum.Channel && len(n.Channels) < digestChannels:
		n.Channels = append(n.Channels, channelNews{StreamID: s.ID, Title: s.Title, Posts: posts})
	case s.Kind == forum.Channel:
		n.ChannelsMore++
	case len(n.Streams) < digestStreams:
		made := streamNews{StreamID: s.ID, Kind: s.Kind, Title: s.Title, Posts: posts, post: s.LastOtherID}
		if s.Opens && !isAsked && !s.OpensToMe {
			made.Opens, made.post = true, s.FirstPostID
		}
		n.Streams = append(n.Streams, made)
	default:
		n.StreamsMore++
	}
}

// weight: a conversation counts for more than a line in a chat.
func (n spaceNews) weight() int { return 1000*(len(n.Streams)+n.StreamsMore) + n.posts }

// loadDetails reads who wrote, and what, of the streams that are told of.
func (d *digest) loadDetails(tx *database.Tx) error {
	var streams, channels, posts []int64
	for _, space := range d.Spaces {
		for _, s := range space.Streams {
			streams, posts = append(streams, s.StreamID), append(posts, s.post)
		}
		for _, c := range space.Channels {
			channels = append(channels, c.StreamID)
		}
	}
	texts, err := loadDigestPosts(tx, posts)
	if err != nil {
		return err
	}
	authors, err := newsAuthors(tx, d.Reader.ID, streams, d.asked())
	if err != nil {
		return err
	}
	highlights, err := newsHighlights(tx, d.Reader.ID, channels)
	if err != nil {
		return err
	}
	for i := range d.Spaces {
		for j := range d.Spaces[i].Streams {
			s := &d.Spaces[i].Streams[j]
			s.From, s.HTML = texts[s.post].From, texts[s.post].HTML
			names := authors[s.StreamID]
			s.Names = names[:min(len(names), digestNames)]
			s.More = len(names) - len(s.Names)
		}
		for j := range d.Spaces[i].Channels {
			c := &d.Spaces[i].Channels[j]
			c.Highlights = highlights[c.StreamID]
		}
	}
	return nil
}

func lastPosts(streams []unreadStream) (ids []int64) {
	for _, s := range streams {
		ids = append(ids, s.LastPostID)
	}
	return ids
}

func nameOf(spaces []community.Space, id int64) string {
	for _, s := range spaces {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}
