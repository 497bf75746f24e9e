package community

import "strconv"

// SpacePath is the page of a space. Mails and redirects need it below the
// pages; frontend/frontend.go lists all addresses.
func SpacePath(id int64) string { return "/ruimtes/" + strconv.FormatInt(id, 10) }

// SignInPath is the page behind a link to sign in.
func SignInPath(token string) string { return "/aanmelden/" + token }
