// Package risk weighs integrations: how much hangs on each (criticality), and how
// likely it is to take that down (risk). Both follow from counted facts by the
// formulas written here, and each answer says which facts decided.
//
// What is missing at one place and how to mend it are package rules' subject.
package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

// Level is a degree of criticality, risk or complexity.
type Level string

// The levels, the gravest first. Risk and complexity have no Critical.
const (
	Critical Level = "critical"
	High     Level = "high"
	Medium   Level = "medium"
	Low      Level = "low"
)

// Rank orders levels: 4 for Critical, 1 for Low, 0 for anything else.
func (l Level) Rank() int {
	switch l {
	case Critical:
		return 4
	case High:
		return 3
	case Medium:
		return 2
	case Low:
		return 1
	}
	return 0
}

// Assessment is what hangs on one integration and what it lacks.
type Assessment struct {
	Integration string `json:"integration"`
	Criticality Level  `json:"criticality"`
	// Why says in one line which facts decided the criticality.
	Why string `json:"why"`
	// Requests of AllRequests entry points that serve requests reach it, and
	// Binaries of AllBinaries production binaries.
	Requests    int `json:"requests"`
	AllRequests int `json:"all_requests"`
	Binaries    int `json:"binaries"`
	AllBinaries int `json:"all_binaries"`
	// Synchronous: some request waits for its answer.
	Synchronous bool `json:"synchronous"`
	// Calls counts its call sites in production code, the next ones those that
	// lack a protection.
	Calls        int `json:"calls"`
	NoTimeout    int `json:"no_timeout"`
	NoRetry      int `json:"no_retry"`
	NoMonitoring int `json:"no_monitoring"`
	// Degrades: a breaker, bulkhead or fallback stands around some call.
	Degrades bool   `json:"degrades"`
	Risk     Level  `json:"risk"`
	RiskWhy  string `json:"risk_why"`
}

// Given is a criticality that people set; Why says where.
type Given struct {
	Criticality Level
	Why         string
}

// Assess weighs every integration that production code or deployment names, in
// the order of the report. What is given, by integration, holds whatever the code
// says; given may be nil.
func Assess(r *detect.Result, given map[string]Given) []Assessment {
	out := []Assessment{}
	requests := requestPoints(r)
	binaries := productionBinaries(r)
	for i := range r.Integrations {
		in := &r.Integrations[i]
		if in.Scope == detect.ScopeDevelopment {
			continue
		}
		a := Assessment{Integration: in.ID, AllRequests: requests, AllBinaries: binaries, Binaries: len(in.Binaries)}
		a.count(r)
		a.weigh(in)
		if g, ok := given[in.ID]; ok {
			a.Criticality, a.Why = g.Criticality, g.Why
		}
		a.threaten()
		out = append(out, a)
	}
	return out
}

func requestPoints(r *detect.Result) (n int) {
	for _, e := range r.EntryPoints {
		if e.Kind == detect.EntryHTTP || e.Kind == detect.EntryGRPC {
			n++
		}
	}
	return n
}

func productionBinaries(r *detect.Result) (n int) {
	for _, b := range r.Repository.Binaries {
		if b.Scope == detect.ScopeRuntime {
			n++
		}
	}
	return n
}

func (a *Assessment) count(r *detect.Result) {
	for _, e := range r.EntryPoints {
		for _, reach := range e.Reaches {
			if reach.Integration == a.Integration && !reach.Async && (e.Kind == detect.EntryHTTP || e.Kind == detect.EntryGRPC) {
				a.Requests++
			}
		}
	}
	for _, s := range r.CallSites {
		if s.Integration != a.Integration || s.Scope != detect.ScopeRuntime {
			continue
		}
		a.Calls++
		a.Synchronous = a.Synchronous || s.Phase == detect.PhaseRequest
		for _, missing := range []struct {
			v detect.Verdict
			n *int
		}{{s.Timeout, &a.NoTimeout}, {s.Retry, &a.NoRetry}, {s.Monitoring, &a.NoMonitoring}} {
			if missing.v.Verdict == detect.Absent {
				*missing.n++
			}
		}
		for _, v := range []detect.Verdict{s.Breaker, s.Bulkhead, s.Fallback} {
			a.Degrades = a.Degrades || v.Verdict == detect.Present
		}
	}
}

