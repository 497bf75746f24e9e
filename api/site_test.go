package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"leerkring/api"
	"leerkring/community"
	"leerkring/internal/database"
	"leerkring/internal/rate"
	"leerkring/internal/testkit"
	"leerkring/notify"
)

var ctx = context.Background()

const publicURL = "https://leerkring.voorbeeldstad.example"

// site is the API in a world of its own. Each answer it gives is compared with
// the OpenAPI document.
type site struct {
	*testkit.World
	t       testing.TB
	api     *api.API
	notify  *notify.Notify
	handler http.Handler
	log     bytes.Buffer

	mu     sync.Mutex
	served map[string]bool // "operation status" that were answered
}

// eachSite runs the test on SQLite and on PostgreSQL.
func eachSite(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) { test(t, newSite(t, w, rate.Off())) })
}

// sqliteSite is for tests in which the database makes no difference.
func sqliteSite(t testing.TB) *site {
	t.Helper()
	return newSite(t, testkit.NewWorld(t, testkit.SQLite(t)), rate.Off())
}

func newSite(t testing.TB, w *testkit.World, limiter *rate.Writers) *site {
	t.Helper()
	s := &site{World: w, t: t, served: map[string]bool{}}
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	s.notify = notify.New(notify.Options{DB: w.DB, Clock: w.Clock, Community: w.Community, BaseURL: publicURL, Log: log})
	var err error
	if s.api, err = api.New(api.Options{
		Community: w.Community, Forum: w.Forum, Notify: s.notify, BaseURL: publicURL, Limiter: limiter, Log: log,
	}); err != nil {
		t.Fatal(err)
	}
	s.handler = s.api.Handler()
	return s
}

// caller is somebody with a token.
type caller struct {
	community.Actor
	token string
}

// nobody asks without a token.
var nobody caller

// caller gives a person a token.
func (s *site) caller(actor community.Actor, scopes ...community.Scopes) caller {
	s.t.Helper()
	all := community.ScopeRead | community.ScopeWrite | community.ScopeAdmin
	if len(scopes) > 0 {
		all = scopes[0]
	}
	token, err := s.Community.CreateToken(ctx, actor.Person, "test", all)
	if err != nil {
		s.t.Fatal(err)
	}
	return caller{Actor: actor, token: token}
}

// person adds somebody with a token.
func (s *site) person(name string, role ...community.PlatformRole) caller {
	s.t.Helper()
	return s.caller(s.Person(name, role...))
}

// answer is what came back.
type answer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// ask sends a request. body is sent as JSON: a string as it is, anything else
// encoded; nil is no body. headers are "Name: value".
func (s *site) ask(who caller, method, path string, body any, headers ...string) answer {
	s.t.Helper()
	r := s.request(who, method, path, body, headers...)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{t: s.t, Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
	s.compare(method, r.URL.Path, a)
	return a
}

func (s *site) request(who caller, method, path string, body any, headers ...string) *http.Request {
	s.t.Helper()
	var content []byte
	switch b := body.(type) {
	case nil:
	case string:
		content = []byte(b)
	case []byte:
		content = b
	default:
		var err error
		if content, err = json.Marshal(b); err != nil {
			s.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, api.Base+path, bytes.NewReader(content))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if who.token != "" {
		r.Header.Set("Authorization", "Bearer "+who.token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// want makes sure of the status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	return a
}

// problem makes sure of status and code, and returns the problem.
func (a answer) problem(status int, code string) api.ProblemJSON {
	a.t.Helper()
	a.want(status)
	var p api.ProblemJSON
	a.into(&p)
	if p.Code != code {
		a.t.Fatalf("code %q, want %q: %s", p.Code, code, a.Body)
	}
	return p
}

// invalid makes sure that the answer is about this field.
func (a answer) invalid(field, code string) {
	a.t.Helper()
	p := a.problem(400, "invalid")
	if len(p.Errors) == 0 || p.Errors[0].Field != field || p.Errors[0].Code != code {
		a.t.Fatalf("errors %+v, want %s %s", p.Errors, field, code)
	}
}

func (a answer) into(dst any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, dst); err != nil {
		a.t.Fatalf("%v in %s", err, a.Body)
	}
}

// get returns a member of the answer: "author.id", "items.0.name".
func (a answer) get(path string) any {
	a.t.Helper()
	var v any
	a.into(&v)
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			there := false
			if v, there = at[name]; !there {
				a.t.Fatalf("no %s in %s", path, a.Body)
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(at) {
				a.t.Fatalf("no %s in %s", path, a.Body)
			}
			v = at[i]
		default:
			a.t.Fatalf("no %s in %s", path, a.Body)
		}
	}
	return v
}

func (a answer) id() int64 {
	a.t.Helper()
	id, ok := a.get("id").(float64)
	if !ok {
		a.t.Fatalf("no id in %s", a.Body)
	}
	return int64(id)
}

// equal compares members of the answer; pairs are path and value.
func (a answer) equal(pairs ...any) answer {
	a.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		got, want := a.get(pairs[i].(string)), pairs[i+1]
		if fmt.Sprint(got) != fmt.Sprint(want) {
			a.t.Errorf("%s is %v, want %v", pairs[i], got, want)
		}
	}
	return a
}

func (a answer) items() []any {
	a.t.Helper()
	items, _ := a.get("items").([]any)
	return items
}

// compare holds an answer against the document: the headers that every answer
// has, the status that must be documented, the schema of the body.
func (s *site) compare(method, path string, a answer) {
	s.t.Helper()
	if a.Header.Get("API-Version") != api.Version || a.Header.Get("Cache-Control") != "no-store" {
		s.t.Errorf("%s %s: headers %v", method, path, a.Header)
	}
	if a.Status == 500 {
		s.t.Errorf("%s %s: a defect\n%s", method, path, s.log.String())
	}
	o, ok := s.operation(method, strings.TrimPrefix(path, api.Base))
	schema := "#/components/schemas/Problem"
	switch {
	case a.Status >= 400 && a.Header.Get("Content-Type") != "application/problem+json":
		s.t.Errorf("%s %s: %d is %s", method, path, a.Status, a.Header.Get("Content-Type"))
		return
	case !ok:
		if a.Status != 404 && a.Status != 405 {
			s.t.Errorf("%s %s is in no document and answers %d", method, path, a.Status)
		}
	case a.Status >= 400:
		if !slices.Contains(o.Problems(), a.Status) {
			s.t.Errorf("%s: %d is not in the document: %s", o.ID, a.Status, a.Body)
		}
	case a.Status != o.Status:
		s.t.Errorf("%s answers %d, the document says %d", o.ID, a.Status, o.Status)
		return
	case o.Answer == nil:
		if len(a.Body) > 0 {
			s.t.Errorf("%s answers %s", o.ID, a.Body)
		}
		schema = ""
	default:
		if a.Header.Get("Content-Type") != "application/json" {
			s.t.Errorf("%s answers %s", o.ID, a.Header.Get("Content-Type"))
		}
		pointer := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(o.Path)
		schema = fmt.Sprintf("#/paths/%s/%s/responses/%d/content/application~1json/schema", pointer, strings.ToLower(o.Method), o.Status)
	}
	for _, o := range s.operationsAt(method, strings.TrimPrefix(path, api.Base)) {
		s.mu.Lock()
		s.served[o.ID+" "+strconv.Itoa(a.Status)] = true
		s.mu.Unlock()
		shown.Store(fmt.Sprintf("%s %s %d", s.DB.Dialect, o.ID, a.Status), true)
	}
	if schema != "" && method != http.MethodHead {
		s.validate(schema, a.Body)
	}
}

// shown is every "dialect operation status" that was answered in all tests.
var shown sync.Map

// When all tests ran, each operation has shown its good answer and each problem
// that the document lists, on both databases. A defect of ours (500) is no
// promise of one operation; [TestDefects] shows it.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.fuzz").Value.String() == "" {
		code = missing()
	}
	os.Exit(code)
}

