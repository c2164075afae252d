package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

var timeoutRules = []Rule{
	{
		ID: "timeout-http-client", Category: Timeouts, Severity: subjectHTTP.severity(), Since: "0.1.0",
		Title:     "Outbound HTTP call without a bound on its time",
		Rationale: "An http.Client without Timeout waits for an answer as long as the other side keeps the connection open. Each hung call holds a goroutine, a connection and the request that waits for it; enough of them take the program down.",
		Remedy:    "Give the http.Client a Timeout, or each request a context with a deadline.",
		Example:   "client := &http.Client{Timeout: 10 * time.Second}",
		Silent:    "The client has a Timeout, every way to the call carries a deadline, or the client comes from outside the repository. Reverse proxies and streams are left alone, and so is what a person waits for who ran a command: who sees it hang ends it.",
		check:     unboundedCalls(subjectHTTP),
	},
	{
		ID: "timeout-http-default-client", Category: Timeouts, Severity: subjectDefaultClient.severity(), Since: "0.1.0",
		Title:     "HTTP call through http.DefaultClient, which has no timeout",
		Rationale: "http.Get, http.Post and http.DefaultClient share one client of the whole process. It has no timeout, and no package can give it one without changing it for all others.",
		Remedy:    "Make a client with a Timeout for this package and call through it.",
		Example: `var client = &http.Client{Timeout: 10 * time.Second}

resp, err := client.Get(url)`,
		Silent: "The request carries a context with a deadline, the program gives http.DefaultClient a timeout, or nothing runs the function (so for all rules on calls).",
		check:  unboundedCalls(subjectDefaultClient),
	},
	{
		ID: "timeout-grpc", Category: Timeouts, Severity: subjectRPC.severity(), Since: "0.1.0",
		Title:     "RPC without a deadline",
		Rationale: "gRPC and Connect clients have no default deadline. Without one a call waits as long as the server does, the server cannot know that nobody waits any more, and its own calls inherit the same endlessness.",
		Remedy:    "Give the call a context with a deadline, or all calls of the connection one by an interceptor or the service config.",
		Example: `ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
defer cancel()
reply, err := client.GetOrder(ctx, request)`,
		Silent: "A deadline reaches the call on every way, an interceptor or the service config sets one, the call opens a stream, or a person waits for it who ran a command.",
		check:  unboundedCalls(subjectRPC),
	},
	{
		ID: "timeout-database", Category: Timeouts, Severity: subjectDatabase.severity(), Since: "0.1.0",
		Title:     "Database operations without a bound on their time",
		Rationale: "A statement that waits for a lock or for a server that went away holds its connection. When all of the pool's connections wait, every request that needs the database waits with them.",
		Remedy:    "Bound statements for the whole connection (statement_timeout, readTimeout), or pass each a context with a deadline.",
		Example: `ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
defer cancel()
rows, err := db.QueryContext(ctx, query)`,
		Silent: "The connection string or the driver bounds statements, or every way to the operations carries a deadline. Embedded databases and migrations are left alone: how long one takes is the data's matter.",
		check:  unboundedCalls(subjectDatabase),
	},
	{
		ID: "timeout-cache", Category: Timeouts, Severity: subjectCache.severity(), Since: "0.1.0",
		Title:     "Cache operations without a bound on their time",
		Rationale: "A cache is there to be faster than what stands behind it. One that hangs and is waited for is slower than none.",
		Remedy:    "Set the client's read and write timeouts, or pass each operation a context with a deadline.",
		Example: `ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
defer cancel()`,
		Silent: "The client library bounds operations by itself, its options do, or every way to them carries a deadline. Subscriptions and blocking reads are left alone.",
		check:  unboundedCalls(subjectCache),
	},
	{
		ID: "timeout-broker", Category: Timeouts, Severity: subjectBroker.severity(), Since: "0.1.0",
		Title:     "Message broker operations without a bound on their time",
		Rationale: "A publisher that waits for a broker's confirmation or for free buffer space waits as long as the broker is away, and the request that publishes waits with it.",
		Remedy:    "Give the publishing context a deadline, or set the client's write timeout.",
		Example: `ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
defer cancel()`,
		Silent: "The client library bounds them by itself, or a deadline reaches them. Consuming waits on purpose.",
		check:  unboundedCalls(subjectBroker),
	},
	{
		ID: "timeout-sdk", Category: Timeouts, Severity: subjectSDK.severity(), Since: "0.1.0",
		Title:     "Calls through an SDK without a bound on their time",
		Rationale: "An SDK is an HTTP or RPC client like any other. Where neither it nor the caller sets a bound, a slow answer holds the goroutine and whatever waits for it.",
		Remedy:    "Give the SDK an HTTP client with a Timeout, set its own timeout option, or pass a context with a deadline.",
		Example: `ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
defer cancel()`,
		Silent: "The SDK bounds its calls by itself, an option does, every way to the calls carries a deadline, or a person waits for it who ran a command.",
		check:  unboundedCalls(subjectSDK),
	},
	{
		ID: "timeout-protocol", Category: Timeouts, Severity: subjectProtocol.severity(), Since: "0.1.0",
		Title:     "SMTP, LDAP, SSH or the like without a bound on its time",
		Rationale: "Clients of the plain TCP protocols read and write without any bound of their own: a server that accepts and then says nothing holds the caller for ever.",
		Remedy:    "Dial with a timeout and set a deadline on the connection, or set the client's timeout.",
		Example: `conn, err := net.DialTimeout("tcp", address, 5*time.Second)
if err != nil {
	return err
}
if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
	return err
}`,
		Silent: "The connection has a deadline, or the client a timeout.",
		check:  unboundedCalls(subjectProtocol),
	},
	{
		ID: "timeout-dial", Category: Timeouts, Severity: subjectDial.severity(), Since: "0.1.0",
		Title:     "Connection dialled without a timeout",
		Rationale: "net.Dial waits as long as the kernel tries, two minutes and more, when packets are dropped; a TLS or WebSocket handshake that the other side never answers waits for ever.",
		Remedy:    "Dial with a timeout or with a context that has a deadline.",
		Example: `dialer := &net.Dialer{Timeout: 5 * time.Second}
conn, err := dialer.DialContext(ctx, "tcp", address)`,
		Silent: "A dialer with a Timeout or a context with a deadline is used, or the socket is a UDP or Unix one.",
		check:  unboundedCalls(subjectDial),
	},
	{
		ID: "timeout-switched-off", Category: Timeouts, Severity: subjectOff.severity(), Since: "0.1.0",
		Title:     "The client library's own timeout is switched off",
		Rationale: "The library would end a hung call by itself. With its bound switched off nothing does.",
		Remedy:    "Leave the library's default, or set a value that fits the slowest operation.",
		Example:   `client := redis.NewClient(&redis.Options{Addr: address, ReadTimeout: 3 * time.Second})`,
		Silent:    "Every way to the calls carries a deadline.",
		check:     unboundedCalls(subjectOff),
	},
	{
		ID: "timeout-startup", Category: Timeouts, Severity: subjectStart.severity(), Since: "0.1.0",
		Title:     "Connecting at start-up without a bound on its time",
		Rationale: "A program that waits for a dependency without end at its start neither serves nor fails: the orchestrator sees a running container, the rollout hangs, and no log says why.",
		Remedy:    "Connect or ping with a context that has a deadline, and end the program with a message when it passes.",
		Example: `ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
defer cancel()
if err := db.PingContext(ctx); err != nil {
	return fmt.Errorf("the database does not answer: %w", err)
}`,
		Silent: "The connecting call has a deadline, or its library bounds it.",
		check:  unboundedCalls(subjectStart),
	},
}

