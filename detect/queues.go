package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// jobs answers for the functions that a queue or a workflow engine runs: the
// options of the job bound its context, and say whether a failed one is run again.
type jobs struct {
	p      *program
	starts map[*catalog.Toolkit][]*start
	// options are the calls of functions that set something for all jobs of a worker.
	options map[string][]*gosrc.Call
}

// start is a call that has an entry run: workflow.ExecuteActivity(ctx, a.Print).
type start struct {
	funcs   map[*gosrc.Func]bool
	names   map[string]bool
	options *construction
}

func newJobs(p *program) *jobs {
	q := &jobs{p: p, starts: map[*catalog.Toolkit][]*start{}, options: map[string][]*gosrc.Call{}}
	wanted := map[string]bool{}
	for _, t := range p.cat.Toolkits {
		if t.Role == catalog.RoleQueue && len(t.Starts) == 0 {
			for _, name := range t.Timeout.By {
				wanted[name] = true
			}
		}
	}
	p.eachCall(func(c *gosrc.Call) {
		if wanted[c.Callee] {
			q.options[c.Callee] = append(q.options[c.Callee], c)
		}
		t := p.cat.Protects(catalog.RoleQueue, c.Callee, func(t *catalog.Toolkit) []string { return t.Starts })
		if t == nil {
			return
		}
		for _, fr := range q.frames(c, 0) {
			q.starts[t] = append(q.starts[t], q.newStart(c, fr))
		}
	})
	return q
}

// maxHelpers bounds how many helpers lie around a start, maxStarts how many calls
// of a helper are told apart.
const (
	maxHelpers = 4
	maxStarts  = 2000
)

// frames are the calls of the helpers that a start is made through, where they pass
// the function or the options on: each call has its own. nil is the frame of no helper.
func (q *jobs) frames(c *gosrc.Call, depth int) []*callFrame {
	passesOn := slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool { return q.passesOn(a, c.Fn) })
	if !passesOn || depth > maxHelpers {
		return []*callFrame{nil}
	}
	var out []*callFrame
	for _, caller := range q.p.callers[c.Fn] {
		for _, outer := range q.frames(caller, depth+1) {
			if len(out) < maxStarts {
				out = append(out, &callFrame{call: caller, fn: c.Fn, outer: outer})
			}
		}
	}
	return out
}

// passesOn: the argument is a parameter of the helper, or a list of some: opts...
func (q *jobs) passesOn(a *gosrc.Value, helper *gosrc.Func) bool {
	switch a.Kind {
	case gosrc.Param:
		return a.Fn == helper && slices.ContainsFunc(q.p.allOrigins(a), func(o *gosrc.Value) bool {
			return q.matters(o) || o.Kind == gosrc.List && slices.ContainsFunc(o.Args, q.matters)
		})
	case gosrc.List:
		return slices.ContainsFunc(a.Args, func(e *gosrc.Value) bool { return e.Kind == gosrc.Param && q.passesOn(e, helper) })
	}
	return false
}

// matters: the function that is started, or an option of the job.
func (q *jobs) matters(o *gosrc.Value) bool {
	return q.p.funcOf(o) != nil || o.Kind == gosrc.Result && q.p.cat.Toolkitted(o.Call.Callee) || o.Kind == gosrc.Composite && q.p.cat.Toolkitted(o.Type+".")
}

func (q *jobs) newStart(c *gosrc.Call, fr *callFrame) *start {
	s := &start{funcs: map[*gosrc.Func]bool{}, names: map[string]bool{}, options: &construction{p: q.p}}
	for _, a := range c.Args {
		v, outer := fr.resolve(a)
		q.named(v, outer, s, 0)
		q.given(s.options, v, outer, 0)
	}
	return s
}

// maxGiven bounds how many calls deep an option may be given.
const maxGiven = 6

