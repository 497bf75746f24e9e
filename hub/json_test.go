package hub_test

import "encoding/json"

func unmarshal(b []byte, into any) error { return json.Unmarshal(b, into) }
