package api_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"leerkring/api"
	"leerkring/community"
	"leerkring/forum"
	"leerkring/internal/database"
	"leerkring/internal/limits"
	"leerkring/internal/locale"
	"leerkring/internal/rate"
	"leerkring/internal/testkit"
)

func TestProblemsSpeakTheCallersLanguage(t *testing.T) {
	s := sqliteSite(t)
	anna := s.person("Anna de Wit")
	ours := s.ask(anna, "GET", "/posts/987654321", nil, "Accept-Language: en").problem(404, "not_found")
	if ours.Title != "Niet gevonden" || ours.Detail != "Dit is er niet, of je mag het niet zien." || ours.Status != 404 || ours.Type != publicURL+"/api/v1/docs#not_found" {
		t.Errorf("%+v", ours)
	}
	s.ask(anna, "PATCH", "/me/settings", `{"language":"en"}`).want(200)
	a := s.ask(anna, "GET", "/posts/987654321", nil, "Accept-Language: nl")
	if p := a.problem(404, "not_found"); p.Title != "Not found" || a.Header.Get("Content-Language") != "en" {
		t.Errorf("%+v %v", p, a.Header)
	}
	if p := s.ask(nobody, "GET", "/me", nil, "Accept-Language: en-GB, nl;q=0.5").problem(401, "unauthorized"); p.Detail != "Sign in first." {
		t.Errorf("%+v", p)
	}
	if p := s.ask(nobody, "GET", "/me", nil).problem(401, "unauthorized"); p.Detail != "Meld je eerst aan." {
		t.Errorf("%+v", p)
	}
	for _, lang := range locale.Languages {
		keys, err := locale.Keys(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range []string{"bad_request", "invalid", "unauthorized", "forbidden", "not_found", "method_not_allowed", "conflict",
			"too_large", "unsupported_media_type", "rate_limited", "unavailable"} {
			if !keys["api.title_"+code] {
				t.Errorf("%s has no title for %s", lang, code)
			}
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	s := sqliteSite(t)
	anna := s.person("Anna de Wit")
	for _, path := range []string{"", "/", "/me/", "/spaces/", "/nothing", "/me/nothing", "//me", "/./me", "/me/../me", "/posts/1/article", "/posts/1/reports",
		"/attachments", "/me/export", "/docs/", "/openapi.json/", "/Me", "/streams"} {
		for _, method := range []string{"GET", "POST", "PATCH"} {
			r := s.request(anna, method, "/me", nil)
			r.URL.Path = "/api/v1" + path
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			a := answer{t: t, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
			a.problem(404, "not_found")
			s.compare(method, r.URL.Path, a)
		}
	}
}

func TestWrongMethods(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		anna := s.person("Anna de Wit")
		allowed := map[string]map[string]bool{}
		for _, o := range s.api.Operations() {
			if allowed[o.Path] == nil {
				allowed[o.Path] = map[string]bool{}
			}
			allowed[o.Path][o.Method] = true
			if o.Method == "GET" {
				allowed[o.Path]["HEAD"] = true
			}
		}
		for path, methods := range allowed {
			path := strings.NewReplacer("{id}", "1", "{person}", "1", "{invitation}", "1", "{emoji}", "x", "{code}", "x").Replace(path)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} {
				if methods[method] {
					continue
				}
				for _, who := range []caller{nobody, anna} {
					a := s.ask(who, method, path, nil)
					if a.Status != 405 {
						t.Errorf("%s %s: %d", method, path, a.Status)
					}
					for _, allow := range strings.Split(a.Header.Get("Allow"), ", ") {
						if !methods[allow] {
							t.Errorf("%s: Allow %q", path, a.Header.Get("Allow"))
						}
					}
				}
			}
		}
	})
}

// Over a real connection: a HEAD is a GET without its body, and a body that
// ends too early, or never comes, is a refusal.
func TestOverAConnection(t *testing.T) {
	s := sqliteSite(t)
	w := newWritable(s)
	server := httptest.NewServer(s.handler)
	defer server.Close()
	do := func(method, path string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequest(method, server.URL+api.Base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.who.token)
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, string(body)
	}
	for _, path := range []string{"/me", "/spaces", "/openapi.json", "/docs", "/docs.css", "/posts/987654321", "/nothing", "/me?limit=%zz"} {
		get, body := do("GET", path)
		head, nothing := do("HEAD", path)
		if head.StatusCode != get.StatusCode || nothing != "" || head.ContentLength != int64(len(body)) || head.Header.Get("API-Version") != api.Version {
			t.Errorf("HEAD %s: %d, %d bytes announced; GET: %d, %d bytes", path, head.StatusCode, head.ContentLength, get.StatusCode, len(body))
		}
	}

	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/streams/%d/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"bod\r\nzz\r\n",
		w.question.ID, w.who.token)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != 400 {
		t.Errorf("a body that breaks off: %v %v", resp, err)
	}
}

