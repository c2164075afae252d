package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/rules"
)

// Kind says what a change does.
type Kind string

// The kinds of changes.
const (
	Added    Kind = "added"
	Removed  Kind = "removed"
	Weaker   Kind = "weaker"   // fewer calls have a protection
	Stronger Kind = "stronger" // more have
	Changed  Kind = "changed"  // neither better nor worse
)

// Change is one difference.
type Change struct {
	Kind Kind `json:"kind"`
	// Subject is "integration" or "contract", Name which one.
	Subject string `json:"subject"`
	Name    string `json:"name"`
	// Detail says what changed: "timeout: all → some".
	Detail string `json:"detail"`
}

// Diff is all that a change gains and loses.
type Diff struct {
	Changes []Change `json:"changes"`
	// Gained and Lost are findings.
	Gained []rules.Finding `json:"findings_gained"`
	Lost   []gate.Entry    `json:"findings_lost"`
	// Suppressed are findings that count no more, by a comment or the configuration.
	Suppressed []rules.Finding `json:"findings_suppressed"`
}

// Empty: nothing differs.
func (d *Diff) Empty() bool { return len(d.Changes)+len(d.Gained)+len(d.Lost)+len(d.Suppressed) == 0 }

// Scan is what is compared of one: its findings, and the calls that they are about.
type Scan struct {
	Findings []rules.Finding
	Calls    []detect.CallSite
}

// Findings compares those of two scans.
func (d *Diff) Findings(before, after Scan) {
	now := slices.Clone(after.Findings)
	o := gate.Limits{}.Apply(now, after.Calls, gate.NewBaseline(before.Findings, before.Calls))
	d.Gained, d.Lost, d.Suppressed = []rules.Finding{}, o.Stale, []rules.Finding{}
	for _, f := range now {
		if !f.Known && f.Suppressed == nil {
			d.Gained = append(d.Gained, f)
		}
	}
	was, is := suppressed(before.Findings), suppressed(after.Findings)
	known := gate.NewBaseline(bare(was), nil).Match(bare(is), nil).Known
	for i, f := range is {
		if !known[i] {
			d.Suppressed = append(d.Suppressed, f)
		}
	}
}

func suppressed(all []rules.Finding) []rules.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f rules.Finding) bool { return f.Suppressed == nil })
}

// bare are suppressed findings as if they were not, which a baseline takes in.
func bare(all []rules.Finding) []rules.Finding {
	out := slices.Clone(all)
	for i := range out {
		out[i].Suppressed = nil
	}
	return out
}

// Locks compares two locks, worst first.
func Locks(before, after *Lock) []Change {
	out := []Change{}
	out = append(out, integrations(before, after)...)
	out = append(out, contracts(before, after)...)
	rank := []Kind{Weaker, Added, Removed, Changed, Stronger}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.Kind), slices.Index(rank, b.Kind)), cmp.Compare(b.Subject, a.Subject), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func integrations(before, after *Lock) []Change {
	var out []Change
	add := func(kind Kind, id, detail string) {
		out = append(out, Change{Kind: kind, Subject: "integration", Name: id, Detail: detail})
	}
	old := map[string]Integration{}
	for _, in := range before.Integrations {
		old[in.ID] = in
	}
	for _, in := range after.Integrations {
		was, ok := old[in.ID]
		if !ok {
			add(Added, in.ID, in.describe())
			continue
		}
		delete(old, in.ID)
		for _, p := range in.protections() {
			i := slices.IndexFunc(was.protections(), func(q protection) bool { return q.name == p.name })
			from := was.protections()[i].cover
			detail := fmt.Sprintf("%s: %s → %s", p.name, from, p.cover)
			switch {
			case from == p.cover || from == "" || p.cover == "":
			case p.cover.rank() < from.rank():
				add(Weaker, in.ID, detail)
			default:
				add(Stronger, in.ID, detail)
			}
		}
		if was.Scope != in.Scope {
			add(Changed, in.ID, fmt.Sprintf("scope: %s → %s", was.Scope, in.Scope))
		}
		if was.Direction != in.Direction {
			add(Changed, in.ID, fmt.Sprintf("direction: %s → %s", was.Direction, in.Direction))
		}
	}
	for _, in := range before.Integrations {
		if _, gone := old[in.ID]; gone {
			add(Removed, in.ID, in.Kind)
		}
	}
	return out
}

type protection struct {
	name  string
	cover Cover
}

func (in Integration) protections() []protection {
	return []protection{{"timeout", in.Timeout}, {"retry", in.Retry}, {"monitoring", in.Monitoring}, {"breaker", in.Breaker}}
}

func (in Integration) describe() string {
	s := in.Kind
	for _, p := range in.protections()[:3] {
		if p.cover != "" {
			s += fmt.Sprintf(", %s %s", p.name, p.cover)
		}
	}
	return s
}

func contracts(before, after *Lock) []Change {
	var out []Change
	old := map[string]Contract{}
	for _, c := range before.Contracts {
		old[c.key()] = c
	}
	for _, c := range after.Contracts {
		was, ok := old[c.key()]
		delete(old, c.key())
		switch {
		case !ok:
			out = append(out, Change{Added, "contract", c.File, fmt.Sprintf("%s, %d operations", c.Direction, c.Operations)})
		case was.Operations != c.Operations:
			out = append(out, Change{Changed, "contract", c.File, fmt.Sprintf("operations: %d → %d", was.Operations, c.Operations)})
		case was.Version != c.Version:
			out = append(out, Change{Changed, "contract", c.File, fmt.Sprintf("version: %s → %s", was.Version, c.Version)})
		}
	}
	for _, c := range before.Contracts {
		if _, gone := old[c.key()]; gone {
			out = append(out, Change{Removed, "contract", c.File, fmt.Sprintf("%d operations", c.Operations)})
		}
	}
	return out
}
