package detect

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// retryPolicy is what the catalog knows of the attempts that a retry library makes, by
// the fact (catalog.PolicyFacts); what is not known is left out.
type retryPolicy map[string]string

// What a fact says where it is no number.
const (
	policyHas  = "present"
	policyNone = "none"
	policyOpen = "unknown"
)

// policyOf reads the policy of a run of a retry library off what it is given and, of a
// method, off what its receiver is made of.
func (j *judge) policyOf(run *gosrc.Call) retryPolicy {
	w := &policyParts{p: j.p, seen: map[located]bool{}}
	w.steps = append(w.steps, step{symbol: run.Callee, call: run, at: run.At})
	for _, part := range append([]*gosrc.Value{run.Recv}, run.Args...) {
		if part != nil && part.Kind != gosrc.Closure && part.Kind != gosrc.FuncRef {
			w.visit(located{part, nil}, 0)
		}
	}
	t := j.p.cat.Protects(catalog.RoleRetry, run.Callee, runs)
	if t == nil {
		return nil
	}
	out := j.policyIn(t, run.Callee, w.steps)
	if w.opaque { // what is not seen may set what is not set here
		for fact, value := range out {
			if value == policyNone && fact != catalog.PolicyContext {
				delete(out, fact)
			}
		}
	}
	return out
}

// waitPolicy is the policy of a retry library's object that a loop asks how long to wait.
func (j *judge) waitPolicy(w *gosrc.Value) retryPolicy {
	if w.Kind != gosrc.Result || w.Call.Recv == nil {
		return nil
	}
	t := j.p.cat.ToolkitOf(catalog.RoleRetry, w.Call.Callee)
	if t == nil {
		return nil
	}
	parts := &policyParts{p: j.p, seen: map[located]bool{}}
	parts.visit(located{w.Call.Recv, nil}, 0)
	return j.policyIn(t, w.Call.Callee, parts.steps)
}

// policyIn applies a toolkit's policies in their order; those of another module of the
// toolkit, a later major version say, do not hold.
func (j *judge) policyIn(t *catalog.Toolkit, callee string, steps []step) retryPolicy {
	out := retryPolicy{}
	for i := range t.Policies {
		p := &t.Policies[i]
		if len(p.By) == 0 && ofModule(callee, p.Module) {
			out.set(p.Sets, p.Value)
			continue
		}
		for n := range steps {
			if st := &steps[n]; ofModule(st.symbol, p.Module) && catalog.Matches(p.By, st.symbol) {
				out.set(p.Sets, j.policyValue(p, st))
			}
		}
	}
	return out
}

// ofModule: the package of a symbol is the module's own, and not a later major version's.
func ofModule(symbol, module string) bool {
	rest, ok := strings.CutPrefix(packageOf(symbol), module)
	return ok && (rest == "" || rest[0] == '/' && !majorVersion(strings.Split(rest[1:], "/")[0]))
}

func majorVersion(part string) bool {
	n, ok := strings.CutPrefix(part, "v")
	_, err := strconv.Atoi(n)
	return ok && err == nil
}

func (r retryPolicy) set(fact, value string) {
	switch value {
	case policyOpen:
		delete(r, fact)
	default:
		r[fact] = value
	}
	// A bound of one kind stands in for the want of the other.
	if fact == catalog.PolicyAttempts && value != policyOpen && value != policyNone && r[catalog.PolicyBounded] == policyNone {
		delete(r, catalog.PolicyBounded)
	}
}

// policyValue is a policy's value, where the code gives it read off the step that sets it.
func (j *judge) policyValue(p *catalog.Policy, st *step) string {
	m := catalog.PolicyArgument.FindStringSubmatch(p.Value)
	if m == nil {
		return p.Value
	}
	v := st.value
	if n, err := strconv.Atoi(m[2]); err == nil {
		if st.call == nil || n > len(st.call.Args) {
			return policyOpen
		}
		v = st.call.Args[n-1]
	}
	if v == nil {
		return policyOpen
	}
	return j.policyText(p.Sets, located{v, st.way}, m[1] == "#", m[3] != "")
}

