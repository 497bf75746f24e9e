package fault

import (
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"
)

var validate = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	// notblank: something one can see.
	must(v.RegisterValidation("notblank", func(fl validator.FieldLevel) bool { return !Blank(fl.Field().String()) }))
	return v
})

// Blank reports whether there is nothing to see in a text: white space, control
// characters, and those that only join or direct others.
func Blank(s string) bool {
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

// Check validates the tags of an input struct and returns an Invalid fault
// that names every field that does not fit, or nil. Lengths of text are counted
// in code points.
func Check(input any) error {
	err := validate().Struct(input)
	if err == nil {
		return nil
	}
	failures, ok := err.(validator.ValidationErrors)
	if !ok {
		return err
	}
	e := &Error{Kind: Invalid, Text: Text{Key: "fault.invalid"}}
	for _, f := range failures {
		code, args := codeOf(f)
		name, _, _ := strings.Cut(f.Field(), "[") // of a list, the list
		e.Fields = append(e.Fields, Field{
			Name: name,
			Code: code,
			Text: Text{Key: "field." + code, Args: args},
		})
	}
	return e
}

// codeOf translates a validator tag to the word and the gaps of our texts.
func codeOf(f validator.FieldError) (string, map[string]any) {
	isText := f.Kind() == reflect.String
	switch f.Tag() {
	case "required", "notblank":
		return "required", nil
	case "max", "lte":
		if isText {
			return "too_long", map[string]any{"Max": f.Param()}
		}
		if f.Kind() == reflect.Slice {
			return "too_many", map[string]any{"Max": f.Param()}
		}
		return "too_high", map[string]any{"Max": f.Param()}
	case "min", "gte":
		if isText {
			return "too_short", map[string]any{"Min": f.Param()}
		}
		return "too_low", map[string]any{"Min": f.Param()}
	case "oneof":
		return "not_one_of", map[string]any{"Choices": strings.ReplaceAll(f.Param(), " ", ", ")}
	case "email":
		return "not_mail", nil
	case "uuid", "uuid_rfc4122":
		return "not_uuid", nil
	case "timezone":
		return "not_time_zone", nil
	}
	return "does_not_fit", nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