// A subject is what a call without a bound is to the rules of this file; each call
// belongs to one of them at most.
type subject int

const (
	subjectNone subject = iota
	subjectHTTP
	subjectDefaultClient
	subjectRPC
	subjectDatabase
	subjectCache
	subjectBroker
	subjectSDK
	subjectProtocol
	subjectDial
	subjectOff
	subjectStart
)

// severity is that of the subject's rule: a hung request to a peer holds what waits for
// it, and of the others there are few or somebody bounds them from outside.
func (s subject) severity() Severity {
	switch s {
	case subjectHTTP, subjectDefaultClient, subjectRPC, subjectSDK, subjectOff:
		return High
	}
	return Medium
}

// plainProtocols are the systems whose clients ask and wait for an answer on a bare
// connection.
var plainProtocols = []string{"smtp", "ldap", "imap", "pop3", "ftp", "sftp", "ssh", "netconf", "modbus", "snmp", "whois"}

func (v *view) unbounded(s *detect.CallSite) subject {
	if s.Timeout.Verdict != detect.Absent {
		return subjectNone
	}
	return v.needsBound(s)
}

// needsBound is the subject of a call, whether it has a bound or not; none where
// nobody would give it one.
func (v *view) needsBound(s *detect.CallSite) subject {
	kind := v.kind(s.Integration)
	switch {
	case !v.overNetwork(s) || v.passesOn(s):
		return subjectNone
	case s.Action == detect.ActionWait || s.Action == detect.ActionLocal:
		return subjectNone
	case s.Timeout.Off:
		return subjectOff
	case v.byHand(s) && !slices.Contains(stores, kind):
		return subjectNone
	case kind == "database" && migrates(s):
		return subjectNone // how long a migration takes is the data's matter
	case slices.Contains(dialing, packageOf(s)):
		if s.Action == detect.ActionConnect && strings.Contains(s.Call, ".Dial") {
			return subjectDial
		}
		return subjectNone // of a bare connection nobody knows what it is for
	case kind == "network" && !slices.Contains(plainProtocols, s.System):
		return subjectNone
	case s.Action == detect.ActionConnect && s.Phase == detect.PhaseStart:
		return subjectStart
	case s.DefaultClient:
		return subjectDefaultClient
	case packageOf(s) == "net/http" || kind == "http":
		return subjectHTTP
	case slices.Contains(plainProtocols, s.System):
		return subjectProtocol
	case kind == "observability" && s.Action == "":
		return subjectNone // an exporter that works by itself
	}
	return subjectOfKind(kind)
}

