package richtext

import (
	"bytes"
	"slices"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
)

// settle walks the tree once after parsing. It lists the mentions, marks task
// lists, flattens what is nested too deep, undoes links whose definitions would
// make the text grow beyond bounds, and trims the ends of lines.
//
// It also says whether all of the HTML will be ours: every tag one that goldmark
// writes by itself, every attribute one that we know. Then sanitising it would
// only copy it.
func settle(root ast.Node, source []byte) (mentions []int64, ours bool) {
	s := settler{source: source, ours: !bytes.ContainsAny(source, "<&")}
	s.children(root, 0)
	return s.mentions, s.ours
}

type settler struct {
	source     []byte
	mentions   []int64
	referenced int // bytes of link definitions in use
	inImage    bool
	ours       bool
}

// children settles what lies in a node; phrases is how many emphases and links
// it lies in itself.
func (s *settler) children(parent ast.Node, phrases int) {
	for n := parent.FirstChild(); n != nil; {
		next := n.NextSibling()
		switch n := n.(type) {
		case *ast.Text:
			s.lineEnd(n)
		case *mention:
			s.mention(n)
		case *extast.TaskCheckBox:
			markTask(n)
		case *ast.Emphasis, *extast.Strikethrough:
			next = s.phrase(parent, n, phrases, next)
		case *ast.AutoLink, *ast.FencedCodeBlock: // an address, the name of a language
			s.ours = false
		case *ast.Link:
			s.ours = false
			if n.Reference != nil && !s.mayRefer(n.Destination, n.Title) {
				next = lift(parent, n, next)
				break
			}
			next = s.phrase(parent, n, phrases, next)
		case *ast.Image:
			s.ours = false
			if n.Reference != nil && !s.mayRefer(n.Destination, n.Title) {
				next = lift(parent, n, next)
				break
			}
			outer := s.inImage
			s.inImage = true
			next = s.phrase(parent, n, phrases, next)
			s.inImage = outer
		default:
			s.children(n, phrases)
		}
		n = next
	}
}

// phrase settles a node within a line. Where it lies too deep its content takes
// its place and is what comes next.
func (s *settler) phrase(parent, n ast.Node, phrases int, next ast.Node) ast.Node {
	if phrases == maxPhrases {
		return lift(parent, n, next)
	}
	s.children(n, phrases+1)
	return next
}

// lift puts the children of a node in its place and returns what now follows
// where it stood.
func lift(parent, n, next ast.Node) ast.Node {
	first := n.FirstChild()
	for c := first; c != nil; c = n.FirstChild() {
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
	if first != nil {
		return first
	}
	return next
}

// lineEnd trims the spaces at the end of a line. They end up in the text before
// when a parser asked at each of them whether an address starts there.
func (s *settler) lineEnd(n *ast.Text) {
	if !n.Segment.IsEmpty() || !n.SoftLineBreak() && !n.HardLineBreak() {
		return
	}
	if before, ok := n.PreviousSibling().(*ast.Text); ok && !before.SoftLineBreak() && !before.HardLineBreak() {
		before.Segment = before.Segment.TrimRightSpace(s.source)
	}
}

func (s *settler) mention(n *mention) {
	if s.inImage {
		return
	}
	if !slices.Contains(s.mentions, n.person) {
		if len(s.mentions) == MaxMentions {
			return
		}
		s.mentions = append(s.mentions, n.person)
	}
	n.listed = true
}

func (s *settler) mayRefer(destination, title []byte) bool {
	s.referenced += len(destination) + len(title)
	return s.referenced <= maxReferenceBytes
}

// markTask gives the item and the list of a checkbox their classes.
func markTask(box ast.Node) {
	item := box.Parent().Parent()
	item.SetAttributeString("class", []byte("task-list-item"))
	item.Parent().SetAttributeString("class", []byte("task-list"))
}
