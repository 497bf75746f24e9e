package settings

import (
	"net/http"
	"strings"

	"leerkring/community"
	"leerkring/frontend/component"
	"leerkring/frontend/layout"
	"leerkring/frontend/page"
	"leerkring/internal/fault"
)

// tokens are what programs sign in with.
type tokens struct {
	layout.Frame
	List []community.Token
	// Made is a token that was just made: it is shown this once.
	Made string
	// What was filled in.
	Name    string
	Scopes  []string
	Problem *page.Problem
}

// Tokens shows the visitor's tokens.
func Tokens(v *page.Visit) error {
	return showTokens(v, http.StatusOK, tokens{Scopes: []string{"read"}})
}

func showTokens(v *page.Visit, status int, t tokens) (err error) {
	if t.Frame, err = frame(v, v.Words.T("settings.tokens")); err != nil {
		return err
	}
	t.Failed = t.Problem != nil
	t.Frame.Scripts = []string{"settings"}
	if t.List, err = v.Community.MyTokens(v.Context(), v.Actor); err != nil {
		return err
	}
	return v.ShowAs(status, tokensPage(v, t))
}

// MakeToken makes a token. The answer is the page itself: the token must not
// stand in an address, and is kept nowhere.
func MakeToken(v *page.Visit) error {
	if err := v.Form(); err != nil {
		return err
	}
	t := tokens{Name: v.Value("name"), Scopes: v.Values("scopes")}
	made, err := v.Community.CreateToken(v.Context(), v.Actor.Person, t.Name, scopesOf(t.Scopes))
	if t.Problem = v.Problem(err); t.Problem != nil {
		return showTokens(v, t.Problem.Status, t)
	}
	if err != nil {
		return err
	}
	return showTokens(v, http.StatusOK, tokens{Made: made, Scopes: []string{"read"}})
}

// scopesOf reads the boxes that were ticked; none, or an unknown one, is 0.
func scopesOf(words []string) community.Scopes {
	scopes, ok := community.ParseScopes(strings.Join(words, ","))
	if !ok {
		return 0
	}
	return scopes
}

// AskRevokeToken asks whether a token should end.
func AskRevokeToken(v *page.Visit) error {
	id, err := v.ID("token")
	if err != nil {
		return err
	}
	list, err := v.Community.MyTokens(v.Context(), v.Actor)
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.ID != id {
			continue
		}
		f, err := frame(v, v.Words.T("settings.revoke_token"))
		if err != nil {
			return err
		}
		return v.Show(revokePage(v, f, t))
	}
	return fault.Missing()
}

// RevokeToken ends a token.
func RevokeToken(v *page.Visit) error {
	id, err := v.ID("token")
	if err != nil {
		return err
	}
	if err := v.Community.RevokeMyToken(v.Context(), v.Actor, id); err != nil {
		return err
	}
	return v.Go(page.Done(tokensPath, "token_revoked"))
}

func (t tokens) scopeChoices(v *page.Visit) (list []component.Choice) {
	scopes := []string{"read", "write"}
	if v.Actor.Role == community.RoleAdmin {
		scopes = append(scopes, "admin")
	}
	for _, s := range scopes {
		c := component.Choice{Value: s, Label: v.Words.T("settings.scope_" + s)}
		for _, chosen := range t.Scopes {
			c.Chosen = c.Chosen || chosen == s
		}
		list = append(list, c)
	}
	return list
}

// scopeWords says what a token may.
func scopeWords(v *page.Visit, scopes string) string {
	words := strings.Split(scopes, ",")
	for i, w := range words {
		words[i] = v.Words.T("settings.scope_" + w)
	}
	return strings.Join(words, ", ")
}
