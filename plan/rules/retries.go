package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

var retryRules = []Rule{
	{
		ID: "retry-missing", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "Reads from an external system are never tried again",
		Rationale: "Answers across the internet get lost: a connection reset, a 503 while the other side deploys. A read can be asked again without harm; without a second attempt each of these becomes an error for whoever waits.",
		Remedy:    "Try reads again two or three times, with growing, random waits and within the caller's deadline.",
		Example: `policy := backoff.WithContext(backoff.WithMaxRetries(backoff.NewExponentialBackOff(), 3), ctx)
err := backoff.Retry(func() error { return fetch(ctx, id) }, policy)`,
		Silent: "Something tries the calls again; the call may change something at the other side; neither a request nor a message waits for it (a job comes round again, who runs a command runs it again, users of a library decide by themselves); a database, cache, broker or own service answers it, whose client replaces lost connections and whose overload retries make worse; or the host is whatever the configuration says, of which it is not known what stands before it.",
		check:  noRetry,
	},
	{
		ID: "retry-without-backoff", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "Retry without a wait between attempts",
		Rationale: "Attempts that follow each other at once hit the same outage: all are used up within milliseconds, and the system that was slow gets a multiple of its load at the worst moment.",
		Remedy:    "Wait between attempts, longer each time, with a random part.",
		Example: `wait := 100 * time.Millisecond << attempt
select {
case <-ctx.Done():
	return ctx.Err()
case <-time.After(wait + rand.N(wait)):
}`,
		Silent: "It waits, or the client inside does between attempts of its own; it makes one more attempt only, or goes on for failures that waiting does not mend (a conflict, a name that is taken).",
		check:  noBackoff,
	},
	{
		ID: "retry-without-jitter", Category: Retries, Severity: Low, Since: "0.1.0",
		Title:     "Retry whose waits are the same for everybody",
		Rationale: "All callers that failed together come back together, and again together after the next wait. The random part is what spreads them.",
		Remedy:    "Add a random part to each wait.",
		Example:   `time.Sleep(wait/2 + rand.N(wait/2))`,
		Silent:    "The waits are random, a function decides them that cannot be read, all of them together are over within a second, or it happens at start-up or in the background, where few wait together.",
		check:     noJitter,
	},
	{
		ID: "retry-unbounded", Category: Retries, Severity: High, Since: "0.1.0",
		Title:     "Retry that only success ends",
		Rationale: "While the other side is away the caller never gets an answer, not even an error. Callers pile up, and at start-up the program neither serves nor fails.",
		Remedy:    "Count the attempts, or give the loop a context with a deadline and leave when it ends.",
		Example: `for attempt := 0; attempt < 5; attempt++ {
	if err = call(ctx); err == nil {
		return nil
	}
	// wait
}
return fmt.Errorf("after 5 attempts: %w", err)`,
		Silent: "A count, a deadline or another result ends it, or it runs in the background, where a connection is meant to be made again for ever.",
		check:  unboundedRetry,
	},
	{
		ID: "retry-ignores-context", Category: Retries, Severity: Low, Since: "0.1.0",
		Title:     "Retry sleeps on after its caller's context has ended",
		Rationale: "The caller has gone or its deadline has passed, and the loop still sleeps and calls, holding its goroutine; at shutdown the program waits for it.",
		Remedy:    "Wait with a select on ctx.Done() and a timer instead of time.Sleep.",
		Example: `select {
case <-ctx.Done():
	return ctx.Err()
case <-time.After(wait):
}`,
		Silent: "The loop asks the context, or its function is given none; neither a request nor a message waits for it; or its attempts and waits are over within ten seconds.",
		check:  ignoresContext,
	},
	{
		ID: "retry-stacked", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "Retries around retries",
		Rationale: "Attempts multiply: three by the client in three by the loop are nine, under a queue that delivers again many more. During an outage that is a flood, and the caller waits for all of them.",
		Remedy:    "Retry at one level: switch the inner retry off, or drop the outer one.",
		Example:   `client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.RetryMaxAttempts = 1 })`,
		Silent:    "Only one level retries, the outer one goes on for certain failures only, a queue is the only one around a client's own retry, or neither a request nor a message waits for the attempts.",
		check:     stacked,
	},
	{
		ID: "retry-exceeds-deadline", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "The attempts do not fit into the caller's deadline",
		Rationale: "When each attempt may take its full bound, the deadline passes before the last one begins: the retry promises attempts that it cannot make.",
		Remedy:    "Bound one attempt at the deadline divided by the number of attempts, less the waits.",
		Example: `attempt, cancel := context.WithTimeout(ctx, total/attempts)
err := call(attempt)
cancel()`,
		Silent: "One of the three numbers is not known.",
		check:  exceedsDeadline,
	},
	{
		ID: "retry-not-idempotent", Category: Retries, Severity: High, Since: "0.1.0",
		Title:     "A request that creates something is tried again without an idempotency key",
		Rationale: "A lost answer does not mean a lost request: the first attempt may have charged the card or sent the message. Trying again does it twice.",
		Remedy:    "Send a key that stays the same over all attempts, if the API knows one; else do not retry after the request has been sent.",
		Example:   `req.Header.Set("Idempotency-Key", orderID)`,
		Silent:    "A key is sent, the client library adds one by itself, or the call goes to a database, cache, broker or search index.",
		check:     notIdempotent,
	},
	{
		ID: "retry-switched-off", Category: Retries, Severity: Medium, Since: "0.1.0",
		Title:     "The client library's own retry is switched off",
		Rationale: "The library would try again what is safe to try again, with waits that its makers chose. With that switched off each lost packet is an error.",
		Remedy:    "Leave the library's default, or set a small number of attempts.",
		Example:   `client := redis.NewClient(&redis.Options{Addr: address, MaxRetries: 3})`,
		Silent:    "Something else tries the calls again, also a queue that brings the message again; or the client is of a kind that has no retry.",
		check:     retrySwitchedOff,
	},
}

