package main

import (
	"encoding/json"
	"testing"

	"github.com/intscan/intscan/plan/schema"
)

func TestSchemaCommand(t *testing.T) {
	got := runFine(t, "schema")
	if got != string(schema.Report) || !json.Valid([]byte(got)) {
		t.Errorf("not the schema: %.200s", got)
	}
}
