package detect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Layer is one of the retries around a call; those of several multiply.
type Layer struct {
	scanners.Position
	How  RetryHow `json:"how"`
	What string   `json:"what"`
	// Attempts is how many it makes at most; 0 where it is not known.
	Attempts int `json:"attempts,omitempty"`
}

// maxLayerDepth bounds how many functions lie between a call and a retry that is
// meant for it, and maxQueueDepth how many between it and a queue's handler.
const (
	maxLayerDepth = 2
	maxQueueDepth = 4
)

// layers are the retries around a call, the innermost first, on the way on which
// there are the most.
func (j *judge) layers(s *site) []Layer {
	var out []Layer
	if l, ok := j.clientLayer(s); ok {
		out = append(out, l)
	}
	for _, l := range append(j.loopLayers(s.call), j.layersAbove(s.call.Fn, 0)...) {
		if !slices.ContainsFunc(out, func(have Layer) bool { return have.Position == l.Position }) {
			out = append(out, l)
		}
	}
	if q := j.queueAbove(s.call.Fn); q != nil {
		out = append(out, *q)
	}
	return out
}

// clientLayer is what the client retries, by its construction or by itself.
func (j *judge) clientLayer(s *site) (Layer, bool) {
	if s.client != nil {
		c := j.constructions(s)[0]
		if j.switchedOff(s, c) != nil {
			return Layer{}, false
		}
		if b := j.middlewareRetries(c); b.state == Present {
			return Layer{Position: b.at, How: RetryClient, What: b.reason}, true
		}
		if st := j.inAll(s, func(symbol string) bool { return j.retries(s, symbol) }); st != nil {
			n, _ := strconv.Atoi(constOf(j.p, st))
			if t := j.p.cat.ToolkitOf(catalog.RoleRetry, st.symbol); n == 0 && t != nil {
				n = j.policyIn(t, st.symbol, c.steps).attempts()
			}
			return Layer{Position: st.at, How: RetryClient, What: shortSymbol(st.symbol), Attempts: n}, true
		}
		if b := j.serviceConfig(s, c, "retryPolicy"); b.state == Present {
			return Layer{Position: b.at, How: RetryClient, What: b.reason}, true
		}
	}
	if d, lib := j.byDefault(s, retryOf); d != nil {
		n, err := strconv.Atoi(d.Value)
		if err != nil || n < 2 || s.lib != nil && s.lib.System.Kind == "platform" {
			return Layer{}, false // client-go, say, waits out a server that asks for it, and no more
		}
		return Layer{Position: s.at(), How: RetryDefault, What: lib, Attempts: n}, true
	}
	return Layer{}, false
}

// loopLayers are the retrying loops around a call in its function. A loop that
// waits for a state, or goes on after a conflict, multiplies nothing.
func (j *judge) loopLayers(c *gosrc.Call) []Layer {
	var out []Layer
	for l := c.Loop; l != nil; l = l.Outer {
		if retries(l) && !l.Attempts.Specific && !c.Go && !final(l, c) && !waitsForState(c.Fn.Name) {
			out = append(out, Layer{Position: l.At, How: RetryLoop, What: "loop", Attempts: j.count(l.Attempts.Limit)})
		}
	}
	return out
}

func waitsForState(name string) bool {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return strings.Contains(name, "wait") || strings.Contains(name, "poll") || strings.Contains(name, "conflict")
}

type layersKey struct {
	f     *gosrc.Func
	depth int
}

// layersAbove are the retries of the repository around the calls of a function, on
// the way on which there are the most.
func (j *judge) layersAbove(f *gosrc.Func, depth int) []Layer {
	if depth > maxLayerDepth {
		return nil
	}
	key := layersKey{f, depth}
	if out, ok := j.layersMemo[key]; ok {
		return out
	}
	j.layersMemo[key] = nil
	var best []Layer
	better := func(c *gosrc.Call, own []Layer) {
		own = append(own, j.loopLayers(c)...)
		if own = append(own, j.layersAbove(c.Fn, depth+1)...); len(own) > len(best) {
			best = own
		}
	}
	for _, to := range j.p.passed[f] {
		if len(j.p.targets(to.call)) == 0 && j.p.cat.Protects(catalog.RoleRetry, to.call.Callee, runs) != nil && !waitsForState(to.call.Callee) {
			if policy := j.policyOf(to.call); policy[catalog.PolicySpecific] != policyHas {
				better(to.call, []Layer{{Position: to.call.At, How: RetryLibrary, What: shortSymbol(to.call.Callee), Attempts: policy.attempts()}})
			}
		}
	}
	for _, c := range j.p.callers[f] {
		if !c.Go && c.Fn != f {
			better(c, nil)
		}
	}
	j.layersMemo[key] = best
	return best
}

// queueAbove is the queue that runs a function, on some way.
func (j *judge) queueAbove(f *gosrc.Func) *Layer {
	seen := map[*gosrc.Func]bool{f: true}
	level := []*gosrc.Func{f}
	for depth := 0; depth < maxQueueDepth && len(level) > 0 && len(seen) < maxAbove; depth++ {
		var next []*gosrc.Func
		for _, g := range level {
			for _, to := range j.p.passed[g] {
				if t := j.p.cat.Protects(catalog.RoleQueue, to.call.Callee, entries); t != nil && !t.Schedules {
					return &Layer{Position: to.call.At, How: RetryQueue, What: shortSymbol(to.call.Callee)}
				}
			}
			for _, c := range j.p.callers[g] {
				if !c.Go && !seen[c.Fn] {
					seen[c.Fn] = true
					next = append(next, c.Fn)
				}
			}
		}
		level = next
	}
	return nil
}

// keyed: the call carries a key by which the other side knows a repetition.
func (j *judge) keyed(s *site) bool {
	fns := []*gosrc.Func{s.call.Fn}
	for _, a := range s.call.Args {
		for _, o := range j.p.origins(a) {
			if o.Kind == gosrc.Result && o.Call.Fn != nil {
				fns = append(fns, o.Call.Fn)
			}
			if j.hasKey(o) {
				return true
			}
		}
	}
	if s.client != nil {
		fns = append(fns, j.p.construct(s.client).funcs...)
	}
	return slices.ContainsFunc(fns, func(f *gosrc.Func) bool {
		return slices.ContainsFunc(f.Calls, func(c *gosrc.Call) bool {
			return keyName(c.Callee) || slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool { return a.Kind == gosrc.Const && keyName(a.Text) })
		})
	})
}

// hasKey: one of the fields of a request is such a key.
func (j *judge) hasKey(o *gosrc.Value) bool {
	return slices.ContainsFunc(o.Fields, func(f gosrc.FieldValue) bool { return keyName(f.Name) }) ||
		slices.ContainsFunc(o.Effects, func(e gosrc.Effect) bool {
			return keyName(e.Name) || e.Call != nil && (keyName(e.Call.Callee) || slices.ContainsFunc(e.Call.Args, func(a *gosrc.Value) bool { return a.Kind == gosrc.Const && keyName(a.Text) }))
		})
}

// keyName: the names that APIs give to such keys, as headers and fields.
func keyName(name string) bool {
	name = strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	for _, key := range []string{"idempoten", "clienttoken", "clientrequesttoken", "deduplicationid", "requestid", "x-request-id", "messageid"} {
		if strings.Contains(name, key) {
			return true
		}
	}
	return false
}
