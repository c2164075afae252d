package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

var healthRules = []Rule{
	{
		ID: "health-none", Category: Monitoring, Severity: Medium, Since: "0.1.0",
		Title:     "Program that serves requests and cannot be asked for its health",
		Rationale: "Without a health route a load balancer or orchestrator only sees that the port is open: it sends requests to an instance that cannot answer them, and never replaces it.",
		Remedy:    "Answer /healthz while the process can work at all, and /readyz while it can serve; over gRPC register the standard health service.",
		Example:   "mux.HandleFunc(\"GET /readyz\", func(w http.ResponseWriter, r *http.Request) {\n\tctx, cancel := context.WithTimeout(r.Context(), time.Second)\n\tdefer cancel()\n\tif err := db.PingContext(ctx); err != nil {\n\t\thttp.Error(w, \"database\", http.StatusServiceUnavailable)\n\t}\n})",
		Silent:    "Some route or library of the binary tells its health, fewer than three entry points serve requests, or it serves HTTP and none of its routes waits for another system, so that any of them tells as much.",
		check:     noHealth,
	},
	{
		ID: "health-shallow", Category: Monitoring, Severity: Medium, Since: "0.1.0",
		Title:     "Readiness check that does not ask what the program cannot work without",
		Rationale: "The instance counts as ready while every request to it fails, because what they all wait for is down or not connected yet.",
		Remedy:    "Let the readiness check ask the dependency, with a short timeout; keep the liveness check free of it.",
		Example:   "ctx, cancel := context.WithTimeout(r.Context(), time.Second)\ndefer cancel()\nif err := db.PingContext(ctx); err != nil {\n\thttp.Error(w, \"database\", http.StatusServiceUnavailable)\n\treturn\n}",
		Silent:    "Some check of the binary reaches the dependency, a library answers it, it only stands for liveness, or no request waits for a database or broker of critical weight.",
		check:     shallowHealth,
	},
}

func (v *view) healthOf(pkg string) []*detect.HealthCheck {
	var out []*detect.HealthCheck
	for i := range v.HealthChecks {
		if h := &v.HealthChecks[i]; slices.Contains(h.Packages, pkg) {
			out = append(out, h)
		}
	}
	return out
}

// fewRequests: a program that answers fewer routes is a sample or a helper.
const fewRequests = 3

// alone: what the program answers over HTTP comes out of itself, as files do: any of its
// routes tells its health as well as one made for that.
func alone(b *detect.Serving) bool { return len(b.Waits) == 0 && b.Procedures == 0 }

func noHealth(v *view, report func(hit)) {
	var lack []*detect.Serving
	for i := range v.Serving {
		if b := &v.Serving[i]; b.Requests >= fewRequests && !alone(b) && len(v.healthOf(b.Package)) == 0 {
			lack = append(lack, b)
		}
	}
	if len(lack) > 1 { // one change, in the code or the image that they share, or one task
		var all []Related
		for _, b := range lack {
			all = append(all, Related{b.Position, b.Package})
		}
		report(hit{
			at: lack[0].Position, anchor: v.Repository.Name, related: all, severity: Medium,
			message: fmt.Sprintf("%d programs answer requests and tell nothing of their health: %s", len(lack), someOf(all)),
		})
		return
	}
	for _, b := range lack {
		report(hit{
			at: b.Position, anchor: b.Package, severity: Medium,
			message: fmt.Sprintf("%s answers %s, none of which tells its health", b.Binary, scanners.Count(b.Requests, "route")),
		})
	}
}

func shallowHealth(v *view, report func(hit)) {
	seen := map[string]bool{}
	for i := range v.Serving {
		b := &v.Serving[i]
		checks := v.healthOf(b.Package)
		if len(checks) == 0 || slices.ContainsFunc(checks, func(h *detect.HealthCheck) bool { return !h.Own && h.Readiness }) {
			continue
		}
		waited, asked := map[string]bool{}, map[string]bool{}
		for _, id := range b.Waits {
			waited[id] = true
		}
		var ready *detect.HealthCheck
		for _, h := range checks {
			if h.Readiness && ready == nil {
				ready = h
			}
			for _, id := range h.Reaches {
				asked[v.kind(id)] = true // of several drivers one is in use
			}
		}
		if ready == nil || seen[ready.Position.String()] {
			continue
		}
		if missing := v.vital(waited, asked); len(missing) > 0 {
			seen[ready.Position.String()] = true
			report(hit{
				at: ready.Position, anchor: ready.Name, integration: missing[0], severity: Medium,
				message: fmt.Sprintf("%s of %s does not ask %s, which most requests wait for", ready.Name, b.Binary, v.either(missing)),
			})
		}
	}
}

// either names alternatives.
func (v *view) either(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, v.name(id))
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// vital are the stores and brokers of critical weight among those that requests
// wait for, but for the kinds that a check asks.
func (v *view) vital(waited, asked map[string]bool) []string {
	var out []string
	for i := range v.Integrations {
		in := &v.Integrations[i]
		a := v.risks[in.ID]
		if !waited[in.ID] || asked[in.Kind] || in.Internal || a == nil || a.Criticality != risk.Critical {
			continue
		}
		if in.Kind == "database" || in.Kind == "messaging" || in.Kind == "cache" {
			out = append(out, in.ID)
		}
	}
	return out
}