func TestWritesAreBounded(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		s := newSite(t, w, rate.NewWriters(w.Clock))
		site := newWritable(s)
		posts := at("/streams/{}/posts", site.question.ID)
		for i := range limits.WritesBurst {
			who := "POST"
			if i%3 == 0 { // a refused write counts as well
				s.ask(site.who, who, posts, `{}`).want(400)
				continue
			}
			s.ask(site.who, who, posts, `{"body":"x"}`).want(201)
		}
		a := s.ask(site.who, "POST", posts, `{"body":"x"}`)
		p := a.problem(429, "rate_limited")
		if a.Header.Get("Retry-After") != "10" || !strings.Contains(p.Detail, "10 seconden") {
			t.Errorf("Retry-After %q, %s", a.Header.Get("Retry-After"), p.Detail)
		}
		for _, o := range s.api.Operations() {
			path := strings.NewReplacer("{invitation}", "1", "{code}", "x").Replace(site.path(o))
			if a := s.ask(site.who, o.Method, path, nil); (a.Status == 429) != (o.Method != "GET" && !o.Unbounded) {
				t.Errorf("%s: %d", o.ID, a.Status)
			}
		}
		s.ask(site.who, "GET", posts, nil).want(200)
		s.ask(site.who, "PUT", at("/streams/{}/seen", site.question.ID), `{"rev":1}`).want(200)
		s.ask(site.other, "POST", posts, `{"body":"x"}`).want(201)
		s.ask(nobody, "POST", posts, `{"body":"x"}`).want(401)
		w.Clock.Advance(limits.WritesBurstTime - time.Millisecond)
		if a := s.ask(site.who, "POST", posts, `{"body":"x"}`); a.Header.Get("Retry-After") != "1" {
			t.Errorf("%d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
		}
		w.Clock.Advance(time.Millisecond)
		s.ask(site.who, "POST", posts, `{"body":"x"}`).want(201)
	})
}

