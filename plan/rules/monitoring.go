package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/scanners"
)

var monitoringRules = []Rule{
	{
		ID: "monitoring-client", Category: Monitoring, Severity: Medium, Since: "0.1.0",
		Title:     "Integration whose calls appear in no trace and no metric",
		Rationale: "When it slows down or fails, the program's own traces and metrics show that requests suffer, but not from what.",
		Remedy:    "Instrument the client where it is made, or record a span or a duration around its calls.",
		Example:   "client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}",
		Silent:    "Some call to the integration is recorded, a decorator named for metrics or traces stands in front of it, the repository records no outbound call in a way that is seen (monitoring-none says so where it records nothing), or no request, message or job calls it.",
		check:     unseenIntegrations,
	},
	{
		ID: "monitoring-none", Category: Monitoring, Severity: Medium, Since: "0.1.0",
		Title:     "No outbound call is recorded in a trace or metric",
		Rationale: "Nothing tells an operator which of the systems that the program calls is slow or failing; log lines are read only after somebody complained.",
		Remedy:    "Bring in OpenTelemetry or Prometheus and instrument the clients where they are made, the most critical first.",
		Example:   "client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}",
		Silent:    "Any production code records spans or metrics, or the program calls nothing while it works.",
		check:     nothingRecorded,
	},
	{
		ID: "monitoring-error-dropped", Category: Monitoring, Severity: Medium, Since: "0.1.0",
		Title:     "Error of an outbound call that nobody looks at",
		Rationale: "When the call fails the program goes on as if it had worked: data is lost or stale, and no log, metric or answer says so.",
		Remedy:    "Return the error, or where the call may fail log it and count it.",
		Example:   "if err := publisher.Publish(ctx, event); err != nil {\n\treturn fmt.Errorf(\"publish %s: %w\", event.ID, err)\n}",
		Silent:    "The call changes nothing or cleans up (Close, Rollback, unlock, delete, acknowledge), is deferred or run as a goroutine, writes to a cache or to monitoring, or its error is taken.",
		check:     droppedErrors,
	},
	{
		ID: "monitoring-trace-lost", Category: Monitoring, Severity: Low, Since: "0.1.0",
		Title:     "Trace or request ID that is not carried on to the next service",
		Rationale: "The inbound call has an ID, the outbound one has none: the trace breaks off here, and the other service's logs cannot be matched to the request.",
		Remedy:    "Give the client a transport or interceptor that carries the trace context on.",
		Example:   "client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}",
		Silent:    "Nothing takes up inbound IDs, the client or the code around the call puts one on the request, middleware or a part from outside may do so, or the peer is a product of others.",
		check:     lostTraces,
	},
}

// recordable: a call that operators would look for in traces: of production code,
// while the program works, over a network.
func (v *view) recordable(s *detect.CallSite) bool {
	in := v.integrations[s.Integration]
	sys := v.cat.System(s.System)
	return runs(s) && in != nil && in.Kind != "observability" && in.Kind != "network" && in.Kind != "analytics" && (sys == nil || !sys.Embedded) &&
		(s.Phase == detect.PhaseRequest || s.Phase == detect.PhaseConsume || s.Phase == detect.PhaseJob)
}

func unseenIntegrations(v *view, report func(hit)) {
	seenElsewhere := slices.ContainsFunc(v.CallSites, func(s detect.CallSite) bool {
		return runs(&s) && s.Monitoring.Verdict == detect.Present
	})
	if len(v.Tracing.Records) == 0 || !seenElsewhere {
		return // how this repository records calls is not seen, if it does
	}
	var unseen []*cause
	for _, in := range v.Integrations {
		if a := v.risks[in.ID]; a == nil || a.Criticality.Rank() < risk.Medium.Rank() {
			continue
		}
		var sites []*detect.CallSite
		seen := false
		for i := range v.CallSites {
			s := &v.CallSites[i]
			if s.Integration != in.ID || !runs(s) {
				continue
			}
			seen = seen || s.Monitoring.Verdict != detect.Absent || s.Observed
			if v.recordable(s) {
				sites = append(sites, s)
			}
		}
		if !seen && len(sites) > 0 {
			c := &cause{at: sites[0].Position, sites: sites}
			if i := slices.IndexFunc(sites, func(s *detect.CallSite) bool { return s.Made != nil }); i >= 0 {
				c.at = sites[i].Made.Position
			}
			unseen = append(unseen, c)
		}
	}
	switch len(unseen) {
	case 0:
	case 1:
		report(v.oneUnseen(unseen[0]))
	default:
		report(v.manyUnseen(unseen))
	}
}

// oneUnseen tells how the very client is instrumented.
func (v *view) oneUnseen(c *cause) hit {
	remedy, code := v.example(c, func(b *catalog.Behaviour) *catalog.Property { return &b.Monitoring })
	id := c.sites[0].Integration
	return hit{
		at: c.at, integration: id, anchor: id, phase: c.phase(), related: c.related(),
		message: fmt.Sprintf("%s to %s in no trace or metric, while %s records others", agree(len(c.sites), "the only call", "all "+c.calls()), v.name(id)+agree(len(c.sites), " is", " are"), v.Tracing.Records[0].File),
		remedy:  remedy, example: code,
	}
}