// internalKinds are kinds of systems that stand in the same deployment, and whose
// clients replace lost connections by themselves.
var internalKinds = []string{"database", "cache", "messaging", "search", "rpc", "coordination", "network", "observability", "platform", "workflow", "graphql"}

// external: the system belongs to somebody else.
func (v *view) external(id string) bool {
	in := v.integrations[id]
	return in != nil && !in.Internal && len(in.Services) == 0 && id != "http" && !slices.Contains(internalKinds, in.Kind)
}

// exchanges: the call hands in a code that is good once.
func exchanges(s *detect.CallSite) bool {
	name := strings.ToLower(s.Call[strings.LastIndexByte(s.Call, '.')+1:])
	return strings.Contains(name, "oauth") || strings.Contains(name, "exchange")
}

func noRetry(v *view, report func(hit)) {
	causes := v.clients(func(s *detect.CallSite) bool {
		return s.Retry.Verdict == detect.Absent && !s.Retry.Off && s.Action == detect.ActionRead && (s.Phase == detect.PhaseRequest || s.Phase == detect.PhaseConsume) &&
			v.external(s.Integration) && v.overNetwork(s) && !v.passesOn(s) && !exchanges(s)
	})
	for _, c := range v.perModule(causes) {
		remedy, code := v.example(c, func(b *catalog.Behaviour) *catalog.Property { return &b.Retry })
		if c.places > 1 {
			remedy, code = "", "" // one retry around clients of several makers
		}
		report(hit{
			at: c.at, integration: c.main(), integrations: c.integrations(), anchor: c.anchor, phase: c.phase(), related: c.related(),
			message: v.subject(c) + agree(len(c.sites), " only reads, and nothing tries it again when it fails", " only read, and nothing tries them again when one fails"),
			remedy:  remedy, example: code,
		})
	}
}

// retrySwitchedOff reports once for a package. Where a message is handled the queue
// brings it again, and a client that does not is often set so for that.
func retrySwitchedOff(v *view, report func(hit)) {
	at := newGroups()
	for i := range v.CallSites {
		s := &v.CallSites[i]
		if runs(s) && s.Retry.Off && s.Retry.File != "" && s.Phase != detect.PhaseConsume {
			at.add(s.Integration+"\x00"+path.Dir(s.Retry.File), &cause{at: s.Retry.Position, anchor: s.Function, sites: []*detect.CallSite{s}})
		}
	}
	for _, c := range at.list() {
		v.sort(c)
		report(hit{
			at: c.at, integration: c.sites[0].Integration, anchor: c.anchor, phase: c.phase(), related: c.related(),
			message: v.subject(c) + ": the library's own retry is switched off, and nothing else tries them again",
		})
	}
}

// retried is a retry with the call sites below it that go over the network.
type retried struct {
	*detect.Retry
	*cause
}

