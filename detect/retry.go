package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// retry judges whether a failed attempt is tried again.
func (j *judge) retry(s *site) Verdict {
	again := j.retriedCall(s.call, true)
	if again.state != Present {
		again = repeatedLater(s.call)
	}
	if again.state == Present && !again.periodic {
		return verdict(Present, again.value, again.reason, again)
	}
	own := j.callOptions(s)
	off := j.switchedOff(s, own)
	if st := own.find(func(symbol string) bool { return j.retries(s, symbol) }); st != nil && off == nil {
		return verdict(Present, constOf(j.p, st), shortSymbol(st.symbol), bound{at: st.at})
	}
	if s.client != nil {
		c := j.constructions(s)[0]
		for _, b := range []bound{j.retriedByAll(s), j.retriedInside(s.call)} {
			if b.state == Present {
				return verdict(Present, b.value, b.reason, b)
			}
		}
		off = cmp.Or(off, j.switchedOff(s, c))
		if step := j.inAll(s, func(symbol string) bool { return j.retries(s, symbol) }); step != nil && off == nil {
			if step.value != nil && j.p.fromConfiguration(located{step.value, step.way}) {
				if d, lib := j.byDefault(s, retryOf); d != nil {
					return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " retries by itself where the configuration does not say", Position: step.at}
				}
			}
			return verdict(Present, constOf(j.p, step), shortSymbol(step.symbol), bound{at: step.at})
		}
		if b := j.dsnBound(s, c, retryOf); b.state == Present && off == nil && b.value != "0" {
			return verdict(Present, b.value, b.reason, b)
		}
		if b := j.serviceConfig(s, c, "retryPolicy"); b.state == Present && off == nil {
			return verdict(Present, b.value, b.reason, b)
		}
	}
	if again.state != Present {
		again = j.retrying.above(s.call, 0)
		if again.clocked && j.p.dropped(s) {
			again = bound{} // the job's next run knows nothing of the failure
		}
	}
	if again.state == Present && !again.periodic {
		return verdict(Present, again.value, again.reason, again)
	}
	if v, ok := j.transportRetry(s); ok && again.state != Present {
		return v
	}
	if d, lib := j.byDefault(s, retryOf); d != nil && off == nil {
		return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " retries by itself"}
	}
	if again.state == Present {
		return verdict(Present, again.value, again.reason, again)
	}
	if off != nil {
		return retriesOff(off)
	}
	return Verdict{Verdict: Absent, Reason: "nothing tries it again"}
}

// retriesOff is the verdict where the construction of the client rules retries out.
func retriesOff(off *step) Verdict {
	if !deliberate(off.symbol) {
		return Verdict{Verdict: Absent, Reason: "a client that " + shortSymbol(off.symbol) + " makes tries nothing again", Position: off.at}
	}
	return Verdict{Verdict: Absent, Reason: "the library's own retry is switched off", Position: off.at, Off: true}
}

// deliberate: the symbol is about retries, and not one that comes without them.
func deliberate(symbol string) bool {
	_, name := catalog.SplitSymbol(symbol)
	return strings.Contains(name, "Retr") || strings.Contains(name, "Redirect")
}

