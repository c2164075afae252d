package rules

import (
	"fmt"
	"net"
	"strings"

	"github.com/intscan/intscan/detect"
)

var serverRules = []Rule{
	{
		ID: "timeout-http-server", Category: Timeouts, Severity: Medium, Since: "0.1.0",
		Title:     "HTTP server without a bound on reading a request's header",
		Rationale: "A client that opens connections and sends their headers a byte at a time holds each of them for ever. A few thousand use up the server's file descriptors, and nobody else gets in.",
		Remedy:    "Serve with an http.Server that has ReadHeaderTimeout, or ReadTimeout, which bounds the header too; IdleTimeout ends idle connections.",
		Example: `server := &http.Server{
	Addr:              address,
	Handler:           handler,
	ReadHeaderTimeout: 5 * time.Second,
	IdleTimeout:       2 * time.Minute,
}`,
		Silent: "The server has ReadHeaderTimeout or ReadTimeout, listens on the machine itself only, or comes from outside the repository.",
		check:  slowClients,
	},
}

// slowClients reports each server once, where it is filled in.
func slowClients(v *view, report func(hit)) {
	seen := map[string]bool{}
	for _, s := range v.Servers {
		if s.ReadHeaderTimeout.Verdict != detect.Absent || loopback(s.Address) || seen[s.Made.Position.String()] {
			continue
		}
		seen[s.Made.Position.String()] = true
		what := s.Made.What
		if s.Address != "" && !strings.Contains(s.Address, "%") {
			what += " on " + s.Address
		}
		report(hit{
			at: s.Made.Position, anchor: s.Function, phase: detect.PhaseRequest,
			message: fmt.Sprintf("%s: neither ReadHeaderTimeout nor ReadTimeout is set", what),
			related: []Related{{Position: s.Position, What: detect.ShortCall(s.Call)}},
		})
	}
}

// loopback: only programs on the same machine reach the address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
