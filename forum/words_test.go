package forum_test

import (
	"strconv"
	"strings"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func contains(s, part string) bool { return strings.Contains(s, part) }
