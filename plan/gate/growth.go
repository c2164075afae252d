package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// growth is how a known finding has become worse.
type growth struct {
	more   int
	places []scanners.Position // those that were not there, where they are known
}

// named is how many of the new places a message names.
const named = 3

// mark says it in the finding, shows the new places before the others, and moves the
// finding to the first of them where each place is a cause of its own.
func (g growth) mark(f *rules.Finding, names callNames) {
	at := g.places
	if len(at) > 0 && names.single(f) > 0 {
		f.Position = at[0]
	}
	var come, stood []rules.Related
	for _, r := range f.Related {
		if slices.Contains(at, r.Position) {
			come = append(come, r)
		} else {
			stood = append(stood, r)
		}
	}
	f.Related = append(come, stood...)
	f.Message += fmt.Sprintf(" (%d more than before%s)", g.more, list(at))
}

func list(at []scanners.Position) string {
	if len(at) == 0 {
		return ""
	}
	var words []string
	for _, p := range at[:min(len(at), named)] {
		words = append(words, p.Place())
	}
	if len(at) > named {
		words = append(words, "…")
	}
	return ": " + strings.Join(words, ", ")
}

// shift takes a finding as known whose calls the same rule named before, under another
// cause: the client was wrapped, or is made elsewhere, and protects no less than it did.
func (m *matcher) shift(p *past, findings []rules.Finding, names callNames) {
	flagged := flag(findings, names)
	for i := range findings {
		f := &findings[i]
		key, calls := ruleKey(f.Rule, f.Anchor), names.of(f)
		if m.known[i] || len(calls) == 0 || f.Suppressed != nil {
			continue
		}
		if slices.ContainsFunc(calls, func(name string) bool { return flagged[key][name] > p.flagged[key][name] }) {
			continue
		}
		m.known[i] = true
	}
	for i, e := range m.before { // what it was about is still there
		if slices.ContainsFunc(p.names[e.Fingerprint], func(name string) bool { return flagged[ruleKey(e.Rule, e.Anchor)][name] > 0 }) {
			m.used[i] = true
		}
	}
}

// growth tells which findings are worse than they were: places have come where each is
// a cause of its own, or calls have lost what protected them.
func (m *matcher) growth(p *past, findings []rules.Finding, names callNames) map[int]growth {
	out := map[int]growth{}
	var flagged map[string]map[string]int
	if p != nil {
		flagged = flag(findings, names)
	}
	for i := range findings {
		f := &findings[i]
		was, ok := m.was[i]
		if f.Suppressed != nil || m.known[i] && !ok {
			continue
		}
		more := 0
		if ok {
			more = m.places(f.Rule, f.Integration, was, m.after[i])
		}
		var g growth
		if p != nil {
			key := ruleKey(f.Rule, f.Anchor)
			g = p.growth(f, names, flagged[key], p.flagged[key], more > 0 || !ok)
			if !ok && g.more == len(f.Related) {
				continue // all of it is new
			}
		}
		if more > 0 {
			g.more = more
			if p != nil && len(g.places) == 0 && was.Fingerprint != "" {
				g.places = p.newIn(f, was.Fingerprint, more)
			}
		}
		if g.more > 0 {
			out[i] = g
		}
	}
	return out
}

// newIn gives the places of a finding beyond those that their files had before.
func (p *past) newIn(f *rules.Finding, fingerprint string, more int) []scanners.Position {
	var places []scanners.Position
	seen := map[string]int{}
	for _, r := range f.Related {
		if seen[r.File]++; seen[r.File] > p.files[fingerprint][r.File] && len(places) < more {
			places = append(places, r.Position)
		}
	}
	return places
}

// places counts the places that a finding of single places has more than before, where
// the rule has more of them at all: else they were moved here.
func (m *matcher) places(rule, integration string, before, after Entry) int {
	if before.Places <= 0 || after.Places <= before.Places {
		return 0
	}
	sum := func(all []Entry) int {
		n := 0
		for _, e := range all {
			if e.Rule == rule && e.Integration == integration {
				n += e.Places
			}
		}
		return n
	}
	return max(0, min(after.Places-before.Places, sum(m.after)-sum(m.before)))
}

// growth counts the calls of a finding that the rule did not name before: those that
// were there and protected, and where every place is a cause those that are new.
func (p *past) growth(f *rules.Finding, names callNames, now, before map[string]int, single bool) growth {
	var g growth
	if f.Integration == "" || f.Anchor == f.Integration || wide(f.Anchor) {
		return g // it is about all calls together
	}
	left := map[string]int{}
	for _, r := range slices.Backward(f.Related) { // of like calls the last is taken for the new one
		name, ok := names[r.Position]
		if !ok {
			continue
		}
		if _, seen := left[name]; !seen {
			left[name] = now[name] - before[name]
			if !single {
				left[name] = min(left[name], p.calls[name]-before[name])
			}
		}
		if left[name] <= 0 {
			continue
		}
		left[name]--
		g.more++
		g.places = append(g.places, r.Position)
	}
	slices.Reverse(g.places)
	return g
}