// What the domain refuses because of how things stand.
func TestConflicts(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		conflict := func(who caller, method, path string, body any) {
			t.Helper()
			s.ask(who, method, path, body).problem(409, "conflict")
		}
		member := at("/spaces/{}/members/{}", w.space.ID, w.who.Person)
		conflict(w.who, "DELETE", member, nil)
		conflict(w.who, "PUT", member, `{"role":"member"}`)
		post := at("/posts/{}", w.post.ID)
		s.ask(w.who, "PATCH", post, `{"body":"Nieuw"}`).want(200)
		conflict(w.who, "PATCH", post, map[string]any{"body": "Ouder", "rev": w.post.Rev})
		conflict(w.who, "PATCH", post, `{"body":"Ouder","rev":0}`)
		s.ask(w.who, "PATCH", post, `{"body":"Nieuwer","rev":3}`).want(200)
		s.ask(w.who, "DELETE", post, nil).want(200)
		rev := s.ask(w.who, "DELETE", post, nil).want(200).get("rev")
		s.ask(w.who, "GET", at("/streams/{}", w.question.ID), nil).equal("rev", rev)
		conflict(w.who, "PATCH", post, `{"body":"Terug"}`)
		conflict(w.who, "PUT", post+"/vote", nil)
		s.ask(w.who, "DELETE", post+"/vote", nil).want(200)
		conflict(w.who, "PUT", post+"/reactions/%F0%9F%91%8D", nil)
		s.ask(w.who, "PUT", at("/streams/{}/answer", w.question.ID), map[string]any{"post": w.post.ID}).invalid("post", "not_there")

		channel := s.Stream(w.who.Actor, w.space, forum.Channel)
		line := s.Post(w.who.Actor, channel, "hoi")
		conflict(w.who, "PUT", at("/streams/{}/answer", channel.ID), map[string]any{"post": line.ID})
		conflict(w.who, "DELETE", at("/streams/{}/answer", channel.ID), nil)
		s.ask(w.who, "PATCH", at("/streams/{}", channel.ID), `{"closed":true}`).want(200)
		conflict(w.other, "POST", at("/streams/{}/posts", channel.ID), `{"body":"nog iets"}`)
		s.ask(w.who, "POST", at("/streams/{}/posts", channel.ID), `{"body":"nog iets"}`).want(201)

		invite := at("/spaces/{}/invitations", w.space.ID)
		made := s.ask(w.who, "POST", invite, `{"uses":1}`).want(201)
		code := strings.TrimPrefix(made.get("url").(string), publicURL+"/uitnodiging/")
		s.ask(s.person("Cas Vos"), "POST", "/invitations/"+code+"/acceptance", nil).want(201)
		conflict(s.person("Dirk Te Laat"), "POST", "/invitations/"+code+"/acceptance", nil)
		mailed := s.ask(w.who, "POST", invite, `{"mail":"een.ander@elders.example"}`).want(201)
		code = strings.TrimPrefix(mailed.get("url").(string), publicURL+"/uitnodiging/")
		s.ask(s.person("Eva Ander"), "POST", "/invitations/"+code+"/acceptance", nil).problem(403, "forbidden")

		direct := s.ask(w.who, "POST", "/spaces", map[string]any{"kind": "direct", "people": []int64{w.other.Person}}).want(201).id()
		conflict(w.who, "DELETE", at("/spaces/{}/members/{}", direct, w.who.Person), nil)
		s.ask(w.who, "PATCH", at("/spaces/{}", direct), `{"name":"x"}`).problem(403, "forbidden")
		s.ask(w.who, "PUT", at("/spaces/{}/members/{}", direct, w.other.Person), `{"role":"manager"}`).problem(403, "forbidden")
	})
}

// What changes nothing answers as well, under the same rev.
func TestWhatChangesNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		post := at("/posts/{}", w.post.ID)
		for _, twice := range []struct {
			method, path string
			body         any
		}{
			{"PUT", post + "/reactions/%E2%9D%A4%EF%B8%8F", nil}, {"DELETE", post + "/reactions/%E2%9D%A4%EF%B8%8F", nil},
			{"PUT", post + "/vote", nil}, {"DELETE", post + "/vote", nil},
			{"PATCH", post, `{"body":"Zelfde"}`}, {"PATCH", at("/streams/{}", w.question.ID), `{"title":"Zelfde","tags":["a","a"]}`},
			{"PUT", at("/streams/{}/answer", w.question.ID), map[string]any{"post": w.post.ID}},
			{"PUT", at("/streams/{}/level", w.question.ID), `{"level":"all"}`},
			{"PUT", at("/spaces/{}/members/{}", w.space.ID, w.other.Person), `{"role":"coach"}`},
			{"PATCH", at("/spaces/{}", w.space.ID), `{"name":"Zelfde"}`}, {"PATCH", "/me/settings", `{"hour":3}`},
			{"DELETE", post, nil},
		} {
			first := s.ask(w.who, twice.method, twice.path, twice.body).want(200)
			s.Clock.Advance(time.Second)
			if again := s.ask(w.who, twice.method, twice.path, twice.body).want(200); string(again.Body) != string(first.Body) {
				t.Errorf("%s %s: %s, then %s", twice.method, twice.path, first.Body, again.Body)
			}
		}
		otto := s.person("Otto Buiten")
		for _, not := range []string{"x", "ab", "%20", "1", "%F0%9F%91%8D%F0%9F%91%8Dx", "%ff", "%00", strings.Repeat("%F0%9F%91%8D", limits.Emoji+1)} {
			s.ask(w.who, "PUT", post+"/reactions/"+not, nil).invalid("emoji", "not_emoji")
			s.ask(w.who, "DELETE", post+"/reactions/"+not, nil).invalid("emoji", "not_emoji")
			s.ask(otto, "PUT", post+"/reactions/"+not, nil).problem(404, "not_found")
		}
	})
}

