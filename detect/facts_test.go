package detect_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

const factFixtures = "../fixtures/facts"

var updateFacts = flag.Bool("update-facts", false, "write the facts found into fixtures/facts")

// planParts are the parts of the report that are facts for the plan.
var planParts = []string{"data", "channels", "patterns", "security", "formats", "bounds", "tests", "observability", "deployment", "versions"}

// TestFacts scans each archive of fixtures/facts and compares all facts found with
// NAME.want beside it: a line for each, its position first.
func TestFacts(t *testing.T) {
	offline(t, stubCache(t))
	for _, a := range archivesIn(t, factFixtures, 3) {
		t.Run(a.name, func(t *testing.T) {
			dir := t.TempDir()
			fixtures.Unpack(t, a.Archive, dir)
			got := factsOf(t, dir)
			file := filepath.Join(factFixtures, a.name+".want")
			if *updateFacts {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v (go test ./detect -run TestFacts -update-facts writes it)", err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
			if again := factsOf(t, dir); again != got {
				t.Errorf("a second scan finds other facts (-first +second):\n%s", cmp.Diff(got, again))
			}
		})
	}
}

// TestFactsOfNothing: where there is nothing, and in an inventory, the arrays of
// the report are empty, not missing.
func TestFactsOfNothing(t *testing.T) {
	offline(t, t.TempDir())
	for _, inventory := range []bool{false, true} {
		r, err := plan.Scan(context.Background(), plan.Options{Dir: t.TempDir(), Inventory: inventory})
		if err != nil {
			t.Fatal(err)
		}
		for name, part := range partsOf(t, r) {
			if list, ok := part.([]any); !ok || len(list) != 0 {
				t.Errorf("inventory %v: %s is %v, want an empty array", inventory, name, part)
			}
		}
	}
}

// partsOf are the arrays of the plan's facts by name: "data.resources".
func partsOf(t *testing.T, r *plan.Report) map[string]any {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for _, name := range planParts {
		if group, ok := all[name].(map[string]any); ok {
			for key, part := range group {
				out[name+"."+key] = part
			}
		} else {
			out[name] = all[name]
		}
	}
	return out
}

// factsOf writes the facts of a repository, one a line.
func factsOf(t *testing.T, dir string) string {
	t.Helper()
	r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Diagnostics {
		if d.Severity != "info" {
			t.Logf("%s: %s", d.Position, d.Message)
		}
	}
	parts := partsOf(t, r)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		list, _ := parts[name].([]any)
		if len(list) > 0 {
			fmt.Fprintf(&b, "%s\n", name)
		}
		for _, fact := range list {
			fmt.Fprintf(&b, "  %s\n", factLine(fact))
		}
	}
	return b.String()
}

// factLine leaves out what is empty, and columns.
func factLine(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		if file, ok := v["file"].(string); ok && file != "" {
			if line, ok := v["line"].(float64); ok {
				file += fmt.Sprintf(":%g", line)
			}
			parts = append(parts, file)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if key == "file" || key == "line" || key == "column" {
				continue
			}
			if text := factLine(v[key]); text != "" {
				parts = append(parts, key+"="+text)
			}
		}
		return strings.Join(parts, " ")
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, factLine(item))
		}
		if len(parts) > 0 {
			return "[" + strings.Join(parts, "; ") + "]"
		}
	case string:
		return v
	case float64:
		if v != 0 {
			return fmt.Sprint(v)
		}
	case bool:
		if v {
			return "true"
		}
	}
	return ""
}
