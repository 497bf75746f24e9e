package api

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The schemas of the OpenAPI document are read from the structs that are
// written and read, so that they cannot differ. The rules are those of our
// JSON: a pointer is null when it is nil, unless the field may be left out
// (required:"false", omitzero); a list is never null; nothing else than what is
// named is there. huma's registry has other rules (no null for an object, null
// for every list), so this is our own.
//
// Tags: doc, example, enum, format, minimum, maximum, minLength, maxLength,
// maxItems.

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	Name  string
	Value any
}

// MarshalJSONTo writes the object.
func (o object) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := e.WriteToken(jsontext.String(m.Name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m.Value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// get returns a member's value, nil when there is none.
func (o object) get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// schemas gathers the shapes that are referred to.
type schemas struct {
	list []*shape
	at   map[reflect.Type]*shape
}

// shape is a named object schema.
type shape struct {
	Name       string
	Properties []property
}

// property is a member of a shape.
type property struct {
	Name     string
	Required bool
	Doc      string
	Schema   object
}

// describer is a type that says its own schema.
type describer interface{ describe(*schemas) object }

// of returns the schema of a type: a reference when it is a struct.
func (s *schemas) of(t reflect.Type) object {
	if d, ok := reflect.Zero(t).Interface().(describer); ok && t.Kind() != reflect.Pointer {
		return d.describe(s)
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{{"type", "string"}, {"format", "date-time"}}
	case t.Kind() == reflect.Pointer:
		return orNull(s.of(t.Elem()))
	case t.Kind() == reflect.Slice:
		return object{{"type", "array"}, {"items", s.of(t.Elem())}}
	case t.Kind() == reflect.Struct:
		return object{{"$ref", "#/components/schemas/" + s.shape(t).Name}}
	}
	return object{{"type", plainTypes[t.Kind()]}}
}

var plainTypes = map[reflect.Kind]string{
	reflect.Bool: "boolean", reflect.String: "string", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
}

// orNull lets a schema be null as well.
func orNull(o object) object {
	if kind, ok := o.get("type").(string); ok {
		o[0].Value = []string{kind, "null"}
		return o
	}
	return object{{"anyOf", []object{o, {{"type", "null"}}}}}
}

// shape returns the shape of a struct, read once.
func (s *schemas) shape(t reflect.Type) *shape {
	if there := s.at[t]; there != nil {
		return there
	}
	if s.at == nil {
		s.at = map[reflect.Type]*shape{}
	}
	made := &shape{Name: shapeName(t)}
	s.at[t] = made
	s.list = append(s.list, made)
	for i := range t.NumField() {
		made.Properties = append(made.Properties, s.property(t.Field(i)))
	}
	return made
}

// shapeName is the type's name without its suffix; a list is named for what is
// in it.
func shapeName(t reflect.Type) string {
	name := t.Name()
	if of, ok := strings.CutPrefix(name, "ListJSON["); ok {
		name = of[strings.LastIndexByte(of, '.')+1:len(of)-1] + "List"
	}
	return strings.ReplaceAll(name, "JSON", "")
}

func (s *schemas) property(f reflect.StructField) property {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	optional := strings.Contains(options, "omitzero") || f.Tag.Get("required") == "false"
	kind := f.Type
	nullable := kind.Kind() == reflect.Pointer && !optional && !strings.Contains(f.Tag.Get("validate"), "required")
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	schema := s.of(kind)
	for _, tag := range []string{"format", "minimum", "maximum", "minLength", "maxLength", "maxItems", "enum"} {
		if value := f.Tag.Get(tag); value != "" {
			schema = append(schema, member{tag, tagValue(tag, value)})
		}
	}
	if nullable {
		schema = nullToo(orNull(schema))
	}
	doc := f.Tag.Get("doc")
	if doc != "" {
		schema = append(schema, member{"description", doc})
	}
	if example := f.Tag.Get("example"); example != "" {
		schema = append(schema, member{"examples", []any{exampleValue(kind, example)}})
	}
	return property{Name: name, Required: !optional, Doc: doc, Schema: schema}
}

// nullToo adds null to the values of an enumeration.
func nullToo(o object) object {
	for i := range o {
		if values, ok := o[i].Value.([]any); ok && o[i].Name == "enum" {
			o[i].Value = append(values, nil)
		}
	}
	return o
}

func tagValue(tag, value string) any {
	switch tag {
	case "format":
		return value
	case "enum":
		var values []any
		for _, v := range strings.Split(value, ",") {
			values = append(values, v)
		}
		return values
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		panic("api: tag " + tag + " is no number: " + value) // built in, so a build fault
	}
	return n
}

func exampleValue(t reflect.Type, example string) any {
	if t.Kind() == reflect.String {
		return example
	}
	return jsontext.Value(example)
}

// schema returns the object schema itself.
func (s *shape) schema() object {
	var required []string
	properties := object{}
	for _, p := range s.Properties {
		properties = append(properties, member{p.Name, p.Schema})
		if p.Required {
			required = append(required, p.Name)
		}
	}
	o := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if required != nil {
		o = append(o, member{"required", required})
	}
	return o
}

// What a type says of itself.

func (Moment) describe(*schemas) object {
	return object{{"type", "string"}, {"format", "date-time"},
		{"pattern", `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$`}}
}

func (ReactionsJSON) describe(*schemas) object {
	return object{{"type", "object"}, {"additionalProperties", object{{"type", "integer"}, {"minimum", 1}}},
		{"description", "How many people put each emoji there, by emoji."}, {"examples", []any{map[string]int{"👍": 3}}}}
}

// SpaceOrCardJSON is a space, or its card for whoever may not read it.
type SpaceOrCardJSON struct{ it any }

// MarshalJSONTo writes the one that it is.
func (s SpaceOrCardJSON) MarshalJSONTo(e *jsontext.Encoder) error { return json.MarshalEncode(e, s.it) }

func (SpaceOrCardJSON) describe(s *schemas) object {
	return object{{"anyOf", []object{s.of(reflect.TypeFor[SpaceJSON]()), s.of(reflect.TypeFor[SpaceCardJSON]())}}}
}

// PostsJSON is what a list of posts answers: a page, or what happened since.
type PostsJSON struct{}

func (PostsJSON) describe(s *schemas) object {
	return object{{"anyOf", []object{s.of(reflect.TypeFor[PostPageJSON]()), s.of(reflect.TypeFor[CatchUpJSON]())}}}
}

// DocumentJSON is the OpenAPI document.
type DocumentJSON struct{}

func (DocumentJSON) describe(*schemas) object {
	return object{{"type", "object"}, {"description", "An OpenAPI 3.1 document."}}
}