func missing() (code int) {
	a, err := api.New(api.Options{BaseURL: publicURL})
	if err != nil {
		panic(err)
	}
	for _, dialect := range []database.Dialect{database.SQLite, database.PostgreSQL} {
		if dialect == database.PostgreSQL && os.Getenv("PGHOST") == "" && os.Getenv("CI") != "true" {
			continue // the testkit has said so
		}
		for _, o := range a.Operations() {
			for _, status := range append(o.Problems(), o.Status) {
				key := fmt.Sprintf("%s %s %d", dialect, o.ID, status)
				if _, ok := shown.Load(key); !ok && status != http.StatusInternalServerError {
					fmt.Println("not shown by any test:", key)
					code = 1
				}
			}
		}
	}
	return code
}

// operationsAt are those that an answer shows something of: the one asked for,
// or, when the method is none of theirs, all with that path.
func (s *site) operationsAt(method, path string) (list []api.Operation) {
	if o, ok := s.operation(method, path); ok {
		return []api.Operation{o}
	}
	for _, o := range s.api.Operations() {
		if pathForm(o.Path).MatchString(path) {
			list = append(list, o)
		}
	}
	return list
}

// operation finds what a path is served by.
func (s *site) operation(method, path string) (api.Operation, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var found api.Operation
	ok := false
	for _, o := range s.api.Operations() {
		if o.Method == method && pathForm(o.Path).MatchString(path) && (!ok || !strings.Contains(o.Path, "{")) {
			found, ok = o, true
		}
	}
	return found, ok
}

var pathForms sync.Map

func pathForm(path string) *regexp.Regexp {
	if form, ok := pathForms.Load(path); ok {
		return form.(*regexp.Regexp)
	}
	form := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(path), `[^/]+`) + "$")
	pathForms.Store(path, form)
	return form
}

func (s *site) validate(pointer string, body []byte) {
	s.t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		s.t.Errorf("not JSON: %v in %q", err, body)
		return
	}
	if err := documentSchema(s.t, s.api, pointer).Validate(value); err != nil {
		s.t.Errorf("%s: %v\n%s", pointer, err, body)
	}
}

var (
	compilerMu sync.Mutex
	compiler   *jsonschema.Compiler
	compiled   = map[string]*jsonschema.Schema{}
)

// documentSchema returns a schema of the OpenAPI document.
func documentSchema(t testing.TB, a *api.API, pointer string) *jsonschema.Schema {
	t.Helper()
	compilerMu.Lock()
	defer compilerMu.Unlock()
	if compiler == nil {
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, httptest.NewRequest("GET", api.Base+"/openapi.json", nil))
		doc, err := jsonschema.UnmarshalJSON(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		compiler = jsonschema.NewCompiler()
		compiler.DefaultDraft(jsonschema.Draft2020)
		compiler.AssertFormat()
		if err := compiler.AddResource("https://example.org/openapi.json", doc); err != nil {
			t.Fatal(err)
		}
	}
	if schema := compiled[pointer]; schema != nil {
		return schema
	}
	schema, err := compiler.Compile("https://example.org/openapi.json" + pointer)
	if err != nil {
		t.Fatal(err)
	}
	compiled[pointer] = schema
	return schema
}

// at fills ids into a path: at("/spaces/{}/members", 5).
func at(path string, ids ...int64) string {
	for _, id := range ids {
		path = strings.Replace(path, "{}", strconv.FormatInt(id, 10), 1)
	}
	return path
}