// A database that does not answer is said so, and never a false success.
func TestDatabaseAway(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		db := migrated(t, database.Options{Path: filepath.Join(t.TempDir(), "away.db"), Relaxed: true})
		s := newSite(t, testkit.NewWorld(t, db), rate.Off())
		w := newWritable(s)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		w.nothingWorks(t)
	})
	t.Run("postgres", func(t *testing.T) {
		address := testkit.PostgreSQLAddress(t)
		db := migrated(t, database.Options{Address: address, Relaxed: true})
		defer db.Close()
		s := newSite(t, testkit.NewWorld(t, db), rate.Off())
		w := newWritable(s)
		server, err := sql.Open("pgx", "")
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if _, err := server.Exec(`DROP DATABASE ` + strings.TrimPrefix(address, "postgres:///") + ` WITH (FORCE)`); err != nil {
			t.Fatal(err)
		}
		w.nothingWorks(t)
	})
}

func migrated(t *testing.T, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

func (w *writable) nothingWorks(t *testing.T) {
	t.Helper()
	s, site := w.site, w
	for _, o := range s.api.Operations() {
		if o.Public {
			continue
		}
		var body any
		if o.Body != nil {
			body = site.body(o)
		}
		a := s.ask(site.who, o.Method, strings.NewReplacer("{invitation}", "1", "{code}", "x").Replace(site.path(o)), body)
		a.problem(503, "unavailable")
		if a.Header.Get("Retry-After") != "2" {
			t.Errorf("%s: Retry-After %q", o.ID, a.Header.Get("Retry-After"))
		}
	}
	if log := s.log.String(); !strings.Contains(log, "api: unavailable") || strings.Contains(log, site.who.token) || strings.Contains(log, "Zo doen wij") {
		t.Errorf("log: %.500s", log)
	}
}

// A mistake of ours is one answer without details, one line in the log under
// the same name, and the program lives.
func TestDefects(t *testing.T) {
	s := sqliteSite(t)
	anna := s.person("Anna de Wit")
	broken, err := api.New(api.Options{Community: s.Community, BaseURL: publicURL, Log: logTo(&s.log)})
	if err != nil {
		t.Fatal(err)
	}
	r := s.request(anna, "GET", "/posts/1", nil) // it has no forum
	rec := httptest.NewRecorder()
	broken.Handler().ServeHTTP(rec, r)
	a := answer{t: t, Status: rec.Code, Header: rec.Header(), Body: rec.Body.Bytes()}
	p := a.problem(500, "unavailable")
	if p.Instance == "" || strings.Contains(rec.Body.String(), "panic") || strings.Contains(rec.Body.String(), "nil") {
		t.Errorf("answer %s", rec.Body)
	}
	if a.Header.Get("API-Version") != api.Version || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("headers %v", a.Header)
	}
	log := s.log.String()
	if strings.Count(log, "api: defect") != 1 || !strings.Contains(log, p.Instance) || !strings.Contains(log, "operation=getPost") {
		t.Errorf("log %s", log)
	}
	if strings.Contains(log, anna.token) {
		t.Error("the log tells a token")
	}
}

