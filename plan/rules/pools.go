package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
)

var poolRules = []Rule{
	{
		ID: "pool-database-unbounded", Category: Pools, Severity: Medium, Since: "0.1.0",
		Title:     "Database pool without a bound on its connections or their age",
		Rationale: "database/sql opens as many connections as there are calls at once: a burst of requests takes all that the server allows, for this program and every other. Without a lifetime, connections outlive a failover or a change of DNS and keep talking to the old server.",
		Remedy:    "Set SetMaxOpenConns to this program's share of what the server allows, and SetConnMaxLifetime to some minutes.",
		Example:   "db.SetMaxOpenConns(25)\ndb.SetMaxIdleConns(25)\ndb.SetConnMaxLifetime(5 * time.Minute)",
		Silent:    "Both are set on the pool, or on one that could not be told from it; the pool is pgxpool's, which bounds itself; the database lives in the process; or the pool serves a migration or the start of the program only.",
		check:     unboundedPools,
	},
	{
		ID: "pool-client-per-request", Category: Pools, Severity: High, Since: "0.1.0",
		Title:     "Client with connections of its own made for each request",
		Rationale: "Each request pays for connecting anew, nothing is reused, and under load the program or its peer runs out of sockets.",
		Remedy:    "Make the client once, when the program starts, and hand it to what uses it.",
		Example:   "type Server struct{ db *sql.DB }\n\nfunc NewServer(db *sql.DB) *Server { return &Server{db: db} }",
		Silent:    "The client is kept in a field, a package variable or a container; it is an http.Client that shares the transport of net/http; or who makes it is not seen.",
		check:     remadeClients,
	},
	{
		ID: "pool-body-not-closed", Category: Pools, Severity: High, Since: "0.1.0",
		Title:     "Body of an HTTP response that nobody closes",
		Rationale: "Until its body is closed, a response holds its connection. Each such call leaks one, and the two goroutines that serve it, until the program has no file descriptors left.",
		Remedy:    "Close the body as soon as the error is checked, also where nothing of it is read.",
		Example:   "resp, err := client.Do(req)\nif err != nil {\n\treturn err\n}\ndefer resp.Body.Close()",
		Silent:    "The body is closed, or the response or its body leaves the function: returned, stored or handed to another function.",
		check:     openBodies,
	},
	{
		ID: "pool-transport-idle", Category: Pools, Severity: Medium, Since: "0.1.0",
		Title:     "HTTP transport that keeps two idle connections while many calls run at once",
		Rationale: "An http.Transport without MaxIdleConnsPerHost keeps two idle connections a host. Of calls made side by side all but two then connect anew, with a TLS handshake each, and leave sockets behind in TIME_WAIT.",
		Remedy:    "Set MaxIdleConnsPerHost to the number of calls that run at once, and MaxConnsPerHost to bound them.",
		Example:   "transport := http.DefaultTransport.(*http.Transport).Clone()\ntransport.MaxIdleConnsPerHost = 20",
		Silent:    "The transport sets MaxIdleConnsPerHost or MaxConnsPerHost, keeps no connections at all or speaks HTTP/2, or no loop starts the calls side by side.",
		check:     narrowTransports,
	},
}

func unboundedPools(v *view, report func(hit)) {
	for _, p := range v.SQLPools {
		var lacks, gets []string
		if p.MaxOpen.Verdict == detect.Absent {
			lacks, gets = append(lacks, "no bound on open connections"), append(gets, "SetMaxOpenConns")
		}
		if p.Lifetime.Verdict == detect.Absent {
			lacks, gets = append(lacks, "no bound on their age"), append(gets, "SetConnMaxLifetime")
		}
		if len(lacks) == 0 || v.once(p) {
			continue
		}
		h := hit{
			at: p.Position, integration: p.Integration, anchor: p.Function, phase: v.gravestPhase(p.Integration),
			message: fmt.Sprintf("the pool that %s opens%s has %s", detect.ShortCall(p.Call), v.to(p.Integration), strings.Join(lacks, " and ")),
			remedy:  "Call " + strings.Join(gets, " and ") + " on the pool where it is opened.",
		}
		if p.MaxOpen.Verdict != detect.Absent {
			h.severity = Low
		}
		report(h)
	}
}

// once: the pool is for a migration, or all that is seen to go through it is done
// when the program starts: one connection after the other.
func (v *view) once(p detect.SQLPool) bool {
	if migrating(p.File) || migrating(p.Call) {
		return true
	}
	through, working := false, false
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if runs(s) && s.Made != nil && s.Made.Position == p.Position {
			through = true
			working = working || s.Phase != detect.PhaseStart
		}
	}
	return through && !working
}

