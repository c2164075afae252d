package schema_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/schema"
)

var update = flag.Bool("update", false, "generate the schema anew")

// TestSchemaIsCurrent fails when the types have changed and the schema has not.
func TestSchemaIsCurrent(t *testing.T) {
	want := generate(t, false)
	if *update {
		if err := os.WriteFile("report.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), string(schema.Report)); diff != "" {
		t.Errorf("report.schema.json is stale; go test ./plan/schema -update writes it (-want +got):\n%s", diff)
	}
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, r *plan.Report) error {
	t.Helper()
	var b bytes.Buffer
	if err := render.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

// TestFixturesAreValid holds the report of each fixture to the strict schema.
func TestFixturesAreValid(t *testing.T) {
	const folder = "../../fixtures"
	dirs, err := filepath.Glob(filepath.Join(folder, "*", "README.md"))
	if err != nil || len(dirs) < 8 {
		t.Fatalf("%d fixtures found, want at least 8 (%v)", len(dirs), err)
	}
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(folder, "modules")))
	strict, published := compile(t, generate(t, true)), compile(t, schema.Report)
	for _, readme := range dirs {
		dir := filepath.Dir(readme)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			for _, inventory := range []bool{false, true} {
				r, err := plan.Scan(context.Background(), plan.Options{Dir: dir, Inventory: inventory})
				if err != nil {
					t.Fatal(err)
				}
				if err := validate(t, strict, r); err != nil {
					t.Errorf("inventory %v: %v", inventory, err)
				}
				if err := validate(t, published, r); err != nil {
					t.Errorf("inventory %v, as published: %v", inventory, err)
				}
			}
		})
	}
}

// TestSchemaRefuses: the schema says more than that a report is an object.
func TestSchemaRefuses(t *testing.T) {
	s := compile(t, schema.Report)
	for name, spoil := range map[string]func(*plan.Report){
		"another format":      func(r *plan.Report) { r.Schema = "intscan.report/v0" },
		"an unknown verdict":  func(r *plan.Report) { r.CallSites[0].Timeout.Verdict = "perhaps" },
		"an unknown severity": func(r *plan.Report) { r.Findings[0].Severity = "fatal" },
		"an unknown scope":    func(r *plan.Report) { r.Integrations[0].Scope = "sometimes" },
		"an unknown kind":     func(r *plan.Report) { r.Integrations[0].Kind = "thing" },
	} {
		t.Run(name, func(t *testing.T) {
			r, err := plan.Scan(context.Background(), plan.Options{Dir: "../../fixtures/shop"})
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(t, s, r); err != nil {
				t.Fatalf("refused before it is spoilt: %v", err)
			}
			spoil(r)
			if validate(t, s, r) == nil {
				t.Error("accepted")
			}
		})
	}
}
