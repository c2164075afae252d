package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// retry judges whether a failed attempt is tried again.
func (j *judge) retry(s *site) Verdict {
	for _, b := range []bound{j.retriedCall(s.call, true), repeatedLater(s.call)} {
		if b.state == Present {
			return verdict(Present, b.value, b.reason, b)
		}
	}
	off := false
	if s.client != nil {
		c := j.constructions(s)[0]
		if b := j.middlewareRetries(c); b.state == Present {
			return verdict(Present, b.value, b.reason, b)
		}
		off = j.switchedOff(s, c)
		if step := j.inAll(s, func(symbol string) bool { return j.retries(s, symbol) }); step != nil && !off {
			if step.value != nil && j.p.fromConfiguration(step.value) {
				if d, lib := j.byDefault(s, retryOf); d != nil {
					return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " retries by itself where the configuration does not say", Position: step.at}
				}
			}
			return verdict(Present, constOf(j.p, step), shortSymbol(step.symbol), bound{at: step.at})
		}
		if b := j.serviceConfig(c, "retryPolicy"); b.state == Present {
			return verdict(Present, b.value, b.reason, b)
		}
	}
	if b := j.retrying.into(s.call.Fn, 0); b.state == Present {
		return verdict(Present, b.value, b.reason, b)
	}
	if d, lib := j.byDefault(s, retryOf); d != nil && !off {
		return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " retries by itself"}
	}
	if off {
		return Verdict{Verdict: Absent, Reason: "the library's own retry is switched off"}
	}
	return Verdict{Verdict: Absent, Reason: "nothing tries it again"}
}

func constOf(p *program, st *step) string {
	if st.value == nil {
		return ""
	}
	for _, o := range p.origins(st.value) {
		if o.Kind == gosrc.Const {
			return o.Text
		}
	}
	return ""
}

func (j *judge) retries(s *site, symbol string) bool {
	for _, b := range s.behaviours() {
		if inLibrary(s, symbol) && catalog.Matches(b.Retry.By, symbol) || absolute(b.Retry.By, symbol) {
			return true
		}
	}
	if lib := j.p.cat.Package(packageOf(symbol)); lib != nil && lib.System.Slug == "http" && catalog.Matches(lib.Retry.By, symbol) {
		return true
	}
	return j.p.cat.Protects(catalog.RoleRetry, symbol, wraps) != nil
}

func (j *judge) switchedOff(s *site, c *construction) bool {
	for _, b := range s.behaviours() {
		for _, st := range c.steps {
			if (inLibrary(s, st.symbol) || absolute(b.Retry.Off, st.symbol)) && j.isOff(b.Retry.Off, &st) {
				return true
			}
		}
	}
	return false
}

// hasValue: the field is given the value, or the option is called with it. Values
// are followed whatever the instance: where one client gets this value and another
// one another, it says nothing of either.
func (j *judge) hasValue(st *step, want string) bool {
	vals := []*gosrc.Value{st.value}
	if st.value == nil && st.call != nil {
		vals = st.call.Args
	}
	for _, v := range vals {
		found, others := false, false
		for _, o := range j.p.origins(v) {
			switch {
			case o.Kind == gosrc.Const && o.Text == want:
				found = true
			case o.Kind == gosrc.Const:
				others = true
			}
		}
		if found && !others {
			return true
		}
	}
	return false
}

// serviceConfig finds a gRPC service config that has a key.
func (j *judge) serviceConfig(c *construction, key string) bound {
	for _, st := range c.steps {
		if st.call == nil || !strings.HasSuffix(st.symbol, "grpc.WithDefaultServiceConfig") || len(st.call.Args) == 0 {
			continue
		}
		for _, o := range j.p.origins(st.call.Args[0]) {
			if j.mentions(o, key, 0) {
				return bound{state: Present, reason: "the service config has " + strings.Trim(key, "\""), at: st.at}
			}
		}
	}
	return bound{}
}

func (j *judge) mentions(o *gosrc.Value, key string, depth int) bool {
	if o.Kind == gosrc.Const {
		return strings.Contains(o.Text, key)
	}
	if depth > 3 {
		return false
	}
	args := o.Args
	if o.Kind == gosrc.Result {
		args = o.Call.Args
	}
	for _, a := range args {
		for _, x := range j.p.origins(a) {
			if x != o && j.mentions(x, key, depth+1) {
				return true
			}
		}
	}
	return false
}

