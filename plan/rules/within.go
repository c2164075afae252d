package rules

import (
	"slices"

	"github.com/intscan/intscan/scanners"
)

// Within reports whether a finding belongs to the places that a predicate tells: its
// own position does, or it is about calls (isCall) and all of them do. A finding with
// more calls than it lists does not belong by these.
func (f *Finding) Within(inside, isCall func(scanners.Position) bool) bool {
	if inside(f.Position) {
		return true
	}
	if len(f.Related) == 0 || len(f.Related) == maxRelated {
		return false
	}
	return !slices.ContainsFunc(f.Related, func(r Related) bool { return !isCall(r.Position) || !inside(r.Position) })
}