// given collects the options in an argument: those of the context that it is, of
// which the last hide the earlier, and of the library's values that it is made of.
// What is done to the workflow's own context besides makes other contexts.
func (q *jobs) given(c *construction, v *gosrc.Value, fr *callFrame, depth int) {
	if depth > maxGiven {
		return
	}
	if v.Kind == gosrc.Composite && v.X != nil {
		q.fields(c, v, fr, depth) // of a copy, what it is given goes before what it is copied from
	}
	for _, o := range q.p.origins(v) {
		switch o.Kind {
		case gosrc.Result:
			c.steps = append(c.steps, step{symbol: o.Call.Callee, call: o.Call, at: o.At})
			for _, a := range slices.Backward(o.Call.Args) {
				a, outer := fr.resolve(a)
				before := len(c.steps)
				q.given(c, a, outer, depth+1)
				if a.Kind == gosrc.Composite && len(c.steps) > before {
					break
				}
			}
		case gosrc.List:
			for _, a := range o.Args {
				a, outer := fr.resolve(a)
				q.given(c, a, outer, depth+1)
			}
		case gosrc.Composite:
			q.fields(c, o, fr, depth)
		}
	}
}

// fields are the options of a struct.
func (q *jobs) fields(c *construction, o *gosrc.Value, fr *callFrame, depth int) {
	for _, e := range slices.Backward(o.Effects) {
		if e.Kind == gosrc.EffectField {
			c.steps = append(c.steps, step{symbol: e.Name, value: e.Value, at: e.At})
			q.given(c, e.Value, fr, depth+1)
		}
	}
	for _, f := range o.Fields {
		c.steps = append(c.steps, step{symbol: o.Type + "." + f.Name, value: f.Value, at: f.At})
		q.given(c, f.Value, fr, depth+1)
	}
}

// named collects the functions and the names in an argument and in what it is made
// of by a library: asynq.NewTask("mail:digest", payload).
func (q *jobs) named(v *gosrc.Value, fr *callFrame, s *start, depth int) {
	for _, o := range q.p.origins(v) {
		switch {
		case o.Kind == gosrc.Const:
			s.names[o.Text] = true
		case o.Kind == gosrc.Result && depth == 0:
			for _, a := range o.Call.Args {
				a, outer := fr.resolve(a)
				q.named(a, outer, s, depth+1)
			}
		case o.Kind == gosrc.Composite && depth == 0:
			for _, f := range o.Fields {
				if f.Name == "Name" {
					q.named(f.Value, fr, s, depth+1)
				}
			}
		}
		if f := q.p.funcOf(o); f != nil {
			s.funcs[f] = true
			_, own := cutLast(f.Symbol)
			s.names[own] = true
		}
	}
}

// asked is a property of a toolkit, and how the values of its options are told.
type asked struct {
	t     *catalog.Toolkit
	prop  *catalog.Property
	value func(*gosrc.Value) string
}

// timeout is the bound that a queue puts on the context of a function handed to it;
// the zero bound where the toolkit is not known for any.
func (q *jobs) timeout(f *gosrc.Func, to passedTo) bound {
	t := q.p.cat.Protects(catalog.RoleQueue, to.call.Callee, entries)
	if t == nil || len(t.Timeout.By) == 0 && len(t.Timeout.Defaults) == 0 {
		return bound{}
	}
	if b := q.ownMethod(f, &t.Timeout); b.state != "" {
		return b
	}
	return q.weakestOption(f, to, asked{t, &t.Timeout, q.period})
}

// retry says whether a queue runs a function again that failed.
func (q *jobs) retry(f *gosrc.Func, to passedTo) bound {
	t := q.p.cat.Protects(catalog.RoleQueue, to.call.Callee, entries)
	if t == nil {
		return bound{}
	}
	again := bound{state: Present, reason: shortSymbol(to.call.Callee) + " delivers again what failed", at: to.call.At, told: !t.Schedules}
	if len(t.Retry.By) == 0 && len(t.Retry.Defaults) == 0 {
		return again
	}
	b := q.weakestOption(f, to, asked{t, &t.Retry, q.count})
	if b.state == Present || b.state == Default {
		again.value = b.value
		return again
	}
	return bound{}
}

