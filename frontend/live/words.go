package live

import (
	"leerkring/frontend/component"
	"leerkring/internal/locale"
)

// scriptWords are the texts that script says, by their keys under "live".
var scriptWords = []string{
	"connecting", "offline", "lost", "revoked", "signed_out", "sign_in", "sending", "waiting", "failed", "again",
	"back_in_box", "throw_away", "cancel", "today", "yesterday", "new_from_here", "is_new", "reply_one", "reply_many",
	"you_reply_to", "no_reply", "typing_one", "typing_two", "typing_many", "somebody", "here_one", "here_many",
	"suggestions", "suggestions_none", "suggestions_some", "says", "new_posts", "to_new", "to_new_count", "copied",
	"not_done", "newer_text", "loading", "you", "gone", "draft_kept",
}

// wordsByLanguage is made once: the words are the same on every page.
var wordsByLanguage = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, language := range locale.Languages {
		words := make(map[string]string, len(scriptWords))
		for _, key := range scriptWords {
			// Script fills the gaps: they stay, as {Name}.
			words[key] = locale.For(language).T("live."+key, "Name", "{Name}", "Other", "{Other}", "Text", "{Text}", "N", "{N}")
		}
		all[language] = words
	}
	return all
}()

// Words returns what script says, for the page to carry along.
func Words(w component.Words) map[string]string { return wordsByLanguage[w.Language] }
