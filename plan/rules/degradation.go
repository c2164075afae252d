package rules

import (
	"fmt"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/risk"
)

var degradationRules = []Rule{
	{
		ID: "degradation-no-breaker", Category: Degradation, Severity: Medium, Since: "0.1.0",
		Title:     "Requests wait for an external system with neither breaker, bulkhead nor fallback",
		Rationale: "While the other side is slow or away, every request still goes to it and waits for the full timeout. The slowness becomes this program's own, and the other side gets no rest to recover.",
		Remedy:    "Put a circuit breaker around the client, and answer from a cache or with less while it is open.",
		Example: `breaker := gobreaker.NewCircuitBreaker[*Quote](gobreaker.Settings{Name: "quotes"})
quote, err := breaker.Execute(func() (*Quote, error) { return client.Quote(ctx, to) })`,
		Silent: "A breaker, bulkhead or fallback stands around one of its calls, fewer than half of the entry points that serve requests wait for it, it is a database, cache or broker, or it only checks tokens with keys that the client keeps.",
		check:  noBreaker,
	},
	{
		ID: "degradation-unbounded-goroutines", Category: Degradation, Severity: Medium, Since: "0.1.0",
		Title:     "A request starts goroutines without a limit, each of which calls out",
		Rationale: "How many run is decided by whoever sends the request. Each holds memory, a connection and a place in the other side's queue.",
		Remedy:    "Bound them: errgroup.SetLimit, a semaphore, or a pool of workers.",
		Example: `group, ctx := errgroup.WithContext(ctx)
group.SetLimit(8)
for _, id := range ids {
	group.Go(func() error { return fetch(ctx, id) })
}
err := group.Wait()`,
		Silent: "A limit or semaphore bounds them, the number is the program's own, or each request starts one: what keeps that from ending in time is for the rules on timeouts.",
		check:  unboundedGoroutines,
	},
}

// noBreaker reports each external integration that requests wait for once, at the
// client that the most calls go through.
func noBreaker(v *view, report func(hit)) {
	all := v.clients(func(s *detect.CallSite) bool {
		a := v.risks[s.Integration]
		return a != nil && a.Criticality == risk.Critical && !a.Degrades && s.Phase == detect.PhaseRequest &&
			(v.external(s.Integration) || v.kind(s.Integration) == "http" || v.kind(s.Integration) == "rpc") &&
			v.overNetwork(s) && !v.passesOn(s) && !v.checksToken(s) && s.Action != detect.ActionLocal && s.Action != detect.ActionWait
	})
	seen := newGroups()
	for _, c := range all {
		seen.add(c.main(), c)
	}
	for _, c := range seen.list() {
		v.sort(c)
		a := v.risks[c.main()]
		report(hit{
			at: c.at, integration: c.main(), anchor: c.main(), phase: c.phase(), related: c.related(),
			message: fmt.Sprintf("%s while a request waits (%s), with neither breaker, bulkhead nor fallback", v.subject(c), a.Why),
		})
	}
}

// checksToken: the call checks the signature of a token with keys that it keeps, and
// only fetches new ones now and then. Whether a token was revoked it has to ask.
func (v *view) checksToken(s *detect.CallSite) bool {
	name := s.Call[strings.LastIndexByte(s.Call, '.')+1:]
	verifies := strings.HasPrefix(name, "Verify") || strings.HasPrefix(name, "Validate")
	return v.kind(s.Integration) == "auth" && verifies && !strings.Contains(name, "Revoked")
}

func unboundedGoroutines(v *view, report func(hit)) {
	sites := map[string]*detect.CallSite{}
	for i := range v.CallSites {
		sites[v.CallSites[i].Position.String()] = &v.CallSites[i]
	}
	for _, f := range v.Fanouts {
		if !f.Each || f.Limited.Verdict != detect.Absent {
			continue
		}
		c := &cause{at: f.Position, anchor: f.Function}
		for _, at := range f.Calls {
			s := sites[at.String()]
			if s != nil && runs(s) && v.overNetwork(s) && !v.aside(s) && s.Action != detect.ActionLocal && s.Action != detect.ActionWait {
				c.sites = append(c.sites, s)
			}
		}
		if len(c.sites) == 0 {
			continue
		}
		v.sort(c)
		report(hit{
			at: f.Position, integration: c.sites[0].Integration, anchor: f.Function, phase: detect.PhaseRequest, related: c.related(),
			message: fmt.Sprintf("one goroutine for each element makes %s, and nothing bounds how many there are", v.subject(c)),
		})
	}
}
