package api

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"leerkring/internal/limits"
)

// document answers with the OpenAPI document. Any page of any site may read it.
func (a *API) document(c *call) (any, error) {
	c.w.Header().Set("Access-Control-Allow-Origin", "*")
	c.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	whole, err := a.description()
	return jsontext.Value(whole), err
}

func newDocument(operations []Operation, baseURL *url.URL) object {
	shapes := &schemas{}
	paths := object{}
	for _, at := range pathsOf(operations) {
		item := object{}
		for _, o := range operations {
			if o.Path == at {
				item = append(item, member{strings.ToLower(o.Method), operationObject(o, shapes)})
			}
		}
		paths = append(paths, member{at, item})
	}
	problem := shapes.of(reflect.TypeFor[ProblemJSON]())
	components := object{}
	for _, s := range shapes.list {
		components = append(components, member{s.Name, s.schema()})
	}
	return object{
		{"openapi", "3.1.0"},
		{"info", object{
			{"title", "Leerkring"},
			{"version", Version},
			{"summary", "Spaces, streams and posts of learning communities."},
			{"description", aboutDocument},
			{"contact", object{{"name", "Leerkring"}, {"url", baseURL.String()}, {"email", "postmaster@" + baseURL.Hostname()}}},
			{"license", object{{"name", "EUPL-1.2"}, {"identifier", "EUPL-1.2"}}},
		}},
		{"servers", []object{{{"url", Base}}}},
		{"security", []object{{{"bearer", []string{}}}, {{"cookie", []string{}}}}},
		{"tags", tagObjects(operations)},
		{"paths", paths},
		{"components", object{
			{"schemas", components},
			{"responses", problemResponses(problem)},
			{"headers", object{{"API-Version", object{
				{"description", "The version of this API."}, {"schema", object{{"type", "string"}, {"const", Version}}},
			}}}},
			{"securitySchemes", object{
				{"bearer", object{{"type", "http"}, {"scheme", "bearer"}, {"description", "A personal token, with the scope read, write or admin."}}},
				{"cookie", object{{"type", "apiKey"}, {"in", "cookie"}, {"name", "leerkring_session"},
					{"description", "The session of a browser. Whatever changes something must come from a page of the same origin."}}},
			}},
		}},
	}
}

const aboutDocument = "A space says who belongs. A stream is an ordered conversation in a space: a channel, a discussion, a question, an article. " +
	"A post is what a person contributed to a stream. Times are RFC 3339 in UTC with milliseconds, ids are integers below 2^53, " +
	"lists go on with a cursor. Bodies are read strictly: an unknown field, a wrong type or a null is refused."

func pathsOf(operations []Operation) (paths []string) {
	for _, o := range operations {
		if !slices.Contains(paths, o.Path) {
			paths = append(paths, o.Path)
		}
	}
	return paths
}

func tagsOf(operations []Operation) (tags []string) {
	for _, o := range operations {
		if !slices.Contains(tags, o.Tag) {
			tags = append(tags, o.Tag)
		}
	}
	return tags
}

func tagObjects(operations []Operation) (tags []object) {
	for _, tag := range tagsOf(operations) {
		tags = append(tags, object{{"name", tag}})
	}
	return tags
}

func operationObject(o Operation, shapes *schemas) object {
	out := object{{"operationId", o.ID}, {"tags", []string{o.Tag}}, {"summary", o.Summary}}
	if o.Notes != "" {
		out = append(out, member{"description", o.Notes})
	}
	security := []object{{{"bearer", []string{}}}, {{"cookie", []string{}}}}
	if o.Public {
		security = []object{}
	}
	out = append(out, member{"security", security})
	if parameters := parameterObjects(o); parameters != nil {
		out = append(out, member{"parameters", parameters})
	}
	if o.Body != nil {
		out = append(out, member{"requestBody", bodyObject(o, shapes)})
	}
	return append(out, member{"responses", responseObjects(o, shapes)})
}