// to completes a sentence with the integration, where it is known.
func (v *view) to(id string) string {
	if id == "" {
		return ""
	}
	return " to " + v.name(id)
}

// gravestPhase is that of an integration's calls in production code.
func (v *view) gravestPhase(id string) detect.Phase {
	best := detect.PhaseLibrary
	for i := range v.CallSites {
		if s := &v.CallSites[i]; s.Integration == id && runs(s) && detect.Graver(s.Phase, best) {
			best = s.Phase
		}
	}
	return best
}

// remadeClients reports each client; of more than maxClients in a module all at once,
// as where they are made is then the module's habit.
func remadeClients(v *view, report func(hit)) {
	modules := map[string][]*detect.Remade{}
	for i := range v.RemadeClients {
		r := &v.RemadeClients[i]
		modules[v.module(r.Position)] = append(modules[v.module(r.Position)], r)
	}
	for _, module := range sortedKeys(modules) {
		list := modules[module]
		if len(list) > maxClients {
			report(v.remadeTogether(module, list))
			continue
		}
		for _, r := range list {
			report(hit{
				at: r.Position, integration: r.Integration, anchor: r.Function, phase: r.Phase,
				message: fmt.Sprintf("%s makes a client%s anew for each %s that comes in, and does not keep it", detect.ShortCall(r.Call), v.to(r.Integration), waitsFor(r)),
				related: []Related{{r.Entry.Position, "begins the work"}},
			})
		}
	}
}

func (v *view) remadeTogether(module string, list []*detect.Remade) hit {
	slices.SortStableFunc(list, func(a, b *detect.Remade) int {
		return cmp.Or(v.rank(b.Integration)-v.rank(a.Integration), a.Position.Compare(b.Position))
	})
	h := hit{at: list[0].Position, anchor: WholeModule + module, gravest: list[0].Integration, phase: list[0].Phase}
	for _, r := range list {
		if r.Integration != "" {
			h.integrations = append(h.integrations, r.Integration)
		}
		if detect.Graver(r.Phase, h.phase) {
			h.phase = r.Phase
		}
		h.related = append(h.related, Related{r.Position, detect.ShortCall(r.Call) + v.to(r.Integration) + " for each " + waitsFor(r)})
	}
	h.message = fmt.Sprintf("clients are made anew at %d places for each request or message that comes in, and not kept: %s", len(list), someOf(h.related))
	return h
}

// waitsFor is what comes in and has the client made.
func waitsFor(r *detect.Remade) string {
	if r.Phase == detect.PhaseConsume {
		return "message"
	}
	return "request"
}

// openBodies reports once for a function.
func openBodies(v *view, report func(hit)) {
	of := map[string][]detect.OpenBody{}
	var order []string
	for _, b := range v.OpenBodies {
		if of[b.Function] == nil {
			order = append(order, b.Function)
		}
		of[b.Function] = append(of[b.Function], b)
	}
	for _, fn := range order {
		bodies := of[fn]
		first := bodies[0]
		h := hit{
			at: first.Position, integration: first.Integration, anchor: fn, phase: v.phaseAt(bodies),
			message: fmt.Sprintf("the response of %s%s stays in the function, and its body is not closed", first.Call, v.to(first.Integration)),
		}
		if len(bodies) > 1 {
			h.message = fmt.Sprintf("the bodies of %d responses%s stay in the function and are not closed", len(bodies), v.to(first.Integration))
		}
		for _, b := range bodies {
			h.related = append(h.related, Related{b.Position, b.Call})
		}
		report(h)
	}
}

func (v *view) phaseAt(bodies []detect.OpenBody) detect.Phase {
	var best detect.Phase
	for i := range v.CallSites {
		for _, b := range bodies {
			if s := &v.CallSites[i]; s.Position == b.Position && (best == "" || detect.Graver(s.Phase, best)) {
				best = s.Phase
			}
		}
	}
	return best
}

func narrowTransports(v *view, report func(hit)) {
	for _, t := range v.NarrowTransports {
		h := hit{
			at: t.Position, integration: t.Integration, anchor: t.FanOut.What, phase: v.gravestPhase(t.Integration),
			message: fmt.Sprintf("the transport keeps two idle connections a host, and a loop in %s starts calls%s side by side", t.FanOut.What, v.to(t.Integration)),
			related: []Related{{t.FanOut.Position, "starts the calls"}},
		}
		for _, c := range t.Calls {
			h.related = append(h.related, Related{c.Position, c.What})
		}
		report(h)
	}
}
