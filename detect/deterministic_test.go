package detect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/plan"
)

// TestDeterministic: the same tree gives the same bytes, on one core and on four, at
// each run.
func TestDeterministic(t *testing.T) {
	for _, name := range []string{"shop", "grpcpair", "broken"} {
		t.Run(name, func(t *testing.T) {
			offline(t, stubCache(t))
			old := runtime.GOMAXPROCS(0)
			defer runtime.GOMAXPROCS(old)
			var first []byte
			for _, procs := range []int{1, 4, 4, 2} {
				runtime.GOMAXPROCS(procs)
				r, err := plan.Scan(context.Background(), plan.Options{Dir: filepath.Join("..", "fixtures", name)})
				if err != nil {
					t.Fatal(err)
				}
				got, err := json.MarshalIndent(r, "", " ")
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Integrations) == 0 {
					t.Fatal("nothing found: nothing compared")
				}
				if first == nil {
					first = got
				}
				if !bytes.Equal(first, got) {
					t.Errorf("with GOMAXPROCS=%d the report differs (-first +this):\n%s", procs, cmp.Diff(string(first), string(got)))
				}
			}
		})
	}
}