func parameterObjects(o Operation) (parameters []object) {
	for _, name := range o.params() {
		schema := object{{"type", "integer"}, {"minimum", 1}, {"maximum", int64(maxID)}}
		if !isID(name) {
			schema = object{{"type", "string"}}
		}
		parameters = append(parameters, object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", schema}})
	}
	for _, p := range o.allQuery() {
		parameters = append(parameters, queryObject(p))
	}
	if o.Key {
		parameters = append(parameters, object{{"name", "Idempotency-Key"}, {"in", "header"},
			{"description", "A word of your own, best a UUID: a repeat with it gives the same thing and makes no second one."},
			{"schema", object{{"type", "string"}, {"minLength", 1}, {"maxLength", 202}}}})
	}
	return parameters
}

func queryObject(p Param) object {
	kind := plainTypes[reflect.TypeOf(p.Shape).Kind()]
	schema := object{{"type", kind}}
	if kind == "integer" {
		schema = append(schema, member{"minimum", 0})
	}
	if p.Choices != nil {
		schema = append(schema, member{"enum", p.Choices})
	}
	out := object{{"name", p.Name}, {"in", "query"}, {"description", p.Doc}, {"schema", schema}}
	if p.Required {
		out = append(out, member{"required", true})
	}
	if p.Example != "" {
		out = append(out, member{"example", p.Example})
	}
	return out
}

// allQuery returns the operation's own parameters and those of every list.
func (o Operation) allQuery() []Param {
	if !o.Paged {
		return o.Query
	}
	return append(slices.Clone(o.Query),
		Param{Name: "limit", Doc: "How many items, 1 to " + strconv.Itoa(limits.PageMax) + "; " + strconv.Itoa(limits.PageDefault) + " when nothing is said.", Shape: int64(0)},
		Param{Name: "cursor", Doc: "The next of an earlier answer.", Shape: ""})
}

func bodyObject(o Operation, shapes *schemas) object {
	content := object{}
	for _, kind := range o.contentTypes() {
		content = append(content, member{kind, object{
			{"schema", shapes.of(reflect.TypeOf(o.Body))}, {"example", jsontext.Value(o.Example)}}})
	}
	return object{{"required", !o.BodyOptional}, {"content", content}}
}

func responseObjects(o Operation, shapes *schemas) object {
	headers := object{{"API-Version", object{{"$ref", "#/components/headers/API-Version"}}}}
	if o.Status == http.StatusCreated {
		headers = append(headers, member{"Location", object{
			{"description", "Where the new thing is."}, {"schema", object{{"type", "string"}, {"format", "uri-reference"}}}}})
	}
	good := object{{"description", http.StatusText(o.Status)}, {"headers", headers}}
	if o.Answer != nil {
		good = append(good, member{"content", object{{"application/json", object{{"schema", shapes.of(reflect.TypeOf(o.Answer))}}}}})
	}
	responses := object{{strconv.Itoa(o.Status), good}}
	for _, status := range o.Problems() {
		responses = append(responses, member{strconv.Itoa(status), object{{"$ref", "#/components/responses/" + responseName(status)}}})
	}
	return responses
}

// Problems are the statuses with which the operation can refuse or fail.
func (o Operation) Problems() []int {
	if o.Public {
		return []int{http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusInternalServerError}
	}
	statuses := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}
	add := func(applies bool, status ...int) {
		if applies {
			statuses = append(statuses, status...)
		}
	}
	add(strings.Contains(o.Path, "{") || o.asksForSpace(), http.StatusNotFound)
	add(true, http.StatusMethodNotAllowed)
	add(o.Conflicts, http.StatusConflict)
	add(o.Body != nil, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	add(o.Method != http.MethodGet && !o.Unbounded, http.StatusTooManyRequests)
	add(true, http.StatusInternalServerError, http.StatusServiceUnavailable)
	return statuses
}

// asksForSpace: a parameter names a space that may not be there.
func (o Operation) asksForSpace() bool {
	return slices.ContainsFunc(o.Query, func(p Param) bool { return p.Name == "space" })
}

// refusals are all statuses of a problem, with what they mean and the codes
// that go with them.
var refusals = []struct {
	status int
	codes  []string
	means  string
}{
	{400, []string{"bad_request", "invalid"}, "What was sent cannot be read, or a value in it does not fit. For invalid, errors names each field."},
	{401, []string{"unauthorized"}, "Nobody is signed in: there is no token or session, or it has ended."},
	{403, []string{"forbidden"}, "The caller may read it and may not do this. Also for a token that lacks the scope, and for a page of another site."},
	{404, []string{"not_found"}, "It is not there, or the caller may not know that it is: the two are answered alike."},
	{405, []string{"method_not_allowed"}, "The address exists, not with this method; the header Allow says which it takes."},
	{409, []string{"conflict"}, "It does not fit with how things stand now."},
	{413, []string{"too_large"}, "The request as a whole is too large. A text over its length is invalid."},
	{415, []string{"unsupported_media_type"}, "The body is not of a type that is taken here."},
	{429, []string{"rate_limited"}, "Too fast. Try again after the seconds in the header Retry-After."},
	{500, []string{"unavailable"}, "A mistake of ours. It has been logged under the instance."},
	{503, []string{"unavailable"}, "A part that is needed does not answer. Says nothing about whether a write was kept: send it again, a post or stream with the same Idempotency-Key."},
}

func responseName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

func problemResponses(problem object) object {
	responses := object{}
	for _, r := range refusals {
		headers := object{{"API-Version", object{{"$ref", "#/components/headers/API-Version"}}}}
		add := func(name, kind, doc string) {
			headers = append(headers, member{name, object{{"description", doc}, {"schema", object{{"type", kind}}}}})
		}
		switch r.status {
		case http.StatusUnauthorized:
			add("WWW-Authenticate", "string", "How to say who is asking.")
		case http.StatusMethodNotAllowed:
			add("Allow", "string", "The methods that the address takes.")
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			add("Retry-After", "integer", "How many seconds to wait.")
		}
		responses = append(responses, member{responseName(r.status), object{
			{"description", r.means}, {"headers", headers},
			{"content", object{{"application/problem+json", object{{"schema", problem}}}}},
		}})
	}
	return responses
}