func TestDocumentAndPage(t *testing.T) {
	s := sqliteSite(t)
	a := s.ask(nobody, "GET", "/openapi.json", nil, "Origin: https://elders.example").want(200).equal("openapi", "3.1.0", "servers.0.url", "/api/v1", "info.version", "1.0.0")
	if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("headers %v", a.Header)
	}
	for _, name := range []string{"info.contact.name", "info.contact.email", "info.contact.url", "info.license.name"} {
		if a.get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	for _, o := range s.api.Operations() {
		var doc struct {
			Paths map[string]map[string]struct {
				OperationID string
				Tags        []string
				Summary     string
				Security    []map[string][]string
				RequestBody *struct {
					Content map[string]struct{ Example any }
				}
				Responses map[string]any
			}
		}
		a.into(&doc)
		d, ok := doc.Paths[o.Path][strings.ToLower(o.Method)]
		if !ok || d.OperationID != o.ID || len(d.Tags) != 1 || d.Summary == "" || (len(d.Security) == 2) == o.Public || (d.RequestBody != nil) != (o.Body != nil) {
			t.Errorf("%s: %+v", o.ID, d)
		}
		if len(d.Responses) != 1+len(o.Problems()) {
			t.Errorf("%s: %v", o.ID, d.Responses)
		}
		if d.RequestBody != nil && d.RequestBody.Content["application/json"].Example == nil {
			t.Errorf("%s has no example", o.ID)
		}
	}

	page := httptest.NewRecorder()
	s.handler.ServeHTTP(page, httptest.NewRequest("GET", "/api/v1/docs", nil))
	html := page.Body.String()
	if page.Code != 200 || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("page: %d %v", page.Code, page.Header())
	}
	csp := page.Header().Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(html, "<script") || strings.Contains(html, "style=") || strings.Contains(html, "<style") {
		t.Errorf("page with %q", csp)
	}
	ids := map[string]int{}
	for _, part := range strings.Split(html, ` id="`)[1:] {
		ids[part[:strings.IndexByte(part, '"')]]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q stands %d times", id, n)
		}
	}
	for _, part := range strings.Split(html, `href="#`)[1:] {
		if target := part[:strings.IndexByte(part, '"')]; ids[target] == 0 {
			t.Errorf("#%s leads nowhere", target)
		}
	}
	for _, o := range s.api.Operations() {
		if ids[o.ID] == 0 || !strings.Contains(html, o.Path) {
			t.Errorf("%s is not on the page", o.ID)
		}
	}
	for _, code := range []string{"bad_request", "invalid", "unauthorized", "forbidden", "not_found", "method_not_allowed", "conflict",
		"too_large", "unsupported_media_type", "rate_limited", "unavailable"} {
		if ids[code] == 0 {
			t.Errorf("problems of type %s are not described", code)
		}
	}
	style := httptest.NewRecorder()
	s.handler.ServeHTTP(style, httptest.NewRequest("GET", "/api/v1/docs.css", nil))
	if style.Code != 200 || !strings.HasPrefix(style.Header().Get("Content-Type"), "text/css") {
		t.Errorf("style: %d", style.Code)
	}
	if out := os.Getenv("LEERKRING_TEST_SHOW"); out != "" {
		os.WriteFile(out+"/docs.html", page.Body.Bytes(), 0o644)
		os.WriteFile(out+"/docs.css", style.Body.Bytes(), 0o644)
		os.WriteFile(out+"/openapi.json", a.Body, 0o644)
	}
}

func TestAPublicAddressIsNeeded(t *testing.T) {
	for _, address := range []string{"", "voorbeeldstad.example", "://x"} {
		if _, err := api.New(api.Options{BaseURL: address}); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
	if _, err := api.New(api.Options{BaseURL: "http://127.0.0.1:8080/"}); err != nil {
		t.Error(err)
	}
}

// A coach sees and does in a space what the table in community says, and the
// administrator of the platform nothing more than anybody.
func TestAdministratorOpensNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		w := newWritable(s)
		piet := s.person("Piet Platform", community.RoleAdmin)
		s.ask(piet, "GET", at("/spaces/{}", w.space.ID), nil).want(200)
		if a := s.ask(piet, "GET", at("/spaces/{}", w.space.ID), nil); strings.Contains(string(a.Body), "created_at") {
			t.Errorf("more than the card: %s", a.Body)
		}
		s.ask(piet, "PUT", at("/spaces/{}/members/{}", w.space.ID, piet.Person), nil).want(404)
		s.ask(piet, "GET", "/people?limit=200", nil).want(200).equal("items.0.name", "Ada Beheer", "items.1.name", "Bram Bos", "items.2.name", "Piet Platform")
		s.ask(s.caller(piet.Actor, community.ScopeRead|community.ScopeWrite), "GET", "/people", nil).want(200).equal("items.0.name", "Piet Platform", "next", nil)
		s.ask(s.caller(piet.Actor, community.ScopeRead|community.ScopeWrite), "POST", "/spaces", `{"kind":"community","name":"x"}`).problem(403, "forbidden")
	})
}