// constOf is the constant that a step sets, or gives the option as its only argument.
func constOf(p *program, st *step) string {
	v := st.value
	if v == nil && st.call != nil && len(st.call.Args) == 1 && !st.call.Variadic {
		if v = st.call.Args[0]; v.Kind == gosrc.Const && strings.Trim(v.Text, "0123456789") != "" {
			return ""
		}
	}
	if v == nil {
		return ""
	}
	os, _ := p.flow(v, st.way)
	for _, o := range os {
		if o.v.Kind == gosrc.Const {
			return o.v.Text
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

// callOptions are the options of retries that the call itself is given with a constant:
// client.Get(ctx, id, option.WithMaxRetries(0)).
func (j *judge) callOptions(s *site) *construction {
	c := &construction{p: j.p}
	if !slices.ContainsFunc(s.behaviours(), func(b *catalog.Behaviour) bool { return len(b.Retry.By) > 0 }) {
		return c
	}
	for _, a := range s.call.Args {
		for _, o := range j.p.origins(a) {
			if o.Kind != gosrc.Result || len(o.Call.Args) != 1 || o.Call.Args[0].Kind != gosrc.Const {
				continue
			}
			for _, b := range s.behaviours() {
				if absolute(b.Retry.By, o.Call.Callee) || inLibrary(s, o.Call.Callee) && catalog.Matches(b.Retry.By, o.Call.Callee) {
					c.steps = append(c.steps, step{symbol: o.Call.Callee, call: o.Call, at: o.At})
				}
			}
		}
	}
	return c
}

func (j *judge) switchedOff(s *site, c *construction) *step {
	for _, b := range s.behaviours() {
		for i := range c.steps {
			st := &c.steps[i]
			if (inLibrary(s, st.symbol) || absolute(b.Retry.Off, st.symbol)) && j.p.isOff(b.Retry.Off, st) && b.Retry.Concerns(st.symbol, s.symbol) {
				return st
			}
		}
	}
	return nil
}

// hasValue: the field is given the value, or the option is called with it; -1 stands
// for any negative number. Where it may be another value as well it says nothing.
func (p *program) hasValue(st *step, want string) bool {
	vals := []*gosrc.Value{st.value}
	if st.value == nil && st.call != nil {
		vals = st.call.Args
	}
	for _, v := range vals {
		found, others := false, false
		os, _ := p.flow(pointee(v), st.way)
		for _, o := range os {
			switch {
			case o.v.Kind == gosrc.Const && (o.v.Text == want || want == "-1" && strings.HasPrefix(o.v.Text, "-")):
				found = true
			case o.v.Kind == gosrc.Const:
				others = true
			}
		}
		if found && !others {
			return true
		}
	}
	return false
}

// retriedCall: the call is made a second time after its failure, or stands in a loop
// that tries again. An endless loop does so
// for the operation that it makes itself (a poll, a consumer's read); for what lies
// deeper only where it is periodic and does not drop the failure: a consumer's next
// turn takes the next message.
func (j *judge) retriedCall(c *gosrc.Call, direct bool) bound {
	if c.Again.File != "" && (c.Again != c.At || !direct) {
		return bound{state: Present, reason: "made a second time after a failure", at: c.Again}
	}
	for l := c.Loop; l != nil; l = l.Outer {
		if l.Retry && (l.Attempts == nil || j.count(l.Attempts.Limit) != 1) {
			return bound{state: Present, reason: "a loop tries it again", at: l.At}
		}
		if l.Endless && (direct || periodic(l) && !takesNext(l, c) && !c.Dropped) && !final(l, c) && !(periodic(l) && heartbeat(c)) {
			return bound{state: Present, reason: "a periodic loop tries it again", at: l.At, clocked: true}
		}
		if l.Range {
			direct = false
		}
	}
	return j.requeued(c)
}

// periodic: the loop's turns come by the clock.
func periodic(l *gosrc.Loop) bool { return l.Sleeps || l.Ticker }

// takesNext: what the call is given is taken up anew in the same turn of a loop that
// waits after a failure only: the next turn has another one.
func takesNext(l *gosrc.Loop, c *gosrc.Call) bool {
	return !l.Pauses && slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool {
		for a != nil && a.Kind != gosrc.Result {
			a = a.X
		}
		return a != nil && a.Call != nil && a.Call.Loop == l && !strings.HasPrefix(a.Call.Callee, "context.")
	})
}

// final: the call's failure ends the loop, or the loop ends after the call.
func final(l *gosrc.Loop, c *gosrc.Call) bool {
	return slices.ContainsFunc(l.Final, func(lines [2]int) bool { return lines[0] <= c.At.Line && c.At.Line <= lines[1] })
}

// retriedInside: every type of the repository that the call may reach tries again
// what it passes the call on to.
func (j *judge) retriedInside(c *gosrc.Call) bound {
	var out bound
	for _, o := range j.p.origins(c.Recv) {
		if o.Type != "" && !j.p.declared(o.Type) {
			return bound{} // a library's own type stands there too
		}
	}
	for _, f := range j.p.targets(c) {
		b := j.passedOnAgain(f, c)
		if b.state != Present {
			return bound{}
		}
		out = b
	}
	return out
}

// passedOnAgain: the function passes a call on to the method of the same name in a
// loop that tries again.
func (j *judge) passedOnAgain(f *gosrc.Func, c *gosrc.Call) bound {
	_, name := cutLast(c.Callee)
	for _, g := range j.withLiterals(f) {
		for _, inner := range g.Calls {
			if _, n := cutLast(inner.Callee); n != name || inner == c {
				continue
			}
			if b := j.retriedCall(inner, true); b.state == Present {
				return b
			}
		}
	}
	return bound{}
}

// calledAgain: a helper that runs the function it is given a second time retries it
// once: "err := do(fn); if err != nil { reconnect(); return do(fn) }".
func calledAgain(c *gosrc.Call) bound {
	for _, other := range c.Fn.Calls {
		if other == c || other.Callee != c.Callee || c.Loop != nil || other.Loop != nil || !sameFunction(other, c) {
			continue
		}
		first, second := c, other
		if second.At.Compare(first.At) < 0 {
			first, second = second, first
		}
		if mayFollow(first) && sameArguments(first, second) {
			return bound{state: Present, reason: "run a second time after a failure", at: other.At}
		}
	}
	return bound{}
}

// mayFollow: a call further down may come after a failure of this one. What stands in
// a branch has its counterpart in the other: "if skip { return next(r) }".
func mayFollow(first *gosrc.Call) bool { return first.Error && !first.Guarded }

// sameArguments: the second run of a function is given the same as the first, if
// perhaps another context; with something else it is other work.
func sameArguments(first, second *gosrc.Call) bool {
	if len(first.Args) != len(second.Args) {
		return false
	}
	for i := range first.Args {
		if i == 0 && first.Context || first.Func == nil {
			continue
		}
		a, b := first.Args[i], second.Args[i]
		if constructKey(a) != constructKey(b) && (a.Kind != gosrc.Const || b.Kind != gosrc.Const || a.Text != b.Text) {
			return false
		}
	}
	return true
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
func (j *judge) retriedBy(f *gosrc.Func, to passedTo) bound {
	if j.runProtects(catalog.RoleRetry, to.call) {
		if t := j.p.cat.Protects(catalog.RoleRetry, to.call.Callee, runs); t != nil && t.ErrorEnds && j.endsOnError(f) {
			return bound{}
		}
		return bound{state: Present, reason: "run by " + shortSymbol(to.call.Callee), at: to.call.At}
	}
	if j.runByName(f, to) {
		return bound{state: Present, reason: "run by " + shortSymbol(to.call.Callee) + ", which is named for it", at: to.call.At}
	}
	return j.deadlines.jobs.retry(f, to)
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

// recursive: a function that calls itself after a failure, with the count of attempts
// changed or with all that it was given.
func recursive(c *gosrc.Call) bound {
	f := outermost(c.Fn)
	if f == nil || f.Symbol == "" || f.Symbol != c.Callee {
		return bound{}
	}
	again := bound{state: Present, reason: "the function calls itself again", at: c.At}
	same := c.Failed && c.Loop == nil
	for i, a := range c.Args {
		if c.Failed && a.Kind == gosrc.Concat && (a.Name == "+" || a.Name == "-") && len(a.Args) == 2 && a.Args[0].Kind == gosrc.Param && a.Args[0].Fn == f && a.Args[1].Kind == gosrc.Const {
			return again
		}
		same = same && a.Kind == gosrc.Param && a.Fn == f && a.Index == i
	}
	if same && (c.Recv == nil || c.Recv.Kind == gosrc.Param && c.Recv.Index == -1) {
		return again
	}
	return bound{}
}

// triesAgain: the next turn of the call's loop is another attempt.
func triesAgain(c *gosrc.Call) bool {
	l := c.Loop
	return l.Retry || l.Endless && periodic(l) && !final(l, c)
}

// repeatedLater: the first attempt stands before the loop that repeats it.
func repeatedLater(c *gosrc.Call) bound {
	if c.Callee == "" || returned(c) {
		return bound{}
	}
	for _, other := range c.Fn.Calls {
		if other != c && other.Callee == c.Callee && other.Loop != nil && triesAgain(other) && (other.Loop.Retry || !returnsError(c.Fn, c)) && c.At.Line < other.Loop.At.Line && (c.Recv == nil || other.Recv == nil || constructKey(c.Recv) == constructKey(other.Recv)) {
			return bound{state: Present, reason: "a loop further down tries it again", at: other.Loop.At, periodic: !other.Loop.Retry}
		}
	}
	return bound{}
}

// returned: the function ends with the call and returns what it gives.
func returned(c *gosrc.Call) bool {
	return slices.ContainsFunc(c.Fn.Returns, func(ret []*gosrc.Value) bool {
		return slices.ContainsFunc(ret, func(v *gosrc.Value) bool { return v.Kind == gosrc.Result && v.Call == c && v.At == c.At })
	})
}
