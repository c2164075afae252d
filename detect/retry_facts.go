package detect

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// retry judges what was found.
func (r *foundRetry) retry(j *judge) Retry {
	out := Retry{Function: r.fn.Name, How: RetryLoop, Calls: []RetriedCall{}}
	unknown := Verdict{Verdict: Unknown, Reason: "the library decides"}
	out.Bounded, out.Backoff, out.Jitter, out.Context = unknown, unknown, unknown, unknown
	if r.run != nil {
		out.Position, out.How, out.By = r.run.At, RetryLibrary, r.run.Callee
		r.judgePolicy(j, &out)
	} else {
		out.Position, out.Specific = r.loop.At, r.loop.Attempts.Specific
		r.judgeLoop(j, &out)
	}
	for s, depth := range r.calls {
		call := RetriedCall{Position: s.at(), Call: s.symbol, Depth: depth}
		if r.loop != nil {
			call.Attempt, call.Deadline = j.attemptBounds(s, r.loop)
		}
		out.Calls = append(out.Calls, call)
	}
	slices.SortFunc(out.Calls, func(a, b RetriedCall) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Depth, b.Depth))
	})
	return out
}

func (r *foundRetry) judgeLoop(j *judge, out *Retry) {
	a := r.loop.Attempts
	out.Attempts = j.count(a.Limit)
	out.Bounded = j.boundedLoop(a, r.loop.At)
	waits := len(a.Waits) > 0 || r.loop.Ticker
	out.Backoff = Verdict{Verdict: Absent, Reason: "it does not wait between attempts", Position: r.loop.At}
	out.Jitter = Verdict{Verdict: Absent, Reason: "nothing random is in it", Position: r.loop.At}
	computed := false
	for _, w := range a.Waits {
		if out.Wait == "" {
			out.Wait = j.p.firstWait(w)
		}
		p := j.waitPolicy(w)
		a.Grows = a.Grows || p[catalog.PolicyBackoff] == "growing"
		a.Random = a.Random || p[catalog.PolicyJitter] == policyHas
		if len(p) > 0 {
			out.Wait = cmp.Or(out.Wait, p[catalog.PolicyWait])
			continue
		}
		computed = computed || w.Kind == gosrc.Opaque || w.Kind == gosrc.Result
		if j.random(w) {
			a.Random = true
		}
	}
	switch {
	case a.Grows:
		out.Backoff = Verdict{Verdict: Present, Value: "growing", Reason: "it waits longer with each attempt", Position: r.loop.At}
	case computed:
		out.Backoff = Verdict{Verdict: Unknown, Reason: "a function decides how long it waits", Position: r.loop.At}
	case !waits && len(r.steps) > 1:
		out.Backoff = Verdict{Verdict: Unknown, Reason: "other work stands between the attempts", Position: r.loop.At}
	case waits:
		out.Backoff = Verdict{Verdict: Present, Value: "fixed", Reason: "it waits equally long each time", Position: r.loop.At}
	}
	switch {
	case a.Random:
		out.Jitter = Verdict{Verdict: Present, Reason: "its waits are random", Position: r.loop.At}
	case computed:
		out.Jitter = Verdict{Verdict: Unknown, Reason: "a function decides how long it waits", Position: r.loop.At}
	}
	out.Context = heeds(r.fn, a, r.loop.At)
}

// boundedLoop: a count ends it, or a context with a deadline that it asks.
func (j *judge) boundedLoop(a *gosrc.Attempts, at scanners.Position) Verdict {
	if a.Bounded {
		v := Verdict{Verdict: Present, Reason: "something besides success ends it", Position: at}
		if n := j.count(a.Limit); n > 0 {
			v.Value = strconv.Itoa(n)
		}
		return v
	}
	for _, ctx := range a.Asked {
		if b := j.deadlines.context(ctx); b.state != Absent {
			return Verdict{Verdict: cmp.Or(b.state, Unknown), Value: b.value, Reason: "its context ends it: " + b.reason, Position: b.at}
		}
	}
	return Verdict{Verdict: Absent, Reason: "only success ends it", Position: at}
}

// heeds: the loop's waits end with the context that its function is given.
func heeds(f *gosrc.Func, a *gosrc.Attempts, at scanners.Position) Verdict {
	switch {
	case len(a.Asked) > 0:
		return Verdict{Verdict: Present, Reason: "it asks whether the context has ended", Position: at}
	case a.Sleeps && givenContext(f):
		return Verdict{Verdict: Absent, Reason: "it sleeps, whether the context has ended or not", Position: at}
	}
	return Verdict{Verdict: Unknown, Reason: "it has no context, or does not sleep", Position: at}
}

// count is the number that bounds a loop; 0 where it is not known.
func (j *judge) count(v *gosrc.Value) int {
	if v == nil {
		return 0
	}
	n := 0
	for _, o := range j.p.origins(v) {
		got := 0
		switch o.Kind {
		case gosrc.Const:
			got, _ = strconv.Atoi(o.Text)
		case gosrc.List:
			got = len(o.Args)
		}
		if got <= 0 || n != 0 && n != got {
			return 0
		}
		n = got
	}
	return n
}

// random: the function that computes a wait draws a random number.
func (j *judge) random(w *gosrc.Value) bool {
	if w.Kind != gosrc.Result {
		return slices.ContainsFunc(w.Args, j.random)
	}
	if random(w.Call.Callee) {
		return true
	}
	for _, f := range j.p.targets(w.Call) {
		if slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool { return random(c.Callee) }) {
			return true
		}
	}
	return slices.ContainsFunc(w.Call.Args, j.random)
}

func random(callee string) bool {
	return strings.HasPrefix(callee, "math/rand") || strings.HasPrefix(callee, "crypto/rand") || strings.Contains(strings.ToLower(callee), "jitter")
}

// attemptBounds are the bounds of one attempt and of all together: a deadline that is
// set in the loop, or the client's own timeout, bounds one; one that is set outside
// bounds all.
func (j *judge) attemptBounds(s *site, l *gosrc.Loop) (attempt, all string) {
	ctx := j.contextOf(s)
	inside := ctx.at.File == l.At.File && l.At.Line <= ctx.at.Line && ctx.at.Line <= l.Attempts.End
	switch {
	case ctx.state == Present && inside:
		attempt = ctx.value
		for _, asked := range l.Attempts.Asked {
			if b := j.deadlines.context(asked); b.state == Present {
				all = b.value
			}
		}
	case ctx.state == Present:
		all = ctx.value
		if b := j.clientBound(s); b.state == Present && !b.configured {
			attempt = b.value
		}
	}
	return attempt, all
}
