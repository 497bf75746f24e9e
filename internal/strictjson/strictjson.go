// Package strictjson reads what programs send. It takes exactly what the
// protocol names and nothing else: an unknown or doubled member, a null, a
// wrong type, text that is not UTF-8, a lone surrogate, NUL, or anything after
// the value is refused (RFC 8259, RFC 7493 section 2).
package strictjson

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"leerkring/internal/fault"
)

var (
	errNull = errors.New("null is not taken here")
	errNUL  = errors.New("the character NUL is not taken here")
)

var options = json.JoinOptions(
	json.RejectUnknownMembers(true),
	json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, s *string) error {
			if d.PeekKind() != '"' {
				return errors.ErrUnsupported
			}
			token, err := d.ReadToken()
			if err != nil {
				return err
			}
			*s = token.String()
			if strings.ContainsRune(*s, 0) {
				return errNUL
			}
			return nil
		}),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, _ any) error {
			if d.PeekKind() == 'n' {
				return errNull
			}
			return errors.ErrUnsupported
		}),
	)),
)

// Unmarshal reads one JSON value into dst, strictly.
func Unmarshal(data []byte, dst any) error {
	return json.Unmarshal(data, dst, options)
}

// Fault returns the fault that tells of an error of [Unmarshal]: a value of a
// wrong type is Invalid and names its field; what is no JSON, not one object or
// has an unknown member is a BadRequest.
func Fault(err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && !errors.Is(err, json.ErrUnknownName) {
		if field, _, _ := strings.Cut(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/"); field != "" {
			return fault.InvalidField(field, "wrong_type")
		}
	}
	return fault.New(fault.BadRequest, "fault.bad_request", "What", Describe(err))
}

// Describe returns what was wrong in words for a programmer, without the
// names of Go types.
func Describe(err error) string {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return fmt.Sprintf("not valid JSON at byte %d", syntactic.ByteOffset)
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		where := string(semantic.JSONPointer)
		switch {
		case errors.Is(err, json.ErrUnknownName):
			return fmt.Sprintf("unknown field %s", where)
		case errors.Is(err, errNull), errors.Is(err, errNUL):
			return fmt.Sprintf("%s: %v", where, semantic.Err)
		default:
			return fmt.Sprintf("wrong type at %s", where)
		}
	}
	return "not valid JSON"
}
