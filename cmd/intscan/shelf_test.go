package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/intscan/intscan/plan"
)

// What the cache keeps of findings is all that there is of them.
func TestKeptFindings(t *testing.T) {
	r, err := plan.Scan(context.Background(), plan.Options{Dir: filepath.Join("..", "..", "fixtures", "shop")})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) == 0 {
		t.Fatal("the fixture has no findings")
	}
	data, err := json.Marshal(kept{Findings: r.Findings})
	if err != nil {
		t.Fatal(err)
	}
	var was kept
	if err := json.Unmarshal(data, &was); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Findings, was.Findings, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("findings made and kept (-want +got):\n%s", diff)
	}
}
