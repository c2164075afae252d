// Package schema has the JSON Schema of the report: what programs that read reports
// may rely on.
//
// The file is generated from the report's types and their comments; its test fails
// when it no longer says what they say.
package schema

import _ "embed"

// Report is the schema of the report as JSON, in the dialect of draft 2020-12.
//
//go:embed report.schema.json
var Report []byte
