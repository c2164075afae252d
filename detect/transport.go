package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// transportTimeout judges the call on that a transport of the repository makes in
// its RoundTrip. Its request is no inbound one: it comes from the clients that the
// transport is put into, whose bound (http.Client.Timeout, the request's context)
// ends it too. The weakest of the calls made through it decides.
func (j *judge) transportTimeout(s *site) (Verdict, bool) {
	transport := transportOf(s.call.Fn)
	if transport == nil {
		return Verdict{}, false
	}
	if b := j.innerBound(s.call); b.state == Present {
		return verdict(Present, b.value, b.reason, b), true
	}
	var out bound
	for _, other := range j.sites {
		if transportOf(other.call.Fn) != nil || other.client == nil || !j.goesThrough(other, transport) {
			continue
		}
		v := j.timeout(other)
		b := bound{state: v.Verdict, value: v.Value, reason: v.Reason, at: v.Position, via: v.Path}
		if v.Verdict == Default {
			b.state = Present // the caller's library bounds it
		}
		out = weakest(out, b)
	}
	if out.state == "" {
		return Verdict{Verdict: Absent, Reason: "no call through this transport was found that bounds it", Position: s.call.Fn.At}, true
	}
	return verdict(out.state, out.value, "of the client that calls through it: "+out.reason, out), true
}

// transportRetry judges the same call by the clients that the transport is put into:
// what is called through them and tried again goes through it again. That one of them
// is part of a periodic job says nothing of the others, a proxy's say.
func (j *judge) transportRetry(s *site) (Verdict, bool) {
	transport := transportOf(s.call.Fn)
	if transport == nil {
		return Verdict{}, false
	}
	var out bound
	for _, other := range j.sites {
		if transportOf(other.call.Fn) != nil || other.client == nil || !j.goesThrough(other, transport) {
			continue
		}
		v := j.retry(other)
		if j.byClock(other, v) {
			return Verdict{}, false
		}
		out = weakest(out, bound{state: v.Verdict, value: v.Value, reason: v.Reason, at: v.Position, via: v.Path})
	}
	if out.state != Present && out.state != Default {
		return Verdict{}, false
	}
	return verdict(out.state, out.value, "of the client that calls through it: "+out.reason, out), true
}

// byClock: the verdict is that a periodic job makes the call again.
func (j *judge) byClock(s *site, v Verdict) bool {
	return slices.ContainsFunc([]bound{j.retriedCall(s.call, true), j.retrying.into(s.call.Fn, 0)}, func(b bound) bool {
		return b.clocked && b.at == v.Position
	})
}

// transportOf is the RoundTrip that a function is or is written in: a type's method, or
// a literal that stands for one.
func transportOf(f *gosrc.Func) *gosrc.Func {
	for f != nil && f.Lit && !isRoundTrip(f) {
		f = f.Parent
	}
	if f == nil || !f.Lit && (f.Recv == "" || !isRoundTrip(f)) {
		return nil
	}
	return f
}

// goesThrough: one of the clients of a site holds the transport.
func (j *judge) goesThrough(s *site, transport *gosrc.Func) bool {
	for _, c := range j.constructions(s) {
		if slices.Contains(c.funcs, transport) || !transport.Lit && slices.ContainsFunc(c.steps, func(st step) bool { return st.symbol == transport.Recv }) {
			return true
		}
	}
	return false
}
