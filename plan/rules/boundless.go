package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

const boundless = "timeout-none"

// Where fewer than one in rarelyBounded calls that need a bound have one, and more
// than maxClients changes would be needed, the cause is one: this code does not bound
// calls.
const rarelyBounded = 20

// boundlessRules stand before those on single clients, which are silent where it fires.
var boundlessRules = []Rule{
	{
		ID: boundless, Category: Timeouts, Severity: High, Since: "0.1.0",
		Title:     "Outbound calls are not bounded in time, anywhere",
		Rationale: "Whatever the code calls, it waits for as long as the other side holds the connection. One dependency that hangs is enough: requests pile up behind it until the program has no connections or memory left, and those that do not need it fail as well.",
		Remedy:    "Put a deadline on the context where work comes in (a middleware, a server interceptor, the start of a job) and pass it down to every call; give each client a timeout of its own where it is made, the first of the list first.",
		Example: `func deadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}`,
		Silent: "One call in twenty or more has a bound that the code sets, or three changes or fewer would give all of them one: then the other rules of this kind name each client.",
		check:  nothingBounded,
	},
}

// unboundedCauses are, by subject, what the rules on calls without a bound report.
func (v *view) unboundedCauses() map[subject][]*cause {
	if v.unboundedMemo == nil {
		v.unboundedMemo = map[subject][]*cause{}
		for mine := subjectNone + 1; mine <= subjectStart; mine++ {
			v.unboundedMemo[mine] = v.clients(func(s *detect.CallSite) bool { return v.unbounded(s) == mine })
		}
	}
	return v.unboundedMemo
}

// together are the causes that timeout-none reports as one, the gravest first; none
// where the rules on single clients report them. A timeout that the code switches off
// is a decision of its own.
func (v *view) together() []*cause {
	if !v.runs(boundless) {
		return nil
	}
	var out []*cause
	calls := 0
	for mine := subjectNone + 1; mine <= subjectStart; mine++ {
		if mine == subjectOff {
			continue
		}
		for _, c := range v.unboundedCauses()[mine] {
			out = append(out, c)
			calls += len(c.sites)
		}
	}
	bounded := 0
	for i := range v.CallSites {
		if s := &v.CallSites[i]; runs(s) && s.Timeout.Verdict == detect.Present && v.needsBound(s) != subjectNone {
			bounded++
		}
	}
	if len(out) <= maxClients || rarelyBounded*bounded >= bounded+calls {
		return nil
	}
	slices.SortStableFunc(out, func(a, b *cause) int {
		return cmp.Or(v.gravity(a).Rank()-v.gravity(b).Rank(), len(b.sites)-len(a.sites))
	})
	return out
}

func nothingBounded(v *view, report func(hit)) {
	all := v.together()
	if len(all) == 0 {
		return
	}
	calls := 0
	h := hit{at: all[0].at, gravest: all[0].main(), anchor: AllCalls, phase: all[0].phase(), base: v.needsBound(all[0].sites[0]).severity()}
	for _, c := range all {
		calls += len(c.sites)
		h.related = append(h.related, Related{c.at, v.subject(c) + ": " + c.sites[0].Timeout.Reason})
		h.integrations = append(h.integrations, c.integrations()...)
	}
	var parts []string
	for _, c := range byPeer(all) {
		parts = append(parts, v.subject(c))
	}
	h.message = fmt.Sprintf("%s without a timeout, and hardly a call of the repository has one: %s", scanners.Count(calls, "call"), strings.Join(shortened(parts, 6), "; "))
	report(h)
}

// byPeer joins the clients of one integration, for a sentence.
func byPeer(all []*cause) []*cause {
	var out []*cause
	at := map[string]int{}
	for _, c := range all {
		if i, ok := at[c.main()]; ok {
			out[i] = &cause{sites: slices.Concat(out[i].sites, c.sites)}
			continue
		}
		at[c.main()] = len(out)
		out = append(out, c)
	}
	return out
}

// gravity is how grave a finding on calls without a bound alone would be.
func (v *view) gravity(c *cause) Severity {
	s, _ := v.severity(&Rule{Severity: v.needsBound(c.sites[0]).severity()}, hit{integration: c.main(), phase: c.phase()})
	return s
}

// shortened lists the first n and says how many others there are.
func shortened(all []string, n int) []string {
	if more := len(all) - n; more > 0 {
		return append(slices.Clone(all[:n]), scanners.CountAs(more, "other", "others"))
	}
	return all
}
