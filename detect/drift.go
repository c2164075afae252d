package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// Drift is how far a served description and the registered routes are apart.
type Drift struct {
	// Base stands before the paths of the description in those of the routes.
	Base    string `json:"base"`
	Matched int    `json:"matched"`
	// Unserved are operations without a route, as indexes into the operations.
	Unserved []int `json:"unserved"`
	// Undescribed are routes beside those of the description that it does not have.
	Undescribed []Route `json:"undescribed"`
}

// drifts compares each served description with the routes. It tells nothing where
// fewer than half of the operations have a route, as then the routes are not
// understood, and where generated code registers them.
func (s *served) drifts(r *Result) {
	described := map[string]bool{} // by any description
	for i := range r.APIs {
		for _, op := range r.APIs[i].Contract.Operations {
			described[op.Method+" "+shape(normalPath(op.Path))] = true
		}
	}
	for i := range r.APIs {
		api := &r.APIs[i]
		if api.Direction != "inbound" || len(api.Contract.Operations) < 3 {
			continue
		}
		best := (*Drift)(nil)
		var matched []*Route
		for _, base := range bases(&api.Contract, r.Routes) {
			if d, ms := compare(&api.Contract, r.Routes, base); best == nil || d.Matched > best.Matched {
				best, matched = d, ms
			}
		}
		if best == nil || 2*best.Matched < len(api.Contract.Operations) || s.fromDescription(matched) {
			continue
		}
		best.Undescribed = slices.DeleteFunc(best.Undescribed, func(rt Route) bool {
			return described[rt.Method+" "+shape(strings.TrimPrefix(rt.Path, best.Base))] || described[rt.Method+" "+shape(rt.Path)]
		})
		api.Contract.Drift = best
	}
}

// fromDescription: most of the routes stand in generated code.
func (s *served) fromDescription(matched []*Route) bool {
	n := 0
	for _, rt := range matched {
		for _, pkg := range s.p.pkgs {
			for _, f := range pkg.Files {
				if f.Path == rt.File && f.Generated {
					n++
				}
			}
		}
	}
	return 2*n >= len(matched)
}

// bases are what may stand before the description's paths: the paths of its
// servers, and what stands before a path of the description in some route.
func bases(c *Contract, routes []Route) []string {
	out := []string{""}
	for _, a := range c.Addresses {
		out = append(out, a.base)
	}
	counts := map[string]int{}
	for i := range routes {
		for j := range c.Operations {
			path := shape(normalPath(c.Operations[j].Path))
			if base, ok := strings.CutSuffix(shape(routes[i].Path), path); ok && base != "" && !strings.Contains(base, "{}") && len(path) > 1 {
				counts[base]++
			}
		}
	}
	found := sortedKeys(counts)
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	out = append(out, found[:min(len(found), 4)]...)
	slices.Sort(out[1:])
	return slices.Compact(out)
}

func compare(c *Contract, routes []Route, base string) (*Drift, []*Route) {
	d := &Drift{Base: base, Unserved: []int{}, Undescribed: []Route{}}
	var matched []*Route
	used := map[int]bool{}
	for i := range c.Operations {
		op := &c.Operations[i]
		path := joinPath(base, normalPath(op.Path))
		found := false
		for j := range routes {
			rt := &routes[j]
			if methodMatches(rt.Method, op.Method) && pathMatches(rt.Path, path) {
				found = true
				used[j] = true
				matched = append(matched, rt)
			}
		}
		switch {
		case found:
			d.Matched++
		case !behindUnknown(op, routes):
			d.Unserved = append(d.Unserved, i)
		}
	}
	d.Undescribed = undescribed(c, routes, used, base)
	return d, matched
}

// undescribed are the routes among those of the description that it does not have.
// Handlers that it knows under another method or path do not count.
func undescribed(c *Contract, routes []Route, used map[int]bool, base string) []Route {
	out := []Route{}
	known := map[*gosrc.Func]bool{}
	for j := range used {
		known[routes[j].fn] = true
	}
	areas := map[string]bool{}
	for i := range c.Operations {
		areas[area(joinPath(base, normalPath(c.Operations[i].Path)), base)] = true
	}
	for j := range routes {
		rt := &routes[j]
		if used[j] || rt.Method == "" || rt.Method == "OPTIONS" || rt.Method == "HEAD" || known[rt.fn] || rt.fn == nil || !strings.HasPrefix(rt.Path, base) {
			continue
		}
		if aboutItself.MatchString(rt.Path) || slices.ContainsFunc(c.Operations, func(op ContractOperation) bool { return op.Method == rt.Method && endsIn(op.Path, rt.Path) }) {
			continue
		}
		if areas[area(rt.Path, base)] && !strings.Contains(rt.Path, "{*}") && !slices.ContainsFunc(out, func(o Route) bool { return o.Name() == rt.Name() }) {
			out = append(out, *rt)
		}
	}
	return out
}

// aboutItself: what machines ask of the program, seldom part of its contract.
var aboutItself = regexp.MustCompile(`(?i)/(_?health[^/]*|ready[^/]*|live[^/]*|ping|metrics|version|debug(/.*)?|\.well-known/.*|swagger.*|docs.*|openapi.*)$`)

// behindUnknown: a route is the end of the operation's path, mounted at a place
// that is not known from the code.
func behindUnknown(op *ContractOperation, routes []Route) bool {
	return slices.ContainsFunc(routes, func(rt Route) bool { return methodMatches(rt.Method, op.Method) && endsIn(op.Path, rt.Path) })
}

func endsIn(path, end string) bool {
	path, end = shape(normalPath(path)), shape(end)
	return strings.HasSuffix(path, end) && strings.Trim(end, "/{}") != ""
}

// area is the path below the base up to its first part that is no parameter.
func area(path, base string) string {
	out := ""
	for part := range strings.SplitSeq(strings.TrimPrefix(shape(strings.TrimPrefix(path, base)), "/"), "/") {
		if out += "/" + part; part != "{}" {
			break
		}
	}
	return out
}

func methodMatches(route, op string) bool {
	return route == "" || route == op || route == "GET" && op == "HEAD"
}

// shape drops the names of parameters and a trailing slash.
func shape(path string) string {
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, p := range parts {
		if strings.HasPrefix(p, "{") || strings.Contains(p, "{") && strings.HasSuffix(p, "}") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

// pathMatches: the route answers the path. A trailing slash or a wildcard takes in
// all below.
func pathMatches(route, path string) bool {
	if shape(route) == shape(path) {
		return true
	}
	subtree := strings.HasSuffix(route, "/") && len(route) > 1 || strings.HasSuffix(route, "/{*}")
	r, p := strings.Split(strings.Trim(strings.TrimSuffix(route, "{*}"), "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(r) > len(p) || !subtree && len(r) != len(p) {
		return false
	}
	fixed := false
	for i := range r {
		switch parameter := strings.Contains(r[i], "{"); {
		case !parameter && r[i] != p[i]:
			return false
		case !parameter:
			fixed = true
		}
	}
	return fixed
}
