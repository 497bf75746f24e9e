package api

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"

	"leerkring/internal/fault"
	"leerkring/internal/strictjson"
)

// readJSON reads one JSON object into in, strictly, and checks its tags. What
// is not JSON, not one object or has an unknown field is a BadRequest; a value
// of a wrong type is Invalid and names its field.
func readJSON(data []byte, in any) error {
	if err := strictjson.Unmarshal(data, in); err != nil {
		return unreadable(err)
	}
	return fault.Check(in)
}

func unreadable(err error) error {
	var semantic *json.SemanticError
	field, _, _ := strings.Cut(strictjson.Field(err), "/")
	if field == "" || !errors.As(err, &semantic) || errors.Is(err, json.ErrUnknownName) {
		return fault.New(fault.BadRequest, "fault.bad_request", "What", strictjson.Describe(err))
	}
	return fault.InvalidField(field, "wrong_type")
}
