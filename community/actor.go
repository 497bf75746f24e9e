package community

import "time"

import "strings"

// Actor is who asks for something, with what they were let in by. It is an
// argument of every function that reads or changes on someone's behalf.
type Actor struct {
	Person       int64
	Name         string
	Organisation string
	Role         PlatformRole
	Scopes       Scopes
	Language     string
	TimeZone     string
	Theme        string
	// Credential is the session or token they came with.
	Credential Credential
	// Until is when a session ends by itself; zero for a token.
	Until time.Time
}

// PlatformRole is what someone is to the whole installation.
type PlatformRole string

const (
	RoleMember    PlatformRole = "member"
	RoleModerator PlatformRole = "moderator"
	// RoleAdmin makes communities and organisations. It opens no closed or
	// hidden space.
	RoleAdmin PlatformRole = "admin"
)

// Valid reports whether there is such a role.
func (r PlatformRole) Valid() bool {
	return r == RoleMember || r == RoleModerator || r == RoleAdmin
}

// Scopes is what a session or token lets its owner do.
type Scopes uint8

const (
	ScopeRead Scopes = 1 << iota
	ScopeWrite
	ScopeAdmin

	allScopes = ScopeRead | ScopeWrite | ScopeAdmin
)

var scopeNames = []struct {
	scope Scopes
	name  string
}{{ScopeRead, "read"}, {ScopeWrite, "write"}, {ScopeAdmin, "admin"}}

// Has reports whether all of these scopes are there.
func (s Scopes) Has(wanted Scopes) bool { return s&wanted == wanted }

func (s Scopes) String() string {
	var names []string
	for _, n := range scopeNames {
		if s.Has(n.scope) {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}

// ParseScopes reads "read,write". ok is false for an unknown or empty word.
func ParseScopes(s string) (scopes Scopes, ok bool) {
next:
	for _, word := range strings.Split(s, ",") {
		for _, n := range scopeNames {
			if strings.TrimSpace(word) == n.name {
				scopes |= n.scope
				continue next
			}
		}
		return 0, false
	}
	return scopes, true
}

// IsAdmin reports whether the actor is a platform administrator who may act as
// one here: a token needs the scope as well.
func (a Actor) IsAdmin() bool { return a.Role == RoleAdmin && a.Scopes.Has(ScopeAdmin) }

// Credential names a session or a token without opening it.
type Credential struct {
	// Session or Token holds the hash under which it is kept; the other is "".
	Session string
	Token   string
}
