package component

// The addresses that components write themselves, because a post is the same
// bytes wherever it stands. The pages behind them are in frontend/frontend.go.

// PersonPath is the page of a person.
func PersonPath(person int64) string { return "/mensen/" + id(person) }

// PostPath is the page of one post, with everything that can be done with it.
func PostPath(post int64) string { return "/berichten/" + id(post) }

// ReactionPath takes a POST with "emoji": it puts the reaction there or takes
// it away.
func ReactionPath(post int64) string { return PostPath(post) + "/reacties" }

// VotePath takes a POST that says this answer is useful, or no longer.
func VotePath(post int64) string { return PostPath(post) + "/stem" }

// ThreadPath is the conversation under a post.
func ThreadPath(post int64) string { return PostPath(post) + "/draad" }
