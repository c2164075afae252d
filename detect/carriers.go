package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// carriers are words of the protocols that HTTP may carry, by the client or for it.
var carriers = []string{"HTTP", "WebSocket", "gRPC", "Thrift", "Hrana", "Server-Sent", "Influx", "ClickHouse", "S3", "WebDAV", "ACME", "SAML", "OpenID", "SOAP"}

// ownWire are the kinds of systems whose protocols, where HTTP does not carry them, go
// over connections that no HTTP client has a hand in.
var ownWire = []string{"database", "cache", "messaging", "coordination", "notification", "auth", "network"}

// overHTTP: an HTTP client may lie below the call. What a client of a database was
// handed of one, to fetch a token or to load its rows, bounds and shows no query.
func (p *program) overHTTP(s *site) bool {
	sys := p.cat.System(s.system)
	switch {
	case sys == nil || s.sdk != nil && s.sdk.Name != "database-sql":
		return true // the services of a cloud are set up through its API, whatever they speak
	case sys.Embedded:
		return false
	}
	return !slices.Contains(ownWire, sys.Kind) || slices.ContainsFunc(carriers, func(word string) bool { return strings.Contains(sys.Protocol, word) })
}

// ofHTTP: what the symbol names is done to an HTTP client or transport.
func ofHTTP(symbol string) bool {
	lower := strings.ToLower(symbol)
	return strings.Contains(lower, "http") || strings.Contains(lower, "roundtrip")
}

// isContent: an argument for a parameter that takes anything is what a call carries, a
// row, a key, a body, and says nothing of the client: tx.NewInsert().Model(&rows).
// Contexts and the containers of package sync are what carries.
func isContent(c *gosrc.Call, i int) bool {
	if pkg := packageOf(c.Callee); pkg == "context" || pkg == "sync" || pkg == "sync/atomic" {
		return false
	}
	if c.Variadic {
		i = min(i, len(c.Params)-1)
	}
	return i >= 0 && i < len(c.Params) && c.Params[i] == "any"
}
