package component

// Icon names a drawing of the sprite. This list is the only one: the build reads
// it and takes these drawings, and no other, from the icon set.
type Icon string

// The names are those of the set (Lucide).
const (
	NoIcon         Icon = ""
	IconArchive    Icon = "archive"
	IconArrowDown  Icon = "arrow-down"
	IconArrowLeft  Icon = "arrow-left"
	IconArrowRight Icon = "arrow-right"
	IconArticle    Icon = "book-open"
	IconAssignment Icon = "clipboard-check"
	IconAttach     Icon = "paperclip"
	IconCalendar   Icon = "calendar"
	IconChannel    Icon = "message-circle"
	IconCheck      Icon = "check"
	IconChevron    Icon = "chevron-down"
	IconClose      Icon = "x"
	IconDelete     Icon = "trash-2"
	IconDiscussion Icon = "messages-square"
	IconEdit       Icon = "pencil"
	IconEmoji      Icon = "smile-plus"
	IconError      Icon = "circle-alert"
	IconFile       Icon = "file-text"
	IconHidden     Icon = "eye-off"
	IconHome       Icon = "house"
	IconInbox      Icon = "bell"
	IconInfo       Icon = "info"
	IconLink       Icon = "link-2"
	IconLock       Icon = "lock"
	IconLog        Icon = "notebook-pen"
	IconMenu       Icon = "menu"
	IconMention    Icon = "at-sign"
	IconMore       Icon = "ellipsis"
	IconOpen       Icon = "globe"
	IconPeople     Icon = "users"
	IconPerson     Icon = "user"
	IconPin        Icon = "pin"
	IconPlus       Icon = "plus"
	IconQuestion   Icon = "circle-question-mark"
	IconQuiet      Icon = "moon-star"
	IconReply      Icon = "reply"
	IconReport     Icon = "flag"
	IconSearch     Icon = "search"
	IconSend       Icon = "send-horizontal"
	IconSettings   Icon = "settings-2"
	IconShield     Icon = "shield-check"
	IconSignOut    Icon = "log-out"
	IconSpaces     Icon = "layout-grid"
	IconSpinner    Icon = "loader-circle"
	IconTable      Icon = "coffee"
	IconUseful     Icon = "thumbs-up"
	IconVersions   Icon = "history"
	IconWarning    Icon = "triangle-alert"
)

// Kind is what a stream is, in the words of the protocol.
type Kind string

// The kinds of stream.
const (
	Channel    Kind = "channel"
	Discussion Kind = "discussion"
	Question   Kind = "question"
	Article    Kind = "article"
	Table      Kind = "table"
	Assignment Kind = "assignment"
	Log        Kind = "log"
)

// Icon returns the drawing that stands for the kind.
func (k Kind) Icon() Icon {
	switch k {
	case Channel:
		return IconChannel
	case Question:
		return IconQuestion
	case Article:
		return IconArticle
	case Table:
		return IconTable
	case Assignment:
		return IconAssignment
	case Log:
		return IconLog
	}
	return IconDiscussion
}
