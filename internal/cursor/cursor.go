// Package cursor writes the place where a list goes on, as a word that means
// nothing to the asker.
package cursor

import (
	"encoding/base64"
	"strconv"
	"strings"

	"leerkring/internal/fault"
)

// Encode returns the cursor for the numbers of the last item's sort key.
func Encode(key ...int64) string {
	parts := make([]string, len(key))
	for i, n := range key {
		parts[i] = strconv.FormatInt(n, 36)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, ".")))
}

// Decode returns the n numbers of a cursor. A cursor that is not one of ours is
// Invalid.
func Decode(s string, n int) ([]int64, error) {
	wrong := fault.InvalidField("cursor", "does_not_fit")
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, wrong
	}
	parts := strings.Split(string(raw), ".")
	if len(parts) != n {
		return nil, wrong
	}
	key := make([]int64, n)
	for i, part := range parts {
		if key[i], err = strconv.ParseInt(part, 36, 64); err != nil {
			return nil, wrong
		}
	}
	return key, nil
}
