package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Tracing says how the trace and request IDs of inbound calls fare, and whether
// production code records anything of what it does.
type Tracing struct {
	// Accepts are the places that take up the ID of an inbound call.
	Accepts []Step `json:"accepts"`
	// Records are places that record spans or metrics, or hand a client to a library
	// that does: the first of each package.
	Records []Step `json:"records"`
}

func accepts(t *catalog.Toolkit) []string { return t.Accepts }

// tracing gathers both.
func (p *program) tracing() Tracing {
	t := Tracing{Accepts: []Step{}, Records: []Step{}}
	seen := map[*gosrc.Package]bool{}
	p.eachCall(func(c *gosrc.Call) {
		if c.Callee == "" {
			return
		}
		step := Step{Position: c.At, What: shortSymbol(c.Callee)}
		if p.cat.Protects(catalog.RolePropagation, c.Callee, accepts) != nil || readsRequestID(c) {
			t.Accepts = append(t.Accepts, step)
		}
		if !seen[c.Fn.Pkg] && (p.cat.Protects(catalog.RoleMonitoring, c.Callee, records) != nil || p.cat.Protects(catalog.RoleMonitoring, c.Callee, wraps) != nil) {
			seen[c.Fn.Pkg] = true
			t.Records = append(t.Records, step)
		}
	})
	for _, list := range [][]Step{t.Accepts, t.Records} {
		slices.SortFunc(list, func(a, b Step) int { return a.Position.Compare(b.Position) })
	}
	return t
}

// requestIDHeaders are the headers by which IDs are carried, in lower case.
var requestIDHeaders = []string{"x-request-id", "x-correlation-id", "x-trace-id", "traceparent", "x-b3-traceid", "x-amzn-trace-id", "request-id"}

// readsRequestID: r.Header.Get("X-Request-Id").
func readsRequestID(c *gosrc.Call) bool {
	return c.Callee == "net/http.Header.Get" && len(c.Args) == 1 && isRequestID(c.Args[0])
}

func isRequestID(v *gosrc.Value) bool {
	return v.Kind == gosrc.Const && slices.Contains(requestIDHeaders, strings.ToLower(v.Text))
}

// carriesID: the client of a site, or the code around the call, puts the trace or
// request ID on the request. Middleware of the repository that sets headers counts:
// what it sets may be an ID.
func (j *judge) carriesID(s *site) bool {
	if s.client == nil {
		return true
	}
	for _, c := range j.constructions(s) {
		if !madeHere(c) || len(c.funcs) > 0 || c.opaque {
			return true
		}
		for _, st := range c.steps {
			if j.p.cat.Protects(catalog.RoleMonitoring, st.symbol, wraps) != nil || j.instruments(s, st.symbol) {
				return true
			}
		}
	}
	return j.idAround(s.call.Fn, 0)
}

// maxIDAround bounds how far above a call the ID is put on the request.
const maxIDAround = 3

// idAround: the function, or one of those above it, puts an ID on the request.
func (j *judge) idAround(f *gosrc.Func, depth int) bool {
	if f == nil || depth == maxIDAround {
		return false
	}
	key := around{f, depth}
	if known, ok := j.ids[key]; ok {
		return known
	}
	j.ids[key] = false // for circles
	j.ids[key] = j.setsID(f, 0) || j.idAround(f.Parent, depth+1) || slices.ContainsFunc(j.p.callers[f], func(c *gosrc.Call) bool {
		return j.idAround(c.Fn, depth+1)
	})
	return j.ids[key]
}

// around is a function at a distance from a call.
type around struct {
	f     *gosrc.Func
	depth int
}

// madeHere: the repository makes the client, as far as its construction is seen.
func madeHere(c *construction) bool {
	return slices.ContainsFunc(c.steps, func(st step) bool {
		switch st.symbol {
		case "net/http.Client", "net/http.DefaultClient", "google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial", "google.golang.org/grpc.DialContext":
			return true
		}
		return false
	})
}

// setsID: the function, or a helper that it calls, injects a trace context or sets a
// header for an ID.
func (j *judge) setsID(f *gosrc.Func, depth int) bool {
	for _, c := range f.Calls {
		if c.Callee != "" && j.p.cat.Protects(catalog.RolePropagation, c.Callee, records) != nil {
			return true
		}
		if strings.HasPrefix(c.Callee, "net/http.Header.") && len(c.Args) == 2 && (isRequestID(c.Args[0]) || c.Args[0].Kind != gosrc.Const) {
			return true
		}
		if depth > 0 {
			continue
		}
		for _, t := range j.p.targets(c) {
			if j.setsID(t, depth+1) {
				return true
			}
		}
	}
	return false
}
