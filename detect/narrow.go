package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// NarrowTransport is an http.Transport of production code that keeps the two idle
// connections a host that are the default, while calls go through it side by side.
type NarrowTransport struct {
	scanners.Position
	Integration string `json:"integration"`
	// Calls are those made side by side, FanOut where they are started.
	Calls  []Step `json:"calls"`
	FanOut Step   `json:"fan_out"`
}

// narrowTransports finds them by the clients of HTTP calls.
func (j *judge) narrowTransports() []NarrowTransport {
	found := map[scanners.Position]*NarrowTransport{}
	for _, s := range j.sites {
		if s.client == nil || packageOf(s.symbol) != "net/http" || !j.p.atWork(s.call.Fn) {
			continue
		}
		start := j.p.sideBySide(s.call)
		if start == nil {
			continue
		}
		for _, c := range j.constructions(s) {
			at, ok := narrow(c)
			if !ok {
				continue
			}
			t := found[at]
			if t == nil {
				t = &NarrowTransport{Position: at, Integration: s.id, FanOut: Step{start.At, start.Fn.Name}}
				found[at] = t
			}
			if step := (Step{s.call.At, shortSymbol(s.symbol)}); !slices.Contains(t.Calls, step) {
				t.Calls = append(t.Calls, step)
			}
		}
	}
	out := []NarrowTransport{}
	for _, t := range found {
		slices.SortFunc(t.Calls, func(a, b Step) int { return a.Position.Compare(b.Position) })
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b NarrowTransport) int { return a.Position.Compare(b.Position) })
	return out
}

// narrow: the construction has a transport of its own, and nothing of it says how
// many connections to keep.
func narrow(c *construction) (at scanners.Position, ok bool) {
	for i := range c.steps {
		switch st := &c.steps[i]; {
		case st.symbol == "net/http.Transport" || st.symbol == "net/http.Transport.Clone":
			at, ok = st.at, true
		case strings.HasSuffix(st.symbol, "Transport.MaxIdleConnsPerHost"), strings.HasSuffix(st.symbol, "Transport.MaxConnsPerHost"),
			strings.HasSuffix(st.symbol, "Transport.DisableKeepAlives"), strings.HasSuffix(st.symbol, "Transport.ForceAttemptHTTP2"):
			return at, false
		}
	}
	return at, ok && at.File != ""
}

// maxStarters bounds how far above a call the loop is that starts it.
const maxStarters = 3

// sideBySide is the call that starts the function around an operation as a goroutine,
// in a loop over a collection; nil for none.
func (p *program) sideBySide(c *gosrc.Call) *gosrc.Call {
	if inEndlessLoop(c) {
		return nil // each of the goroutines calls now and then
	}
	layer, seen := []*gosrc.Func{c.Fn}, map[*gosrc.Func]bool{}
	for range maxStarters {
		var up []*gosrc.Func
		for _, f := range layer {
			if seen[f] {
				continue
			}
			seen[f] = true
			for _, to := range p.passed[f] {
				if (to.call.Go || startsGoroutine(to.call.Callee)) && inRange(to.call) {
					return to.call
				}
			}
			for _, caller := range p.callers[f] {
				if caller.Go && inRange(caller) {
					return caller
				}
				if caller.Loop == nil || caller.Loop.Range {
					up = append(up, caller.Fn)
				}
			}
		}
		layer = up
	}
	return nil
}

func inRange(c *gosrc.Call) bool {
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Range {
			return true
		}
	}
	return false
}
