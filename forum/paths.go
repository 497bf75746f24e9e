package forum

import "strconv"

// Mails need these addresses below the pages; frontend/frontend.go lists all.

// StreamPath is the page of a stream: at the first post that is new to the
// reader.
func StreamPath(id int64) string { return "/gesprekken/" + strconv.FormatInt(id, 10) }

// PostPath is the page of one post, with everything that can be done with it.
func PostPath(id int64) string { return "/berichten/" + strconv.FormatInt(id, 10) }
