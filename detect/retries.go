package detect

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// RetryHow says by what means failed attempts are made again.
type RetryHow string

// The means.
const (
	RetryLoop    RetryHow = "loop"    // a loop of the repository's
	RetryLibrary RetryHow = "library" // a retry library that runs a function
	RetryClient  RetryHow = "client"  // the client does: an option, a transport, an interceptor
	RetryDefault RetryHow = "default" // the client does by itself
	RetryQueue   RetryHow = "queue"   // a queue delivers again what failed
)

// Retry is a loop or a run of a retry library that makes failed outbound calls
// again, with what it does between attempts and what ends it.
type Retry struct {
	scanners.Position
	How      RetryHow `json:"how"`
	By       string   `json:"by,omitempty"` // the library's function
	Function string   `json:"function"`
	// Attempts is how many it makes at most; 0 where the code does not tell.
	Attempts int `json:"attempts,omitempty"`
	// Bounded: something besides success ends it. Its value is the deadline, where
	// one does.
	Bounded Verdict `json:"bounded"`
	// Backoff: it waits between attempts. Its value is "growing" or "fixed".
	Backoff Verdict `json:"backoff"`
	// Wait is the first wait, where it is known ("100ms").
	Wait string `json:"wait,omitempty"`
	// Jitter: the waits are not the same for everybody.
	Jitter Verdict `json:"jitter"`
	// Context: the waits end with the caller's context; unknown where there is none.
	Context Verdict `json:"context"`
	// Specific: it goes on for certain failures only, which waiting does not mend.
	Specific bool `json:"specific,omitempty"`
	// Phase says when it happens.
	Phase Phase         `json:"phase"`
	Calls []RetriedCall `json:"calls"`
}

// RetriedCall is a call site below a retry.
type RetriedCall struct {
	scanners.Position
	Call string `json:"call"`
	// Depth is how many functions lie between the retry and the call.
	Depth int `json:"depth"`
	// Attempt is the bound of one attempt and Deadline that of all of them, where
	// they are known.
	Attempt  string `json:"attempt,omitempty"`
	Deadline string `json:"deadline,omitempty"`
}

// maxRetryDepth bounds how many functions below a retry calls are looked for:
// what lies deeper is rather the work of a program than an attempt.
const maxRetryDepth = 3

// retries lists the repository's own retries around call sites, in order.
func (j *judge) ownRetries(sites []*site, g *entryGraph) []Retry {
	f := &retryFinder{j: j, byCall: map[*gosrc.Call]*site{}, loops: map[*gosrc.Loop]*foundRetry{}, runs: map[*gosrc.Call]*foundRetry{}}
	for _, s := range sites {
		f.byCall[s.call] = s
	}
	j.p.eachCall(f.visit)
	out := []Retry{}
	for _, r := range f.found {
		if len(r.calls) > 0 {
			retry := r.retry(j)
			retry.Phase = g.phase(r.fn)
			out = append(out, retry)
		}
	}
	slices.SortFunc(out, func(a, b Retry) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.How, b.How), cmp.Compare(a.By, b.By))
	})
	return out
}

type retryFinder struct {
	j      *judge
	byCall map[*gosrc.Call]*site
	loops  map[*gosrc.Loop]*foundRetry
	runs   map[*gosrc.Call]*foundRetry
	found  []*foundRetry
}

// foundRetry is a retry with the call sites below it.
type foundRetry struct {
	fn    *gosrc.Func
	loop  *gosrc.Loop // nil for a library
	run   *gosrc.Call
	calls map[*site]int        // to the depth
	steps map[*gosrc.Call]bool // what else in the loop may fail
}

// visit takes in what a call stands in: a retrying loop, or a library that runs the
// functions it is given.
func (f *retryFinder) visit(c *gosrc.Call) {
	for l := c.Loop; l != nil; l = l.Outer {
		if !retries(l) || c.Go {
			continue
		}
		r := f.loops[l]
		if r == nil {
			r = &foundRetry{fn: c.Fn, loop: l, calls: map[*site]int{}, steps: map[*gosrc.Call]bool{}}
			f.loops[l] = r
			f.found = append(f.found, r)
		}
		before := len(r.calls)
		if !final(l, c) {
			f.below(r, c, 0, map[*gosrc.Func]bool{c.Fn: true})
		}
		if c.Error && len(r.calls) == before {
			r.steps[c] = true
		}
	}
	if f.j.p.cat.Protects(catalog.RoleRetry, c.Callee, runs) == nil {
		return
	}
	r := &foundRetry{fn: c.Fn, run: c, calls: map[*site]int{}}
	for _, a := range c.Args {
		for _, o := range f.j.p.origins(a) {
			if fn := f.j.p.funcOf(o); fn != nil {
				f.within(r, fn, 0, map[*gosrc.Func]bool{})
			}
		}
	}
	f.found = append(f.found, r)
}

// retries: the loop tries again what failed, and nothing else.
func retries(l *gosrc.Loop) bool { return l.Retry && l.Attempts != nil && l.Attempts.Plain }

// below adds the call, if it is a site, else what the functions that it reaches call.
func (f *retryFinder) below(r *foundRetry, c *gosrc.Call, depth int, seen map[*gosrc.Func]bool) {
	if c.Go {
		return
	}
	if s := f.byCall[c]; s != nil && s.system != "" {
		if d, ok := r.calls[s]; !ok || depth < d {
			r.calls[s] = depth
		}
		return
	}
	if depth == maxRetryDepth {
		return
	}
	targets := f.j.p.targets(c)
	if len(targets) > maxTried {
		return // any of many implementations
	}
	if c.Func != nil {
		for _, o := range f.j.p.allOrigins(c.Func) {
			if fn := f.j.p.funcOf(o); fn != nil {
				targets = append(targets, fn)
			}
		}
	}
	if len(f.j.p.targets(c)) == 0 {
		for _, a := range c.Args { // a library runs it: func() error { ... }
			if fn := f.j.p.funcOf(a); fn != nil && a.Kind == gosrc.Closure {
				targets = append(targets, fn)
			}
		}
	}
	for _, fn := range targets {
		f.within(r, fn, depth+1, seen)
	}
}

// maxTried bounds how many implementations of an interface a retry is said to try.
const maxTried = 5

func (f *retryFinder) within(r *foundRetry, fn *gosrc.Func, depth int, seen map[*gosrc.Func]bool) {
	if seen[fn] {
		return
	}
	seen[fn] = true
	for _, c := range fn.Calls {
		f.below(r, c, depth, seen)
	}
}
