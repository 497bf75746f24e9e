package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"leerkring/internal/fault"
	"leerkring/internal/locale"
)

// ProblemJSON is every error answer (RFC 9457).
type ProblemJSON struct {
	Type     string           `json:"type" format:"uri" doc:"Where this kind of problem is described."`
	Title    string           `json:"title" doc:"The kind of problem, in the caller's language." example:"Dit past niet bij hoe het nu is"`
	Status   int              `json:"status" example:"409"`
	Detail   string           `json:"detail" doc:"What is wrong and what to do now, in the caller's language."`
	Code     string           `json:"code" enum:"bad_request,invalid,unauthorized,forbidden,not_found,method_not_allowed,conflict,too_large,unsupported_media_type,rate_limited,unavailable" doc:"The kind of problem, for programs." example:"conflict"`
	Instance string           `json:"instance,omitzero" format:"uri" doc:"Names this one answer; it is in the log as well. There when the mistake is ours."`
	Errors   []FieldErrorJSON `json:"errors,omitzero" doc:"What does not fit, by field."`
}

// FieldErrorJSON is one value that does not fit.
type FieldErrorJSON struct {
	Field   string `json:"field" doc:"The field or parameter." example:"title"`
	Code    string `json:"code" doc:"What is wrong with it, for programs." example:"required"`
	Message string `json:"message" doc:"What is wrong with it, in the caller's language." example:"Vul dit in."`
}

// statuses is the HTTP status of each kind of fault.
var statuses = map[fault.Kind]int{
	fault.BadRequest:     http.StatusBadRequest,
	fault.UnknownCommand: http.StatusBadRequest,
	fault.Invalid:        http.StatusBadRequest,
	fault.Unidentified:   http.StatusUnauthorized,
	fault.Forbidden:      http.StatusForbidden,
	fault.NotFound:       http.StatusNotFound,
	fault.WrongMethod:    http.StatusMethodNotAllowed,
	fault.Conflict:       http.StatusConflict,
	fault.TooLarge:       http.StatusRequestEntityTooLarge,
	fault.WrongType:      http.StatusUnsupportedMediaType,
	fault.TooMany:        http.StatusTooManyRequests,
	fault.Unavailable:    http.StatusServiceUnavailable,
}

// fail is the one place that answers with an error. c is nil when the request
// got to no operation.
func (a *API) fail(w http.ResponseWriter, r *http.Request, c *call, err error) {
	e, isFault := fault.As(err)
	problem := ProblemJSON{}
	if isFault {
		problem.Status = statuses[e.Kind]
		a.noteTrouble(r.Context(), c, e)
	} else {
		e = fault.New(fault.Unavailable, "api.defect")
		problem.Status = http.StatusInternalServerError
		problem.Instance = a.noteDefect(r.Context(), c, err)
	}
	texts := locale.For(c.language(r))
	problem.Code = e.Kind.Code()
	problem.Type = a.baseURL + Base + "/docs#" + problem.Code
	problem.Title = texts.T("api.title_" + problem.Code)
	problem.Detail = texts.Fault(e.Text)
	for _, f := range e.Fields {
		problem.Errors = append(problem.Errors, FieldErrorJSON{Field: f.Name, Code: f.Code, Message: texts.Fault(f.Text)})
	}
	h := w.Header()
	h.Del("Location")
	h.Set("Content-Language", texts.Language)
	switch e.Kind {
	case fault.Unidentified:
		h.Set("WWW-Authenticate", `Bearer realm="Leerkring"`)
	case fault.TooMany, fault.Unavailable:
		h.Set("Retry-After", strconv.Itoa(seconds(e.RetryAfter)))
	}
	body, err := Encode(&problem)
	if err != nil { // text and numbers alone: it does not fail
		panic(err)
	}
	respond(w, r, problem.Status, "application/problem+json", body)
}

// language is the caller's: their own, else the one their program asks for.
func (c *call) language(r *http.Request) string {
	if c != nil && c.actor.Language != "" {
		return c.actor.Language
	}
	return locale.Choose(r.Header.Get("Accept-Language"))
}

// noteTrouble logs why something that is needed does not answer.
func (a *API) noteTrouble(ctx context.Context, c *call, e *fault.Error) {
	if e.Kind == fault.Unavailable && !errors.Is(e, context.Canceled) {
		a.log.WarnContext(ctx, "api: unavailable", slog.String("operation", c.name()), slog.Any("error", e.Cause))
	}
}

// noteDefect logs a mistake of ours, under the name it returns. A caller who
// left is none.
func (a *API) noteDefect(ctx context.Context, c *call, err error) (instance string) {
	instance = "urn:uuid:" + uuid.NewString()
	if !errors.Is(err, context.Canceled) {
		a.log.ErrorContext(ctx, "api: defect", slog.String("operation", c.name()), slog.String("instance", instance), slog.Any("error", err))
	}
	return instance
}

func (c *call) name() string {
	if c == nil {
		return ""
	}
	return c.op.ID
}

// seconds rounds up, to at least one.
func seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}

// FaultJSON returns an error in the words of the protocol, for the sockets: its
// code, what to tell the person in their language, and the first field it is
// about. An error that is no fault is "unavailable"; logging it is up to the
// caller.
func FaultJSON(err error, language string) (code, message, field string) {
	e, _ := fault.From(err)
	texts := locale.For(language)
	if len(e.Fields) > 0 {
		return e.Kind.Code(), texts.Fault(e.Fields[0].Text), e.Fields[0].Name
	}
	return e.Kind.Code(), texts.Fault(e.Text), ""
}
