package richtext

// kind says where an element may stand and what it may hold.
type kind uint8

const (
	void      kind = iota
	phrase         // within a line
	leaf           // holds phrases only
	container      // holds everything
	item           // of a list
	// The parts of a table, from the outside to the inside.
	table
	section
	row
	cell
)

func (k kind) isPart() bool { return k > table }

type element struct {
	name string
	kind kind
}

// elementOf holds the elements of the policy.
var elementOf = func() map[string]*element {
	all := map[string]*element{}
	for k, names := range [][]string{
		void:      {"br", "hr", "img", "input"},
		phrase:    {"em", "strong", "del", "s", "sub", "sup", "code", "span", "mark", "a"},
		leaf:      {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"},
		container: {"blockquote", "div", "ul", "ol"},
		item:      {"li"},
		table:     {"table"},
		section:   {"thead", "tbody"},
		row:       {"tr"},
		cell:      {"td", "th"},
	} {
		for _, name := range names {
			all[name] = &element{name: name, kind: kind(k)}
		}
	}
	return all
}()

func (e *element) isList() bool { return e.name == "ul" || e.name == "ol" }

// endsAcross reports whether the end tag of e may close e from within an open
// other.
func (e *element) endsAcross(other *element) bool {
	switch e.kind {
	case phrase, leaf:
		return other.kind == phrase
	case container:
		return other.kind < table
	case item:
		return other.kind < table && !other.isList()
	default: // a part of a table ends within its own table
		return other.kind != table
	}
}
