package sections

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func needs(pairs ...string) []Dependency {
	var out []Dependency
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Dependency{From: pairs[i], To: pairs[i+1]})
	}
	return out
}

func TestOrdered(t *testing.T) {
	for _, tc := range []struct {
		name     string
		deps     []Dependency
		levels   [][]string
		cycles   [][]string
		critical []string
	}{
		{"nothing", nil, nil, nil, nil},
		{"a chain", needs("web", "api", "api", "db"), [][]string{{"db"}, {"api"}, {"web"}}, nil, []string{"web", "api", "db"}},
		{"side by side", needs("api", "db", "api", "cache", "worker", "db"), [][]string{{"cache", "db"}, {"api", "worker"}}, nil, []string{"api", "cache"}},
		{"a cycle is one level", needs("a", "b", "b", "a", "a", "db", "web", "b"), [][]string{{"db"}, {"a", "b"}, {"web"}}, [][]string{{"a", "b"}}, []string{"web", "b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			levels, cycles := ordered(tc.deps)
			if diff := cmp.Diff(tc.levels, levels); diff != "" {
				t.Errorf("levels (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.cycles, cycles); diff != "" {
				t.Errorf("cycles (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.critical, longest(tc.deps, levels)); diff != "" {
				t.Errorf("critical path (-want +got):\n%s", diff)
			}
		})
	}
}
