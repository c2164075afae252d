package compose_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
)

// corpus is a folder of real compose files with what an independent reader found
// in them. It lies beside the checkout and is not part of it.
const corpus = "../../../shared/corpus"

func TestCorpus(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpus, "expected.json"))
	if err != nil {
		t.Skip("no corpus beside the checkout")
	}
	var expected struct {
		Compose map[string]struct{ Services map[string]string }
	}
	if err := json.Unmarshal(raw, &expected); err != nil {
		t.Fatal(err)
	}
	tree, err := scanners.OpenTree(corpus, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	start := time.Now()
	projects, diags := compose.Scan(context.Background(), tree)
	t.Logf("%d projects in %s", len(projects), time.Since(start))
	got := map[string]map[string]string{}
	for _, p := range projects {
		for _, s := range p.Services {
			if s.Line == 0 {
				t.Errorf("%s: service %s has no line", s.File, s.Name)
			}
			if got[s.File] == nil {
				got[s.File] = map[string]string{}
			}
			if _, twice := got[s.File][s.Name]; twice {
				t.Errorf("%s: service %s is reported twice", s.File, s.Name)
			}
			got[s.File][s.Name] = s.Image
		}
	}
	for file, want := range expected.Compose {
		if diff := cmp.Diff(want.Services, got[file]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	for _, d := range diags {
		t.Logf("%s %s: %s", d.Severity, d.Position, d.Message)
	}
}
