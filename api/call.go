package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"leerkring/community"
	"leerkring/internal/fault"
	"leerkring/internal/limits"
)

// call is one request on its way through an operation.
type call struct {
	api   *API
	op    *Operation
	r     *http.Request
	w     http.ResponseWriter
	actor community.Actor
	// id is the {id} of the path; other is the id below it, if there is one.
	id, other int64
}

func (c *call) ctx() context.Context { return c.r.Context() }

// readPath reads the ids in the path. What is no id is not there.
func (c *call) readPath() error {
	for _, name := range c.op.params() {
		if !isID(name) {
			continue
		}
		id, ok := parseID(c.r.PathValue(name))
		if !ok {
			return fault.Missing()
		}
		if name == "id" {
			c.id = id
		} else {
			c.other = id
		}
	}
	return nil
}

// maxID is the largest whole number that every reader of JSON keeps.
const maxID = 1<<53 - 1

var idForm = regexp.MustCompile(`^[1-9][0-9]{0,15}$`)

// parseID reads an id in its one spelling.
func parseID(s string) (id int64, ok bool) {
	if !idForm.MatchString(s) {
		return 0, false
	}
	id, err := strconv.ParseInt(s, 10, 64)
	return id, err == nil && id <= maxID
}

// refuse returns what the caller is to hear whose message does not fit: first
// whether they may at all.
func (c *call) refuse(unfit error) error {
	if c.op.may != nil {
		if err := c.op.may(c); err != nil {
			return err
		}
	}
	return unfit
}

// read reads the body into in, strictly.
func (c *call) read(in any) error {
	if err := c.readBody(in); err != nil {
		return c.refuse(err)
	}
	return nil
}

func (c *call) readBody(in any) error {
	body, err := c.bytes()
	if err != nil {
		return err
	}
	if len(body) == 0 && c.op.BodyOptional {
		return nil
	}
	return readJSON(body, in)
}

func (c *call) bytes() ([]byte, error) {
	if c.op.BodyOptional && c.r.ContentLength == 0 {
		return nil, nil
	}
	if !c.isJSON() {
		return nil, fault.New(fault.WrongType, "fault.wrong_type", "Type", strings.Join(c.op.contentTypes(), ", "))
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, limits.RequestBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fault.New(fault.TooLarge, "fault.too_large", "Max", strconv.Itoa(limits.RequestBody>>10)+" KiB")
	case err != nil:
		return nil, fault.New(fault.BadRequest, "fault.bad_request", "What", "the body ended too early")
	}
	return body, nil
}

// isJSON reports whether the request says that its body is JSON, in UTF-8 and
// not compressed.
func (c *call) isJSON() bool {
	kind, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || c.r.Header.Get("Content-Encoding") != "" {
		return false
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	for _, taken := range c.op.contentTypes() {
		if kind == taken {
			return true
		}
	}
	return false
}

// contentTypes are those that the operation's body may have.
func (o *Operation) contentTypes() []string {
	if o.Method == http.MethodPatch {
		return []string{"application/json", "application/merge-patch+json"}
	}
	return []string{"application/json"}
}

// keyForm: what a header can carry and nobody mistakes.
var keyForm = regexp.MustCompile(`^[!-~]{1,200}$`)

// nonce reads the Idempotency-Key, bare or quoted; "" when there is none. A
// UUID is one nonce however it is spelled, here as on sockets.
func (c *call) nonce() (string, error) {
	values := c.r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := strings.TrimSpace(values[0])
	if bare, ok := strings.CutPrefix(key, `"`); ok {
		if bare, ok = strings.CutSuffix(bare, `"`); !ok {
			bare = ""
		}
		key = bare
	}
	if len(values) > 1 || !keyForm.MatchString(key) {
		return "", c.refuse(fault.InvalidField("Idempotency-Key", "not_key"))
	}
	return canonical(key), nil
}

// canonical returns the one spelling of a UUID, and anything else as it is.
func canonical(key string) string {
	if len(key) == 36 {
		if id, err := uuid.Parse(key); err == nil {
			return id.String()
		}
	}
	return key
}

// created says where the new thing is.
func (c *call) created(path string, ids ...int64) {
	for _, id := range ids {
		path = strings.Replace(path, "{}", strconv.FormatInt(id, 10), 1)
	}
	c.w.Header().Set("Location", Base+path)
}

// secret returns a code from the path; one that nobody can have been given is
// not there.
func (c *call) secret(name string) (string, error) {
	code := c.r.PathValue(name)
	if !keyForm.MatchString(code) {
		return "", fault.Missing()
	}
	return code, nil
}

// emoji returns the emoji in the path.
func (c *call) emoji() (string, error) {
	emoji := c.r.PathValue("emoji")
	if !utf8.ValidString(emoji) || strings.ContainsRune(emoji, 0) {
		return "", c.refuse(fault.InvalidField("emoji", "not_emoji"))
	}
	return emoji, nil
}