// policyText writes a value as the facts have it. A zero switches attempts' and time's
// bounds off, and is no wait and no jitter.
func (j *judge) policyText(fact string, l located, elements, more bool) string {
	if fact == catalog.PolicyWait || fact == catalog.PolicyBounded {
		text, zero := j.p.durationAt(l)
		switch {
		case zero:
			return policyNone
		case text == "":
			return policyOpen
		}
		if d, err := time.ParseDuration(text); err == nil {
			return d.String()
		}
		return policyOpen
	}
	os, _ := j.p.flow(l.v, l.way)
	if len(os) != 1 {
		return policyOpen
	}
	o := os[0].v
	if fact == catalog.PolicyJitter {
		switch {
		case o.Kind != gosrc.Const:
			return policyOpen
		case o.Text == "false" || strings.Trim(o.Text, "0.") == "":
			return policyNone
		}
		return policyHas
	}
	n, err := strconv.Atoi(o.Text)
	switch {
	case elements && o.Kind == gosrc.List:
		n = len(o.Args)
	case elements || o.Kind != gosrc.Const || err != nil:
		return policyOpen
	case n == 0:
		return policyNone
	}
	if more {
		n++
	}
	return strconv.Itoa(n)
}

// attempts is how many there are at most, 0 where that is not known.
func (r retryPolicy) attempts() int {
	n, _ := strconv.Atoi(r[catalog.PolicyAttempts])
	return n
}

// judgePolicy fills in what a library does between attempts and what ends it.
func (r *foundRetry) judgePolicy(j *judge, out *Retry) {
	p := j.policyOf(r.run)
	if len(p) == 0 {
		return
	}
	at := r.run.At
	verdict := func(fact string, absent, present string) Verdict {
		switch p[fact] {
		case "":
			return Verdict{Verdict: Unknown, Reason: "the library decides"}
		case policyNone:
			return Verdict{Verdict: Absent, Reason: absent, Position: at}
		}
		return Verdict{Verdict: Present, Reason: present, Position: at}
	}
	out.Attempts, out.Specific = p.attempts(), p[catalog.PolicySpecific] == policyHas
	if w := p[catalog.PolicyWait]; w != policyNone {
		out.Wait = w
	}
	out.Backoff = verdict(catalog.PolicyBackoff, "it does not wait between attempts", "the library waits between attempts")
	if out.Backoff.Verdict == Present {
		out.Backoff.Value = p[catalog.PolicyBackoff]
	}
	out.Jitter = verdict(catalog.PolicyJitter, "nothing random is in it", "its waits are random")
	out.Context = r.policyContext(p, at)
	out.Bounded = j.policyBound(r.run, p, at)
}

func (r *foundRetry) policyContext(p retryPolicy, at scanners.Position) Verdict {
	switch {
	case p[catalog.PolicyContext] == policyHas:
		return Verdict{Verdict: Present, Reason: "its waits end with the context", Position: at}
	case p[catalog.PolicyContext] == policyNone && givenContext(r.fn):
		return Verdict{Verdict: Absent, Reason: "it waits, whether the context has ended or not", Position: at}
	}
	return Verdict{Verdict: Unknown, Reason: "it has no context"}
}

// policyBound: a count or a time ends the attempts, or the context that they are given.
func (j *judge) policyBound(run *gosrc.Call, p retryPolicy, at scanners.Position) Verdict {
	if n := p.attempts(); n > 0 {
		return Verdict{Verdict: Present, Value: strconv.Itoa(n), Reason: "its attempts are counted", Position: at}
	}
	limit := p[catalog.PolicyBounded]
	if limit != "" && limit != policyNone {
		return Verdict{Verdict: Present, Value: limit, Reason: "it ends after a time", Position: at}
	}
	for _, a := range run.Args {
		if a.Type != "context.Context" || p[catalog.PolicyContext] != policyHas {
			continue
		}
		if b := j.deadlines.context(a); b.state != Absent {
			return Verdict{Verdict: b.state, Value: b.value, Reason: "its context ends it: " + b.reason, Position: b.at}
		}
	}
	if limit == policyNone || p[catalog.PolicyAttempts] == policyNone {
		return Verdict{Verdict: Absent, Reason: "only success ends it", Position: at}
	}
	return Verdict{Verdict: Unknown, Reason: "the library decides"}
}

// givenContext: the function, or one that it stands in, has a context.
func givenContext(f *gosrc.Func) bool {
	for ; f != nil; f = f.Parent {
		if slices.Contains(f.Params, "context.Context") {
			return true
		}
	}
	return false
}