// weakestOption judges by the options of every start of the entry, or by those of
// the worker.
func (q *jobs) weakestOption(f *gosrc.Func, to passedTo, a asked) bound {
	if len(a.t.Starts) == 0 {
		return q.option(q.workerSteps(a), to, a)
	}
	names := q.namesOf(f, to)
	var out bound
	for _, s := range q.starts[a.t] {
		if s.funcs[f] || slices.ContainsFunc(sortedKeys(names), func(n string) bool { return n != "" && s.names[n] }) {
			out = weakest(out, q.option(s.options, to, a))
		}
	}
	if out.state == "" {
		return q.option(&construction{p: q.p}, to, a)
	}
	return out
}

// namesOf are the names that a function goes by where it is registered: its own, and
// what is given beside it. Of a table's entries it is not known which name is whose.
func (q *jobs) namesOf(f *gosrc.Func, to passedTo) map[string]bool {
	_, own := cutLast(f.Symbol)
	s := &start{funcs: map[*gosrc.Func]bool{}, names: map[string]bool{}}
	for _, a := range to.call.Args {
		q.named(a, nil, s, 0)
	}
	if len(s.funcs) > 1 {
		s.names = map[string]bool{}
	}
	s.names[own] = true
	return s.names
}

// option is what a property is by the options of one job, else by default.
func (q *jobs) option(c *construction, to passedTo, a asked) bound {
	for i := range c.steps {
		if st := &c.steps[i]; q.p.isOff(a.prop.Off, st) {
			return bound{state: Absent, reason: shortSymbol(st.symbol) + " switches it off", at: st.at}
		}
	}
	if st := c.find(func(symbol string) bool { return catalog.Matches(a.prop.By, symbol) }); st != nil {
		b := bound{state: Present, reason: shortSymbol(st.symbol), at: st.at}
		b.value = a.value(optionValue(st))
		return b
	}
	d := q.p.pickDefault(a.prop.Defaults, packageOf(to.call.Callee))
	switch {
	case d == nil || d.Value == "none":
		return bound{state: Absent, reason: shortSymbol(to.call.Callee) + " is given no options for it", at: to.call.At}
	case d.Value == "demanded":
		return bound{state: Default, reason: d.Module + " demands it of every job", at: to.call.At}
	}
	return bound{state: Default, value: d.Value, reason: d.Module + " does so by itself", at: to.call.At}
}

// optionValue is what an option is given.
func optionValue(st *step) *gosrc.Value {
	if st.value == nil && st.call != nil && len(st.call.Args) > 0 {
		return st.call.Args[len(st.call.Args)-1]
	}
	return st.value
}

// period and count tell the value of an option.
func (q *jobs) period(v *gosrc.Value) string {
	text, _ := q.p.duration(v)
	return text
}

func (q *jobs) count(v *gosrc.Value) string { return constOf(q.p, &step{value: v}) }

// workerSteps are the options of the workers, where the job has none.
func (q *jobs) workerSteps(a asked) *construction {
	c := &construction{p: q.p}
	for _, pkg := range a.t.Packages {
		for _, list := range [][]string{a.prop.Off, a.prop.By} {
			for _, entry := range list {
				name, _, _ := strings.Cut(entry, "=")
				for _, st := range q.p.stores[pkg+"."+name] {
					c.steps = append(c.steps, step{symbol: st.Symbol, value: st.Value, at: st.At})
				}
				for _, call := range q.options[name] {
					c.steps = append(c.steps, step{symbol: name, call: call, at: call.At})
				}
			}
		}
	}
	return c
}

// ownMethod is the bound that a worker's type sets for itself:
// func (w *Worker) Timeout(job *river.Job[Args]) time.Duration { return time.Minute }
func (q *jobs) ownMethod(f *gosrc.Func, prop *catalog.Property) bound {
	for _, entry := range prop.By {
		_, method := cutLast(entry)
		own := q.p.funcs[f.Recv+"."+method]
		if f.Recv == "" || own == nil || len(own.Returns) == 0 {
			continue
		}
		value, zero := q.p.duration(own.Returns[0][0])
		if !zero {
			return bound{state: Present, value: value, reason: shortSymbol(own.Symbol), at: own.At}
		}
	}
	return bound{}
}
