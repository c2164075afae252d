package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// cause is a group of call sites that one change mends.
type cause struct {
	at     scanners.Position // where the client is made, or the first call
	anchor string
	sites  []*detect.CallSite
	made   bool // at is where the client is made
	places int  // of how many places it was put together, where of more than one
}

// causes groups the call sites of production code that a predicate picks: by
// integration and by the place where their client is made; those of one function
// without a client of its own belong together.
func (v *view) causes(pick func(*detect.CallSite) bool) []*cause {
	groups := map[string]*cause{}
	var order []string
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if !runs(s) || !pick(s) {
			continue
		}
		at, made := s.Position, false
		key := s.Integration + "\x00" + s.Function
		if s.Made != nil {
			at, made = s.Made.Position, true
			key = s.Integration + "\x00" + s.Made.Position.String()
		}
		g := groups[key]
		if g == nil {
			g = &cause{at: at, made: made, anchor: s.Function}
			groups[key] = g
			order = append(order, key)
		}
		g.sites = append(g.sites, s)
	}
	var out []*cause
	for _, key := range order {
		out = append(out, groups[key])
	}
	return out
}

// runs: the call is made when a program of the repository works.
func runs(s *detect.CallSite) bool {
	return s.Scope == detect.ScopeRuntime && !s.Unused && !(s.Phase == detect.PhaseLibrary && command(s.File))
}

// command: the file is one of a command line's. Where nothing else leads to a call in
// it, a person runs it, sees it hang and ends it.
func command(file string) bool {
	for dir := range strings.SplitSeq(path.Dir(file), "/") {
		if slices.Contains([]string{"cmd", "cli", "command", "commands"}, dir) {
			return true
		}
	}
	return false
}

// phase is the gravest of the sites' phases.
func (c *cause) phase() detect.Phase {
	best := detect.PhaseLibrary
	for _, s := range c.sites {
		if detect.Graver(s.Phase, best) {
			best = s.Phase
		}
	}
	return best
}

// related lists the calls, those that requests wait for first.
func (c *cause) related() []Related {
	sites := slices.Clone(c.sites)
	slices.SortStableFunc(sites, func(a, b *detect.CallSite) int {
		switch {
		case detect.Graver(a.Phase, b.Phase):
			return -1
		case detect.Graver(b.Phase, a.Phase):
			return 1
		}
		return a.Position.Compare(b.Position)
	})
	var out []Related
	for _, s := range sites {
		out = append(out, Related{Position: s.Position, What: detect.ShortCall(s.Call)})
	}
	return out
}

// calls counts the sites for a sentence: "1 call", "12 calls".
func (c *cause) calls() string { return scanners.Count(len(c.sites), "call") }

// agree picks the form of a verb that goes with a number.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
