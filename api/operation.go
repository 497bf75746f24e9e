package api

import (
	"net/http"
	"strings"

	"leerkring/community"
)

// Operation is one thing that can be asked of the API.
type Operation struct {
	// ID names it in the OpenAPI document.
	ID     string
	Method string
	// Path is below [Base], with {id} for an id.
	Path    string
	Tag     string
	Summary string
	// Notes say what the summary leaves out.
	Notes string
	// Public: it needs no identity.
	Public bool
	// Query are the parameters it takes. Paged: limit and cursor as well.
	Query []Param
	Paged bool
	// Body is a value of what it reads, nil when it reads nothing. BodyOptional:
	// an empty body is taken too.
	Body         any
	BodyOptional bool
	// Example is a body that it takes.
	Example string
	// Key: an Idempotency-Key makes a repeat the same thing.
	Key bool
	// Status is that of a good answer, Answer its shape; nil is no content.
	Status int
	Answer any
	// Conflicts: it may not fit with how things stand (409).
	Conflicts bool
	// Unbounded: it does not count as a write for the rate of a person.
	Unbounded bool

	// may says what somebody hears whose message cannot be read: nothing, or
	// that they may not know of the thing or touch it.
	may func(*call) error
	do  func(*call) (any, error)
}

// Param is a parameter of the query.
type Param struct {
	Name string
	Doc  string
	// Shape is a value of its type: int64(0), "", false.
	Shape any
	// Choices are all the values it takes; empty is any.
	Choices  []string
	Required bool
	Example  string
}

// Scope is what a token needs for it.
func (o Operation) Scope() community.Scopes {
	if o.Method == http.MethodGet {
		return community.ScopeRead
	}
	return community.ScopeWrite
}

// params returns the names in the path: "id", "person".
func (o Operation) params() (names []string) {
	for _, part := range strings.Split(o.Path, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}"))
		}
	}
	return names
}

// isID reports whether a name in a path stands for an id.
func isID(param string) bool { return param != "emoji" && param != "code" }
