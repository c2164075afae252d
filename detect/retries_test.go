package detect_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// TestRetryLibraries compares what the catalog says of retry libraries, as it comes out
// for each retry of an archive, with the comment beside it. What is unknown is left out.
func TestRetryLibraries(t *testing.T) {
	offline(t, stubCache(t))
	for _, a := range archivesIn(t, filepath.Join("..", "fixtures", "retries"), 1) {
		dir := t.TempDir()
		fixtures.Unpack(t, a.Archive, dir)
		r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		got, want := map[string]string{}, map[string]string{}
		for i := range r.Retries {
			rt := &r.Retries[i]
			got[fmt.Sprintf("%s:%d", rt.File, rt.Line)] = described(rt)
		}
		for _, f := range a.Files {
			for i, line := range strings.Split(string(f.Data), "\n") {
				if _, marked, ok := strings.Cut(line, "// want "); ok {
					want[fmt.Sprintf("%s:%d", f.Name, i+1)] = marked
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", a.name, diff)
		}
	}
}

func described(r *detect.Retry) string {
	var out []string
	if r.Attempts > 0 {
		out = append(out, fmt.Sprintf("attempts=%d", r.Attempts))
	}
	if r.Wait != "" {
		out = append(out, "wait="+r.Wait)
	}
	for _, f := range []struct {
		name string
		detect.Verdict
	}{{"backoff", r.Backoff}, {"jitter", r.Jitter}, {"bounded", r.Bounded}, {"context", r.Context}} {
		switch {
		case f.Verdict.Verdict == detect.Present && f.Value != "":
			out = append(out, f.name+"="+f.Value)
		case f.Verdict.Verdict != detect.Unknown:
			out = append(out, f.name+"="+string(f.Verdict.Verdict))
		}
	}
	if r.Specific {
		out = append(out, "specific")
	}
	return strings.Join(out, " ")
}