// retriedCall: the call stands in a loop that tries again. An endless loop does so
// for the operation that it makes itself (a poll, a consumer's read); for what lies
// deeper only where it is periodic: a consumer's next turn takes the next message.
func (j *judge) retriedCall(c *gosrc.Call, direct bool) bound {
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Retry {
			return bound{state: Present, reason: "a loop tries it again", at: l.At}
		}
		if l.Endless && (direct || l.Sleeps || l.Ticker) && !final(l, c) {
			return bound{state: Present, reason: "a periodic loop tries it again", at: l.At}
		}
		if l.Range {
			direct = false
		}
	}
	return bound{}
}

// final: the call's failure ends the loop, or the loop ends after the call.
func final(l *gosrc.Loop, c *gosrc.Call) bool {
	return slices.ContainsFunc(l.Final, func(lines [2]int) bool { return lines[0] <= c.At.Line && c.At.Line <= lines[1] })
}

// calledAgain: a helper that runs the function it is given a second time retries it
// once: "err := do(fn); if err != nil { reconnect(); return do(fn) }".
func calledAgain(c *gosrc.Call) bound {
	for _, other := range c.Fn.Calls {
		if other != c && other.Callee == c.Callee && c.Loop == nil && other.Loop == nil && sameFunction(other, c) {
			return bound{state: Present, reason: "run a second time after a failure", at: other.At}
		}
	}
	return bound{}
}

// sameFunction: both calls run, or pass on, the same function parameter.
func sameFunction(a, b *gosrc.Call) bool {
	if a.Func != nil && b.Func != nil {
		return sameParam(a.Func, b.Func)
	}
	for i := range min(len(a.Args), len(b.Args)) {
		if a.Args[i].Type == "" && sameParam(a.Args[i], b.Args[i]) {
			return true // function types have no symbol
		}
	}
	return false
}

func sameParam(a, b *gosrc.Value) bool {
	return a.Kind == gosrc.Param && b.Kind == gosrc.Param && a.Fn == b.Fn && a.Index == b.Index
}

// retriedBy: the function is run by a retry library or a queue.
func (j *judge) retriedBy(to passedTo) bound {
	if t := j.p.cat.Protects(catalog.RoleRetry, to.call.Callee, runs); t != nil {
		return bound{state: Present, reason: "run by " + shortSymbol(to.call.Callee), at: to.call.At}
	}
	if t := j.p.cat.Protects(catalog.RoleQueue, to.call.Callee, entries); t != nil {
		return bound{state: Present, reason: shortSymbol(to.call.Callee) + " delivers again what failed", at: to.call.At}
	}
	return bound{}
}

// retriedWay: the call that leads into a function stands in a loop that tries
// again, or is made a second time.
func (j *judge) retriedWay(c *gosrc.Call) bound {
	if c.Go {
		return bound{} // nobody waits for it, so nobody tries it again
	}
	if b := j.retriedCall(c, false); b.state == Present {
		return b
	}
	for _, b := range []bound{recursive(c), repeatedLater(c)} {
		if b.state == Present {
			return b
		}
	}
	return calledAgain(c)
}

// recursive: a function that calls itself with the count of attempts changed.
func recursive(c *gosrc.Call) bound {
	f := c.Fn
	for f != nil && f.Lit {
		f = f.Parent
	}
	if f == nil || f.Symbol == "" || f.Symbol != c.Callee {
		return bound{}
	}
	for _, a := range c.Args {
		if a.Kind == gosrc.Concat && (a.Name == "+" || a.Name == "-") && len(a.Args) == 2 && a.Args[0].Kind == gosrc.Param && a.Args[0].Fn == f && a.Args[1].Kind == gosrc.Const {
			return bound{state: Present, reason: "the function calls itself again", at: c.At}
		}
	}
	return bound{}
}

// repeatedLater: the first attempt stands before the loop that repeats it.
func repeatedLater(c *gosrc.Call) bound {
	if c.Callee == "" {
		return bound{}
	}
	for _, other := range c.Fn.Calls {
		if other != c && other.Callee == c.Callee && other.Loop != nil && other.Loop.Retry && c.At.Line < other.Loop.At.Line && (c.Recv == nil || other.Recv == nil || constructKey(c.Recv) == constructKey(other.Recv)) {
			return bound{state: Present, reason: "a loop further down tries it again", at: other.Loop.At}
		}
	}
	return bound{}
}
