package rules

import (
	"fmt"
	"net"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
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

// slowClients reports the servers of a package once, where the first is filled in.
func slowClients(v *view, report func(hit)) {
	of := map[string][]*detect.Server{}
	seen := map[string]bool{}
	for i := range v.Servers {
		s := &v.Servers[i]
		if s.ReadHeaderTimeout.Verdict != detect.Absent || loopback(s.Address) || seen[s.Made.Position.String()] {
			continue
		}
		seen[s.Made.Position.String()] = true
		dir := path.Dir(s.Made.File)
		of[dir] = append(of[dir], s)
	}
	for _, dir := range sortedKeys(of) {
		servers := of[dir]
		slices.SortStableFunc(servers, func(a, b *detect.Server) int { return a.Made.Position.Compare(b.Made.Position) })
		first := servers[0]
		h := hit{at: first.Made.Position, anchor: first.Function, phase: detect.PhaseRequest}
		var names []string
		for _, s := range servers {
			if name := serverName(s); !slices.Contains(names, name) {
				names = append(names, name)
			}
			if len(servers) > 1 {
				h.related = append(h.related, Related{s.Made.Position, s.Made.What})
			}
			h.related = append(h.related, Related{s.Position, detect.ShortCall(s.Call)})
		}
		h.message = strings.Join(names, ", ") + ": neither ReadHeaderTimeout nor ReadTimeout is set"
		pkg, _ := catalog.SplitSymbol(first.Call)
		if fw := v.cat.Framework(pkg); fw != nil {
			h.remedy, h.example = fw.Header.Remedy, fw.Header.Example
		}
		if n := len(servers); n > 1 {
			h.message = fmt.Sprintf("%s of %s (%s): neither ReadHeaderTimeout nor ReadTimeout is set", scanners.Count(n, "server"), dir, strings.Join(names, ", "))
			h.anchor = dir
		}
		report(h)
	}
}

func serverName(s *detect.Server) string {
	if s.Address == "" || strings.Contains(s.Address, "%") {
		return s.Made.What
	}
	return s.Made.What + " on " + s.Address
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
