package api

import (
	"leerkring/internal/fault"
	"leerkring/internal/strictjson"
)

// readJSON reads one JSON object into in, strictly, and checks its tags. What
// is not JSON, not one object or has an unknown field is a BadRequest; a value
// of a wrong type is Invalid and names its field.
func readJSON(data []byte, in any) error {
	if err := strictjson.Unmarshal(data, in); err != nil {
		return strictjson.Fault(err)
	}
	return fault.Check(in)
}