// migrates: the call is one of a migration, by its file or its library.
func migrates(s *detect.CallSite) bool {
	return s.Phase != detect.PhaseRequest && migrating(s.File) || migrating(s.Call)
}

func migrating(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "migrat") || strings.Contains(name, "/goose")
}

// dialing are the packages that open bare connections.
var dialing = []string{"net", "crypto/tls", "github.com/gorilla/websocket", "golang.org/x/net/websocket", "golang.org/x/net/proxy", "nhooyr.io/websocket", "github.com/coder/websocket"}

func subjectOfKind(kind string) subject {
	switch kind {
	case "rpc":
		return subjectRPC
	case "database", "search":
		return subjectDatabase
	case "cache":
		return subjectCache
	case "messaging":
		return subjectBroker
	case "":
		return subjectNone
	}
	return subjectSDK
}

// unboundedCalls makes the check of a rule on calls whose time nothing bounds.
func unboundedCalls(mine subject) func(*view, func(hit)) {
	return func(v *view, report func(hit)) {
		if mine != subjectOff && len(v.together()) > 0 {
			return
		}
		for _, c := range v.unboundedCauses()[mine] {
			remedy, code := v.example(c, func(b *catalog.Behaviour) *catalog.Property { return &b.Timeout })
			if remedy == "" && v.heedless(c.sites[0].Call) {
				remedy, code = besideRemedy, cmp.Or(code, besideExample)
			}
			if mine == subjectStart && remedy == "" {
				code = "" // the rule's own shows how to end the program
			}
			report(hit{
				at: c.at, integration: c.sites[0].Integration, integrations: c.integrations(), anchor: c.anchor, phase: c.phase(), related: c.related(),
				message: fmt.Sprintf("%s without a timeout: %s", v.subject(c), c.sites[0].Timeout.Reason),
				remedy:  remedy, example: code,
			})
		}
	}
}
