package api_test

import (
	"net/http"
	"strings"
	"testing"

	"leerkring/community"
)

// What another site's page makes a browser send changes nothing, in any
// operation; what our own page or a program sends does.
func TestForgeries(t *testing.T) {
	s := sqliteSite(t)
	w := newWritable(s)
	session, err := s.Community.SignIn(ctx, w.who.Person)
	if err != nil {
		t.Fatal(err)
	}
	cookie := "Cookie: " + community.SessionCookie + "=" + session.Token
	forgeries := map[string][]string{
		"a form of another site":           {"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"},
		"a sister site":                    {"Sec-Fetch-Site: same-site", "Origin: https://x.voorbeeldstad.example"},
		"an old browser":                   {"Origin: https://evil.example"},
		"another port":                     {"Origin: " + publicURL + ":8443"},
		"another scheme":                   {"Origin: " + strings.Replace(publicURL, "https", "http", 1)},
		"a sandbox":                        {"Origin: null", "Sec-Fetch-Site: cross-site"},
		"a name that begins like ours":     {"Origin: " + publicURL + ".evil.example"},
		"another site that names our host": {"Origin: https://evil.example", "Host: evil.example"},
	}
	for _, o := range s.api.Operations() {
		if o.Method == http.MethodGet {
			continue
		}
		var body any
		if o.Body != nil {
			body = w.body(o)
		}
		path := strings.NewReplacer("{invitation}", "1", "{code}", "x").Replace(w.path(o))
		for name, headers := range forgeries {
			p := s.ask(nobody, o.Method, path, body, append(headers, cookie)...).problem(403, "forbidden")
			if !strings.Contains(p.Detail, "andere website") {
				t.Errorf("%s, %s: %s", o.ID, name, p.Detail)
			}
			s.ask(nobody, o.Method, path, body, headers...).problem(401, "unauthorized")
		}
	}
	own := [][]string{
		{"Sec-Fetch-Site: same-origin", "Origin: " + publicURL}, {"Sec-Fetch-Site: none"}, {"Origin: " + publicURL}, {},
	}
	for _, headers := range own {
		s.ask(nobody, "POST", at("/streams/{}/posts", w.question.ID), `{"body":"Van onze pagina"}`, append(headers, cookie)...).want(201)
	}
	// A token goes along with nothing, so it may come from anywhere; and reading
	// changes nothing.
	s.ask(w.who, "PUT", at("/posts/{}/vote", w.post.ID), nil, "Sec-Fetch-Site: cross-site", "Origin: https://evil.example").want(200)
	s.ask(nobody, "GET", "/me", nil, "Sec-Fetch-Site: cross-site", cookie).want(200)
}

func TestIdentity(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		who := s.person("Anna de Wit")
		for _, header := range []string{"Bearer", "Bearer ", "Bearer x", "Basic " + who.token, who.token, "Bearer " + who.token + "x", "bearer\t" + who.token} {
			a := s.ask(nobody, "GET", "/me", nil, "Authorization: "+header)
			a.problem(401, "unauthorized")
			if !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate %q", a.Header.Get("WWW-Authenticate"))
			}
		}
		s.ask(nobody, "GET", "/me", nil, "Authorization: bearer "+who.token).want(200)
		s.ask(nobody, "GET", "/me", nil, "Cookie: "+community.SessionCookie+"=x").problem(401, "unauthorized")

		session, err := s.Community.SignIn(ctx, who.Person)
		if err != nil {
			t.Fatal(err)
		}
		cookie := "Cookie: " + community.SessionCookie + "=" + session.Token
		s.ask(nobody, "GET", "/me", nil, cookie).want(200)
		if err := s.Community.SignOutEverywhere(ctx, who.Actor); err != nil {
			t.Fatal(err)
		}
		s.ask(nobody, "GET", "/me", nil, cookie).problem(401, "unauthorized")
		s.ask(who, "GET", "/me", nil).want(200)
		if err := s.Community.RevokeToken(ctx, who.token); err != nil {
			t.Fatal(err)
		}
		s.ask(who, "GET", "/me", nil).problem(401, "unauthorized")
	})
}
