package gosrc

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A package is handed out after what it imports, and all are handed out, also
// those of a circle of imports.
func TestScheduleOrder(t *testing.T) {
	for name, test := range map[string]struct {
		imports map[string][]string
		want    []string
	}{
		"chain":   {map[string][]string{"a": {"b"}, "b": {"c"}, "c": nil}, []string{"c", "b", "a"}},
		"diamond": {map[string][]string{"a": {"b", "c"}, "b": {"d"}, "c": {"d", "b"}, "d": {"fmt"}}, []string{"d", "b", "c", "a"}},
		"circle":  {map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, []string{"c", "b", "a", "d"}},
		"itself":  {map[string][]string{"a": {"a"}}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			var raws []*raw
			byPath := map[string]*raw{}
			for path, imports := range test.imports {
				byPath[path] = &raw{path: path, imports: imports}
			}
			for _, path := range []string{"a", "b", "c", "d"} {
				if r := byPath[path]; r != nil {
					raws = append(raws, r)
				}
			}
			if diff := cmp.Diff(test.want, drain(newSchedule(raws, byPath), len(raws))); diff != "" {
				t.Errorf("order of checking (-want +got):\n%s", diff)
			}
		})
	}
}

// A backlog of packages to summarise is worked off before more are checked: they
// hold their syntax trees in memory.
func TestScheduleBacklog(t *testing.T) {
	var raws []*raw
	for range 10 {
		raws = append(raws, &raw{})
	}
	q := newSchedule(raws, nil)
	most, waiting := 0, 0
	for {
		r, j := q.next(2)
		switch {
		case r != nil:
			q.doneChecking(job{r: r})
			waiting++
		case j.r != nil:
			q.doneSummarizing()
			waiting--
		default:
			if most != 3 || waiting != 0 {
				t.Errorf("at most %d packages were waiting, want 3; %d at the end, want 0", most, waiting)
			}
			return
		}
		most = max(most, waiting)
	}
}

func drain(q *schedule, n int) []string {
	var order []string
	for range 2 * n {
		r, j := q.next(n)
		switch {
		case r != nil:
			order = append(order, r.path)
			q.doneChecking(job{r: r})
		case j.r != nil:
			q.doneSummarizing()
		}
	}
	return slices.Clip(order)
}
