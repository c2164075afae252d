package rules

import (
	"fmt"
	"slices"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

var timeoutRules = []Rule{
	{
		ID: "timeout-http-client", Category: Timeouts, Severity: High, Since: "0.1.0",
		Title:     "Outbound HTTP call without a bound on its time",
		Rationale: "An http.Client without Timeout waits for an answer as long as the other side keeps the connection open. Each hung call holds a goroutine, a connection and the request that waits for it; enough of them take the program down.",
		Remedy:    "Give the http.Client a Timeout, or each request a context with a deadline.",
		Example:   "client := &http.Client{Timeout: 10 * time.Second}",
		Silent:    "The client has a Timeout, every way to the call carries a deadline, or the client comes from outside the repository.",
		check:     unboundedCalls(func(s *detect.CallSite, kind string) bool { return isHTTP(s) }),
	},
}

// isHTTP: the call goes through net/http itself, not through a product's client.
func isHTTP(s *detect.CallSite) bool {
	pkg, _ := catalog.SplitSymbol(s.Call)
	return pkg == "net/http"
}

// unboundedCalls makes the check of a rule on calls whose time nothing bounds.
func unboundedCalls(mine func(s *detect.CallSite, kind string) bool) func(*view, func(hit)) {
	return func(v *view, report func(hit)) {
		causes := v.causes(func(s *detect.CallSite) bool {
			return s.Timeout.Verdict == detect.Absent && mine(s, v.kind(s.Integration))
		})
		for _, c := range causes {
			remedy, code := v.example(c, func(b *catalog.Behaviour) *catalog.Property { return &b.Timeout })
			report(hit{
				at: c.at, integration: c.sites[0].Integration, anchor: c.anchor, phase: c.phase(), related: c.related(),
				message: fmt.Sprintf("%s to %s without a timeout: %s", c.calls(), v.name(c.sites[0].Integration), c.sites[0].Timeout.Reason),
				remedy:  remedy, example: code,
			})
		}
	}
}

func (v *view) kind(id string) string {
	if in := v.integrations[id]; in != nil {
		return in.Kind
	}
	return ""
}

var retryRules = []Rule{}

var _ = slices.Index[[]int]