// retries lists the repository's retries around calls to peers.
func (v *view) retries(pick func(*detect.Retry) bool) []retried {
	sites := map[string]*detect.CallSite{}
	for i := range v.CallSites {
		s := &v.CallSites[i]
		sites[s.Position.String()+s.Call] = s
	}
	var out []retried
	for i := range v.Retries {
		r := &v.Retries[i]
		if !pick(r) {
			continue
		}
		c := &cause{at: r.Position, anchor: r.Function}
		for _, call := range r.Calls {
			s := sites[call.Position.String()+call.Call]
			if s != nil && call.Depth <= 2 && runs(s) && v.overNetwork(s) && s.Action != detect.ActionLocal && !v.aside(s) {
				c.sites = append(c.sites, s)
			}
		}
		if len(c.sites) > 0 {
			v.sort(c)
			out = append(out, retried{r, c})
		}
	}
	return out
}

// aside: logs and metrics are sent beside the work, and are not what is tried again.
func (v *view) aside(s *detect.CallSite) bool {
	return v.kind(s.Integration) == "observability" || s.System == "syslog"
}

func (v *view) reportRetry(r retried, report func(hit), format string, args ...any) {
	report(hit{
		at: r.Retry.Position, integration: r.sites[0].Integration, anchor: r.anchor, phase: r.Phase, related: r.related(),
		message: fmt.Sprintf(format, args...),
	})
}

// attempts names a retry with its number of attempts.
func attempts(r *detect.Retry) string {
	name := "a loop"
	if r.How == detect.RetryLibrary {
		name = detect.ShortCall(r.By)
	}
	if r.Attempts > 0 {
		return fmt.Sprintf("%s of up to %d attempts", name, r.Attempts)
	}
	return name
}

// over is whether the waits between all attempts together are no longer than a limit;
// waits that grow are taken to double.
func over(r *detect.Retry, limit time.Duration) bool {
	wait, err := time.ParseDuration(r.Wait)
	if err != nil || r.Attempts == 0 || r.Attempts > 30 {
		return false
	}
	all := wait * time.Duration(r.Attempts)
	if r.Backoff.Value == "growing" {
		all = wait << r.Attempts
	}
	return all <= limit
}

// The waits that nobody notices, and those that whoever left is not waited for long.
const (
	unnoticed = time.Second
	soonOver  = 10 * time.Second
)

// waitsInside: the client makes attempts of its own, between which it waits.
func waitsInside(s *detect.CallSite) bool {
	return slices.ContainsFunc(s.Layers, func(l detect.Layer) bool { return l.How == detect.RetryClient || l.How == detect.RetryDefault })
}

func noBackoff(v *view, report func(hit)) {
	for _, r := range v.retries(func(r *detect.Retry) bool {
		return r.Backoff.Verdict == detect.Absent && !r.Specific && r.Attempts != 1 && r.Attempts != 2
	}) {
		if !slices.ContainsFunc(r.sites, func(s *detect.CallSite) bool { return !waitsInside(s) }) {
			continue
		}
		v.reportRetry(r, report, "%s tries %s again without a wait", attempts(r.Retry), v.subject(r.cause))
	}
}

func noJitter(v *view, report func(hit)) {
	for _, r := range v.retries(func(r *detect.Retry) bool {
		return r.Backoff.Verdict == detect.Present && r.Jitter.Verdict == detect.Absent && !r.Specific && !over(r, unnoticed)
	}) {
		if p := r.Phase; p == detect.PhaseRequest || p == detect.PhaseConsume {
			v.reportRetry(r, report, "%s tries %s again after waits that are the same for every caller", attempts(r.Retry), v.subject(r.cause))
		}
	}
}

func unboundedRetry(v *view, report func(hit)) {
	for _, r := range v.retries(func(r *detect.Retry) bool { return r.Bounded.Verdict == detect.Absent && !r.Specific }) {
		if p := r.Phase; p == detect.PhaseRequest || p == detect.PhaseConsume || p == detect.PhaseStart {
			v.reportRetry(r, report, "only success ends %s, which tries %s again: it has no count and no deadline", attempts(r.Retry), v.subject(r.cause))
		}
	}
}

func ignoresContext(v *view, report func(hit)) {
	for _, r := range v.retries(func(r *detect.Retry) bool {
		return r.Context.Verdict == detect.Absent && (r.Phase == detect.PhaseRequest || r.Phase == detect.PhaseConsume) && !over(r, soonOver)
	}) {
		wait := ""
		if r.Wait != "" {
			wait = " " + r.Wait
		}
		v.reportRetry(r, report, "%s around %s sleeps%s between attempts and never looks at its context", attempts(r.Retry), v.subject(r.cause), wait)
	}
}