// weigh decides the criticality:
//
//	critical  at least half of the entry points that serve requests wait for it
//	high      at least a tenth of them do, or any does and it holds the data, the
//	          identity or the money (database, auth, payment)
//	medium    some request waits for it, or at least half of the binaries reach it
//	low       only jobs, start-up or deployment name it; also every observability
//	          system that no request waits for
func (a *Assessment) weigh(in *detect.Integration) {
	share := 0.0
	if a.AllRequests > 0 {
		share = float64(a.Requests) / float64(a.AllRequests)
	}
	vital := in.Kind == "database" || in.Kind == "auth" || in.Kind == "payment"
	switch {
	case in.Direction == catalog.Inbound:
		a.Criticality = Low
		a.Why = "it calls this repository; nothing here waits for it"
		return
	case in.Kind == "observability" && a.Requests == 0:
		a.Criticality = Low
	case share >= 0.5:
		a.Criticality = Critical
	case share >= 0.1 || a.Requests > 0 && vital:
		a.Criticality = High
	case a.Requests > 0 || a.AllBinaries > 0 && 2*a.Binaries >= a.AllBinaries && a.Calls > 0:
		a.Criticality = Medium
	default:
		a.Criticality = Low
	}
	var why []string
	switch {
	case a.Requests > 0:
		why = append(why, fmt.Sprintf("%d of %s for it", a.Requests, waits(a.AllRequests)))
	case a.Calls > 0:
		why = append(why, "no request waits for it")
	default:
		why = append(why, "no call to it was found in the code")
	}
	if a.AllBinaries > 1 && a.Binaries > 0 {
		why = append(why, fmt.Sprintf("%d of %d binaries reach it", a.Binaries, a.AllBinaries))
	}
	if a.Requests > 0 && vital {
		why = append(why, "kind "+in.Kind)
	}
	a.Why = strings.Join(why, "; ")
}

func waits(n int) string {
	if n == 1 {
		return "1 entry point waits"
	}
	return fmt.Sprintf("%d entry points wait", n)
}

// threaten decides the risk: the weight of the criticality (4 for critical, 1 for
// low) times the points of what is missing (3 for calls without a bound, 1 for
// calls that nothing repeats, 1 for calls that nothing records, 1 for a request
// that waits with no breaker, bulkhead or fallback). High from 12, medium from 5.
func (a *Assessment) threaten() {
	points := 0
	var why []string
	for _, m := range []struct {
		n, weight int
		what      string
	}{{a.NoTimeout, 3, "no timeout"}, {a.NoRetry, 1, "no retry"}, {a.NoMonitoring, 1, "no monitoring"}} {
		if m.n > 0 {
			points += m.weight
			why = append(why, fmt.Sprintf("%d of %d calls have %s", m.n, a.Calls, m.what))
		}
	}
	if a.Synchronous && !a.Degrades {
		points++
		why = append(why, "nothing breaks off or falls back when it fails")
	}
	switch score := points * a.Criticality.Rank(); {
	case score >= 12:
		a.Risk = High
	case score >= 5:
		a.Risk = Medium
	default:
		a.Risk = Low
	}
	if len(why) == 0 {
		why = append(why, "nothing is missing that intscan looks for")
		if a.Calls == 0 {
			why[0] = "no call to judge"
		}
	}
	a.RiskWhy = strings.Join(why, "; ")
}

// Worst orders assessments, the gravest risk first, then the most critical.
func Worst(all []Assessment) []Assessment {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b Assessment) int {
		return cmp.Or(cmp.Compare(b.Risk.Rank(), a.Risk.Rank()), cmp.Compare(b.Criticality.Rank(), a.Criticality.Rank()),
			cmp.Compare(a.Integration, b.Integration))
	})
	return out
}
