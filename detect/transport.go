package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// transportTimeout judges the call on that a transport of the repository makes in
// its RoundTrip. Its request is no inbound one: it comes from the clients that the
// transport is put into, whose bound (http.Client.Timeout, the request's context)
// ends it too. The weakest of the calls made through it decides.
func (j *judge) transportTimeout(s *site) (Verdict, bool) {
	typ, ok := transportOf(s.call.Fn)
	if !ok {
		return Verdict{}, false
	}
	if b := j.innerBound(s.call); b.state == Present {
		return verdict(Present, b.value, b.reason, b), true
	}
	var out bound
	for _, other := range j.sites {
		if _, inner := transportOf(other.call.Fn); inner || other.client == nil || !j.goesThrough(other, typ) {
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

// transportOf is the type whose RoundTrip a function is.
func transportOf(f *gosrc.Func) (string, bool) {
	for f != nil && f.Lit {
		f = f.Parent
	}
	if f == nil || f.Recv == "" || !strings.HasSuffix(f.Symbol, ".RoundTrip") {
		return "", false
	}
	return f.Recv, true
}

// goesThrough: one of the clients of a site holds a transport of the type.
func (j *judge) goesThrough(s *site, typ string) bool {
	for _, c := range j.constructions(s) {
		for i := range c.steps {
			if c.steps[i].symbol == typ {
				return true
			}
		}
	}
	return false
}
