package openapi

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/scanners"
)

// TestScan_corpus compares what Scan reads from real descriptions with what another
// reader, written by somebody else, reads from the same files. The collection lies
// beside a checkout where the project is developed.
func TestScan_corpus(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "corpus")
	b, err := os.ReadFile(filepath.Join(root, "expected.json"))
	if err != nil {
		t.Skip("no collection of real descriptions beside this checkout")
	}
	type facts struct {
		Spec            string   `json:"spec"`
		Title           string   `json:"title"`
		Version         string   `json:"version"`
		Operations      int      `json:"operations"`
		SecuritySchemes []string `json:"security_schemes"`
	}
	var expected struct {
		OpenAPI map[string]facts `json:"openapi"`
	}
	if err := json.Unmarshal(b, &expected); err != nil {
		t.Fatal(err)
	}
	tree, err := scanners.OpenTree(root, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()

	apis, diags := Scan(context.Background(), tree)
	for _, d := range diags {
		t.Logf("%s %s: %s", d.Severity, d.Position, d.Message)
	}
	got := map[string]facts{}
	for _, api := range apis {
		if _, ok := expected.OpenAPI[api.File]; !ok {
			continue
		}
		f := facts{api.Spec, api.Title, api.Version, api.CountedOperations(), []string{}}
		for _, s := range api.SecuritySchemes {
			f.SecuritySchemes = append(f.SecuritySchemes, s.Name)
		}
		got[api.File] = f
	}
	if diff := cmp.Diff(expected.OpenAPI, got); diff != "" {
		t.Errorf("facts of %d descriptions (-want +got):\n%s", len(expected.OpenAPI), diff)
	}
	for name := range expected.OpenAPI {
		start := time.Now()
		scanFile(context.Background(), tree, name)
		if took := time.Since(start); took > time.Second && !raceDetector() {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// raceDetector reports whether the test runs under the race detector, which takes
// its time.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
