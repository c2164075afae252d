package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

// cause is a group of call sites that one change mends.
type cause struct {
	at     scanners.Position // where the client is made, or the first call
	anchor string
	sites  []*detect.CallSite
	made   bool // at is where the client is made
}

// causes groups the call sites of production code that a predicate picks: by
// integration and by the place where their client is made; those of one function
// without a client of its own belong together.
func (v *view) causes(pick func(*detect.CallSite) bool) []*cause {
	groups := map[string]*cause{}
	var order []string
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if s.Scope != detect.ScopeRuntime || !pick(s) {
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
func (c *cause) calls() string { return counted(len(c.sites), "call") }

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// example is the catalog's example for the protection in the library of the
// cause's calls, and the sentence that names what sets it there.
func (v *view) example(c *cause, pick func(*catalog.Behaviour) *catalog.Property) (remedy, code string) {
	lib := v.cat.Symbol(c.sites[0].Call)
	if lib == nil {
		pkg, _ := catalog.SplitSymbol(c.sites[0].Call)
		lib = v.cat.Package(pkg)
	}
	if lib == nil {
		return "", ""
	}
	prop := pick(&lib.Behaviour)
	behaviours := []*catalog.Property{prop}
	if sdk := v.cat.SDKs[lib.SDK]; sdk != nil {
		behaviours = append(behaviours, pick(&sdk.Behaviour))
	}
	var by []string
	for _, p := range behaviours {
		code = cmp.Or(code, p.Example)
		for _, symbol := range p.By {
			if strings.HasSuffix(symbol, "*") || len(by) == 3 {
				continue
			}
			by = append(by, detect.ShortCall(symbol))
		}
	}
	if len(by) > 0 {
		remedy = "In this library: " + strings.Join(by, ", ") + "."
	}
	return remedy, code
}
