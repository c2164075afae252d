package detect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// ways follows every way into a function, up through its callers and through the
// libraries that it is handed to, and asks of each whether a protection surrounds
// it. One way without it decides: the answer is then the zero bound.
type ways struct {
	p *program
	// run answers for a function handed to a library, call for a call of it by the
	// repository; both give the zero bound for no.
	run  func(*gosrc.Func, passedTo) bound
	call func(*gosrc.Call) bound

	memo map[*gosrc.Func]bound
	busy map[*gosrc.Func]bool
}

// maxWays bounds how far up the callers a protection is looked for.
const maxWays = 6

func newWays(p *program, run func(*gosrc.Func, passedTo) bound, call func(*gosrc.Call) bound) *ways {
	return &ways{p: p, run: run, call: call, memo: map[*gosrc.Func]bound{}, busy: map[*gosrc.Func]bool{}}
}

func (w *ways) into(f *gosrc.Func, depth int) bound {
	if b, ok := w.memo[f]; ok {
		return b
	}
	if w.busy[f] || depth > maxWays {
		return bound{}
	}
	w.busy[f] = true
	b := w.compute(f, depth)
	delete(w.busy, f)
	if depth == 0 || b.state == Present {
		w.memo[f] = b
	}
	return b
}

// above asks of the ways into the function that a call stands in. What depends on
// being told of a failure does not surround a call whose failure stays there.
func (w *ways) above(c *gosrc.Call, depth int) bound {
	b := w.into(c.Fn, depth)
	if b.told && keptTo(c.Fn, c) {
		return bound{}
	}
	return b
}

func (w *ways) compute(f *gosrc.Func, depth int) bound {
	var out bound
	found := 0
	try := func(c *gosrc.Call, b bound) bool {
		found++
		if b.state != Present {
			b = w.call(c)
		}
		if b.state != Present && !w.p.forgotten(c) {
			b = w.above(c, depth+1)
		}
		if b.clocked && heartbeat(c) {
			return false
		}
		if b.state == Present {
			b.periodic, b.told = b.periodic || out.periodic, b.told || out.told
			out = b
		}
		return b.state == Present
	}
	for _, to := range w.p.passed[f] {
		// The calls that the repository's own functions make of f are among its callers.
		if len(w.p.targets(to.call)) == 0 && !try(to.call, w.run(f, to)) {
			return bound{}
		}
	}
	for _, c := range w.p.callers[f] {
		// A function that calls itself again retries whatever it does.
		if outermost(c.Fn) == f {
			if b := w.call(c); b.state == Present {
				return b
			}
		}
	}
	for _, c := range w.p.callers[f] {
		outer, own := w.p.handed(c, f), w.within(c, 0)
		if len(outer) == 0 || own.state == Present || w.call(c).state == Present {
			outer = []*gosrc.Call{c}
		}
		for _, c := range outer {
			if !try(c, own) {
				return bound{}
			}
		}
	}
	if found == 0 && f.Lit && f.Parent != nil {
		return w.into(f.Parent, depth+1)
	}
	return out
}

// within is the protection that a helper gives to what it is handed by running it in a
// literal: retry.Do(func() error { return op() }).
func (w *ways) within(c *gosrc.Call, depth int) bound {
	for g := c.Fn; g != nil && g.Lit && depth < maxHandedOn; g = g.Parent {
		for _, to := range w.p.passed[g] {
			if len(w.p.targets(to.call)) > 0 {
				continue
			}
			if b := w.run(g, to); b.state == Present {
				return b
			}
		}
		for _, inner := range w.p.callers[g] {
			if b := w.call(inner); b.state == Present {
				return b
			}
			if b := w.within(inner, depth+1); b.state == Present {
				return b
			}
		}
	}
	return bound{}
}

// maxHandedOn bounds through how many helpers a function is followed.
const maxHandedOn = 3

// heartbeats are what calls and functions are named that ask after the other side: one
// that fails is an answer, and no work for the next to take up.
var heartbeats = regexp.MustCompile(`(?i)health|heart_?beat|probe|^ping|keep_?alive|liveness|readiness`)

func heartbeat(c *gosrc.Call) bool {
	_, callee := cutSymbol(c.Callee)
	if heartbeats.MatchString(callee) {
		return true
	}
	f := outermost(c.Fn)
	if f == nil {
		return false
	}
	_, name := cutSymbol(f.Symbol)
	return heartbeats.MatchString(name)
}

// forgotten: the call starts a task that ends by itself and that nobody hears of
// again, so what surrounds its start does not surround it: "go s.notify(order)". A
// function that is given a channel, a function or a group, or sends, may tell; one
// that runs on, as the reading side of a connection does, may end what it belongs to.
func (p *program) forgotten(c *gosrc.Call) bool {
	if !c.Go {
		return false
	}
	targets := p.targets(c)
	for _, f := range targets {
		if f.Lit || len(f.Sends) > 0 || returnsAny(f) || slices.ContainsFunc(f.Params, tells) || slices.ContainsFunc(f.Calls, inEndlessLoop) {
			return false
		}
	}
	return len(targets) > 0
}

// tells: function and channel types have no symbol.
func tells(param string) bool {
	return param == "" || param == "sync.WaitGroup" || strings.HasPrefix(param, "context.Cancel")
}

// outermost is the function that a literal stands in.
func outermost(f *gosrc.Func) *gosrc.Func {
	for f != nil && f.Lit {
		f = f.Parent
	}
	return f
}
