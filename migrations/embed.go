// Package migrations holds the schema, as numbered steps, once for each
// database. The two folders have the same files, and a test compares the
// schemas they make.
package migrations

import "embed"

//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
