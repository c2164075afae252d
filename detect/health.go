package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// HealthCheck is a way to ask a program for its health.
type HealthCheck struct {
	scanners.Position
	// Name is the route, or the function of a library that answers.
	Name     string `json:"name"`
	Function string `json:"function,omitempty"`
	// Packages are the main packages that serve it.
	Packages []string `json:"packages"`
	// Readiness: it says whether the program can serve, not only that it runs.
	Readiness bool `json:"readiness"`
	// Own: the repository's own function answers, and all that it asks is seen.
	// Reaches are the integrations that it asks.
	Own     bool     `json:"own"`
	Reaches []string `json:"reaches"`
}

var (
	healthPath  = regexp.MustCompile(`(?i)^_{0,2}(health|healthz|healthcheck|health[-_]?check|ready|readyz|readiness|live|livez|liveness|alive)$`)
	alivePath   = regexp.MustCompile(`(?i)^_{0,2}(live|livez|liveness|alive)$`)
	shortPath   = regexp.MustCompile(`(?i)^/([^/]+/)?_{0,2}(ping|pong|up|heartbeat|status|statusz)$`)
	healthNamed = regexp.MustCompile(`(?i)(health|readiness|liveness|\bping\b|ping\.handler)`)
)

// healthChecks lists the routes and libraries that tell of the program's health.
func (s *served) healthChecks(r *Result) []HealthCheck {
	out := []HealthCheck{}
	reaches := map[scanners.Position][]string{}
	for _, e := range r.EntryPoints {
		for _, in := range e.Reaches {
			reaches[e.Position] = append(reaches[e.Position], in.Integration)
		}
	}
	for i := range s.routes.routes {
		rt := &s.routes.routes[i]
		ok, alive := s.health(rt)
		if !ok || rt.Method != "" && rt.Method != "GET" {
			continue
		}
		h := HealthCheck{Position: rt.Position, Name: rt.Name(), Function: rt.Handler, Readiness: !alive, Reaches: []string{}, Packages: s.runBy(rt.in)}
		if rt.fn != nil {
			h.Own = !s.asksUnseen(rt.fn)
			h.Reaches = append(h.Reaches, reaches[rt.fn.At]...)
		}
		out = append(out, h)
	}
	s.p.eachCall(func(c *gosrc.Call) {
		if s.healthLibrary(c) {
			out = append(out, HealthCheck{Position: c.At, Name: shortSymbol(c.Callee), Packages: s.runBy(c.Fn), Readiness: true, Reaches: []string{}})
		}
	})
	for _, e := range r.EntryPoints {
		// A handler whose route is not known.
		if f := s.p.funcAt(e.Position); f != nil && e.Kind == EntryHTTP && len(s.routes.routed[f]) == 0 && healthNamed.MatchString(e.Name) {
			out = append(out, HealthCheck{Position: e.Position, Name: e.Name, Function: e.Name, Packages: slices.Sorted(slices.Values(s.importers[f.Pkg])), Readiness: true, Reaches: []string{}})
		}
	}
	slices.SortFunc(out, func(a, b HealthCheck) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name)) })
	return out
}

func (s *served) healthLibrary(c *gosrc.Call) bool {
	if !s.healthNames[lastName(c.Callee)] {
		return false
	}
	for _, symbol := range s.p.symbols(c) {
		if fw := s.p.cat.Framework(packageOf(symbol)); fw != nil && catalog.Matches(fw.Health, symbol) {
			return true
		}
	}
	return false
}

// asksUnseen: the check runs functions that are handed to it, or code behind an
// interface, which are not seen.
func (s *served) asksUnseen(f *gosrc.Func) bool {
	below, cut := s.below(f)
	for _, g := range below {
		for _, c := range g.Calls {
			unseen := c.Func != nil && c.Callee == "" && !slices.ContainsFunc(s.p.origins(c.Func), func(o *gosrc.Value) bool {
				return o.Kind == gosrc.Closure || o.Kind == gosrc.FuncRef || o.Kind == gosrc.Result
			})
			if unseen || c.Interface && s.p.declared(c.Callee) && len(s.p.targets(c)) == 0 {
				return true
			}
		}
	}
	return cut
}

// health: a route tells of the program's health, by its path, by what its handler
// calls, or as the root that only says that it is there.
func (s *served) health(rt *Route) (ok, alive bool) {
	if ok, alive = healthRoute(rt); ok || rt.fn == nil {
		return ok, alive
	}
	bare := rt.Path == "/"
	for _, c := range rt.fn.Calls {
		if !strings.HasPrefix(c.Callee, "net/http.ResponseWriter.") {
			bare = false
		}
		for _, f := range s.p.targets(c) {
			if healthNamed.MatchString(lastName(f.Symbol)) && s.p.handlerShaped(f) {
				return true, false
			}
		}
	}
	return bare && len(rt.fn.Calls) > 0, true
}

// healthRoute: a route's path or handler stands for health; alive, if it only says
// that the program runs.
func healthRoute(rt *Route) (ok, alive bool) {
	parts := strings.Split(strings.Trim(rt.Path, "/"), "/")
	last := parts[len(parts)-1]
	switch {
	case healthPath.MatchString(last):
		return true, alivePath.MatchString(last)
	case shortPath.MatchString(rt.Path):
		return true, true
	case len(parts) > 1 && healthPath.MatchString(parts[len(parts)-2]) && !strings.HasPrefix(last, "{"):
		return true, true
	}
	return healthNamed.MatchString(lastName(strings.TrimSuffix(rt.Handler, " literal"))), false
}