// manyUnseen: where several integrations go unseen the cause is one, that clients are
// not instrumented here. The list begins with the gravest.
func (v *view) manyUnseen(unseen []*cause) hit {
	slices.SortStableFunc(unseen, func(a, b *cause) int { return v.rank(b.main()) - v.rank(a.main()) })
	var names []string
	h := hit{at: unseen[0].at, anchor: AllClients, gravest: unseen[0].sites[0].Integration, phase: unseen[0].phase()}
	for _, c := range unseen {
		id := c.sites[0].Integration
		names = append(names, v.name(id))
		h.integrations = append(h.integrations, id)
		h.related = append(h.related, Related{c.at, c.calls() + " to " + v.name(id)})
	}
	h.message = fmt.Sprintf("calls to %d integrations are in no trace or metric, while %s records others: %s", len(unseen), v.Tracing.Records[0].File, strings.Join(names, ", "))
	return h
}

func nothingRecorded(v *view, report func(hit)) {
	if len(v.Tracing.Records) > 0 {
		return
	}
	var sites []*detect.CallSite
	ids := map[string]bool{}
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if s.Monitoring.Verdict != detect.Absent && runs(s) {
			return
		}
		if v.recordable(s) {
			sites = append(sites, s)
			ids[s.Integration] = true
		}
	}
	if len(sites) == 0 {
		return
	}
	c := &cause{at: sites[0].Position, sites: sites}
	worst := c.related()
	report(hit{
		at: worst[0].Position, anchor: "repository", phase: c.phase(), related: worst, integrations: slices.Collect(maps.Keys(ids)),
		message: fmt.Sprintf("production code makes %s to %s, and records no span or metric anywhere", c.calls(), scanners.Count(len(ids), "integration")),
	})
}

// droppedErrors reports once for a function.
func droppedErrors(v *view, report func(hit)) {
	of := map[string]*cause{}
	var order []string
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if !s.Dropped || !runs(s) || s.Generated || v.mayFail(s) {
			continue
		}
		key := s.Integration + "\x00" + s.Function
		if of[key] == nil {
			of[key] = &cause{at: s.Position, anchor: s.Function}
			order = append(order, key)
		}
		of[key].sites = append(of[key].sites, s)
	}
	for _, key := range order {
		c := of[key]
		what := "the error of " + detect.ShortCall(c.sites[0].Call)
		if len(c.sites) > 1 {
			what = fmt.Sprintf("the errors of %s", c.calls())
		}
		report(hit{
			at: c.at, integration: c.sites[0].Integration, integrations: c.integrations(), anchor: c.anchor, phase: c.phase(), related: c.related(),
			message: fmt.Sprintf("%s%s is dropped", what, v.to(c.sites[0].Integration)),
		})
	}
}

// mayFail: nothing is lost when the call fails. Reads are judged by what is made of
// their result, but for a row that is scanned and not looked at.
func (v *view) mayFail(s *detect.CallSite) bool {
	if k := v.kind(s.Integration); k == "cache" || k == "observability" || k == "network" || k == "analytics" {
		return true
	}
	if sys := v.cat.System(s.System); sys != nil && sys.Embedded {
		return true
	}
	name := s.Call[strings.LastIndexByte(s.Call, '.')+1:]
	return !slices.ContainsFunc([]string{
		"Publish", "Send", "Produce", "Insert", "Create", "Put", "Update", "Upsert", "Replace", "Save", "Exec", "NamedExec", "MustExec", "Post", "Charge", "Enqueue", "Commit",
		"Add", "Store", "Upload", "Emit", "Push", "Notify", "Schedule", "Batch", "Bulk", "QueryRow",
	}, func(p string) bool { return strings.HasPrefix(name, p) })
}

func lostTraces(v *view, report func(hit)) {
	if len(v.Tracing.Accepts) == 0 {
		return
	}
	for _, c := range v.causes(func(s *detect.CallSite) bool {
		return s.Phase == detect.PhaseRequest && s.Made != nil && !s.CarriesID && !s.Generated && v.ownPeer(s)
	}) {
		report(hit{
			at: c.at, integration: c.sites[0].Integration, integrations: c.integrations(), anchor: c.anchor, phase: c.phase(), related: c.related(),
			message: fmt.Sprintf("%s to %s with no trace or request ID, which %s takes up", c.calls(), v.name(c.sites[0].Integration), v.Tracing.Accepts[0].Position.String()),
		})
	}
}

// ownPeer: a service of the same owner is behind the call: one of this repository,
// or any that is called by gRPC. Products of others have no use for the ID.
func (v *view) ownPeer(s *detect.CallSite) bool {
	in := v.integrations[s.Integration]
	return in != nil && (in.Internal || in.System == "grpc")
}
