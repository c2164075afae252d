package sections

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

// block gathers today's values of an integration and recommends what follows from
// the repository's own bounds.
func (f *Facts) block(in *detect.Integration) *Block {
	b := &Block{
		IntegrationType: in.Kind, Endpoint: f.endpoint(in), Authentication: f.blockAuth(in.ID),
		ErrorHandling: BlockError{Timeout: f.timeoutSetting(in), Retries: f.retrySetting(in), Breaker: f.breakerSetting(in)},
	}
	format, _ := f.format(in.ID)
	s := f.signals(in.ID)
	b.Monitoring = BlockWatch{
		ResponseTime: Setting{Today: orNone(s.ResponseTime.Today, "not recorded"), Recommended: orNone(s.ResponseTime.Threshold, "p99 above half of "+b.ErrorHandling.Timeout.Recommended)},
		Alerting:     f.alertSetting(in.ID),
	}
	if slices.Contains(stores, in.Kind) {
		b.Connection = &BlockPool{Type: orNone(in.Protocol, in.Kind), PoolSize: f.poolSetting(in), ConnectTimeout: f.connectSetting(in)}
		b.Migrations = f.migrationStrategy(in)
		b.Transactions = f.transactionHandling(in.ID)
		b.Monitoring.Pool = &Setting{Today: "not recorded", Recommended: "above 80 % of " + b.Connection.PoolSize.Recommended}
		if m := f.metricNamed(in.ID, "pool", "conn"); m != "" {
			b.Monitoring.Pool.Today = m
		}
		if in.Kind == "database" {
			b.Monitoring.Deadlocks = &Setting{Today: orNone(f.metricNamed(in.ID, "deadlock", "lock"), "not recorded"), Recommended: "any"}
		}
		return b
	}
	b.Request, b.Response = format, format
	b.Monitoring.SuccessRate = &Setting{Today: orNone(s.ErrorRate.Today, "not recorded"), Recommended: "below 95 %"}
	if a := f.risks[in.ID]; a != nil && a.Requests > 0 {
		b.Monitoring.SuccessRate.Recommended = "below " + successRate(a.Requests, a.AllRequests)
		b.Monitoring.SuccessRate.Why = waitShare(a.Requests, a.AllRequests)
	}
	return b
}

func successRate(n, all int) string {
	if errorBudget(n, all) == "1 %" {
		return "99 %"
	}
	return "95 %"
}

// endpoint is where the integration is reached, as far as the repository says.
func (f *Facts) endpoint(in *detect.Integration) string {
	if host, ok := strings.CutPrefix(in.ID, "http:"); ok {
		return host
	}
	if len(in.Variables) > 0 {
		return "from " + strings.Join(firstNames(in.Variables, 3), ", ")
	}
	if len(in.Services) > 0 {
		return "compose service " + strings.Join(firstNames(in.Services, 3), ", ")
	}
	return "from configuration"
}

func (f *Facts) blockAuth(id string) BlockAuth {
	for _, a := range f.Security.Authentication {
		if a.Integration == id {
			return BlockAuth{strings.ReplaceAll(a.Method, "_", " "), strings.TrimSpace(strings.ReplaceAll(a.Source, "_", " ") + " " + a.Name), orNone(a.Refresh, "none")}
		}
	}
	return BlockAuth{"none found", "none found", "none"}
}

// customary are the bounds that are usual for a kind where the repository gives no
// hint of its own.
var customary = map[string]time.Duration{
	"database": 5 * time.Second, "cache": time.Second, "search": 5 * time.Second, "messaging": 10 * time.Second, "rpc": 5 * time.Second,
	"storage": 30 * time.Second, "notification": 30 * time.Second, "ai": time.Minute,
}

// timeoutSetting recommends the bound that this integration's other calls have, else
// half of what the server gives a request, else the customary one.
func (f *Facts) timeoutSetting(in *detect.Integration) Setting {
	a := f.risks[in.ID]
	s := Setting{Today: "none"}
	best, at := f.shortestBound(in.ID)
	if best != "" {
		s.Today = best
	}
	if a != nil && a.NoTimeout > 0 && a.NoTimeout < a.Calls {
		s.Today = fmt.Sprintf("%s on %d of %d calls", orNone(best, "set"), a.Calls-a.NoTimeout, a.Calls)
	}
	if a != nil && a.NoTimeout == 0 {
		s.Today = orNone(best, "set, length not known")
		s.Recommended = s.Today
		s.Why = "every call is bounded"
		return s
	}
	if best != "" {
		s.Recommended, s.Why = best, "as at "+at.Place()
		return s
	}
	if w, ok := parseDuration(f.writeBound()); ok && a != nil && a.Synchronous {
		s.Recommended, s.Why = (w / 2).String(), "half of the server's write timeout of "+w.String()
		return s
	}
	d, ok := customary[in.Kind]
	if !ok {
		d = 10 * time.Second
	}
	s.Recommended, s.Why = d.String(), "customary for "+in.Kind+"; nothing in the repository bounds it"
	return s
}

func (f *Facts) retrySetting(in *detect.Integration) Setting {
	s := Setting{Today: "none"}
	reads, tried := 0, 0
	for _, c := range f.sites[in.ID] {
		if c.Action == detect.ActionRead {
			reads++
		}
		if v := c.Retry; v.Verdict == detect.Present || v.Verdict == detect.Default {
			tried++
			if s.Today == "none" {
				s.Today = orNone(v.Value, "yes")
			}
		}
	}
	all := len(f.sites[in.ID])
	switch {
	case tried == all:
		s.Recommended, s.Why = s.Today, "every call is tried again"
	case reads > 0:
		s.Recommended, s.Why = "2, with backoff and jitter, on reads", fmt.Sprintf("%d of %d calls only read", reads, all)
	default:
		s.Recommended, s.Why = "none without an idempotency key", "no call is known to only read"
	}
	return s
}

func (f *Facts) breakerSetting(in *detect.Integration) Setting {
	a := f.risks[in.ID]
	s := Setting{Today: "none", Recommended: "not needed", Why: "no request waits for it"}
	for _, c := range f.sites[in.ID] {
		if c.Breaker.Verdict == detect.Present {
			s.Today = orNone(c.Breaker.Value, c.Breaker.Reason)
		}
	}
	switch {
	case a == nil || !a.Synchronous:
	case slices.Contains(stores, in.Kind):
		s.Why = "without its store a request has nothing to fall back on; the pool's bound sheds load"
	default:
		s.Recommended, s.Why = "opens when half of 20 calls fail, tries again after "+f.timeoutSetting(in).Recommended, waitShare(a.Requests, a.AllRequests)
	}
	return s
}

func (f *Facts) alertSetting(id string) Setting {
	for _, a := range f.Observability.Alerts {
		for _, m := range a.Known {
			for _, metric := range f.Observability.Metrics {
				if metric.Name == m && slices.Contains(metric.Integrations, id) {
					return Setting{Today: a.Name, Recommended: a.Name}
				}
			}
		}
	}
	if m := f.metricNamed(id, ""); m != "" {
		return Setting{Today: "none", Recommended: "on " + m}
	}
	return Setting{Today: "none", Recommended: "once its calls are recorded"}
}

// metricNamed is a metric of the integration whose name has one of the words.
func (f *Facts) metricNamed(id string, words ...string) string {
	for _, m := range f.Observability.Metrics {
		if slices.Contains(m.Integrations, id) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(m.Name, w) }) {
			return m.Name
		}
	}
	return ""
}

// boundOf is a bound as the plan shows it: its value, and else where it is set.
func (f *Facts) boundOf(id, property string) (value, source string) {
	for _, b := range f.Bounds {
		if b.Integration != id || b.Property != property {
			continue
		}
		switch {
		case b.Value != "":
			return b.Value, b.Source
		case value != "" || b.Source == "default":
		case b.Name != "":
			value, source = "from "+b.Name, b.Source
		default:
			value, source = fmt.Sprintf("set at %s:%d", b.File, b.Line), b.Source
		}
	}
	return value, source
}

func (f *Facts) poolSetting(in *detect.Integration) Setting {
	v, source := f.boundOf(in.ID, "pool")
	switch {
	case v == "" || v == "unlimited":
		return Setting{Today: orNone(v, "not set"), Recommended: "the server's connection limit divided by the instances", Why: "an unbounded pool lets one instance take all connections"}
	case source == "default":
		return Setting{Today: v + " (the library's default)", Recommended: v}
	}
	return Setting{Today: v, Recommended: v}
}

func (f *Facts) connectSetting(in *detect.Integration) Setting {
	v, source := f.boundOf(in.ID, "connect")
	switch {
	case v == "" || v == "none":
		return Setting{Today: "none", Recommended: "5s", Why: "a connection that is never answered holds its caller"}
	case source == "default":
		return Setting{Today: v + " (the library's default)", Recommended: v}
	}
	return Setting{Today: v, Recommended: v}
}

func (f *Facts) migrationStrategy(in *detect.Integration) string {
	var parts []string
	for _, m := range f.Data.Migrations {
		if m.Integration == in.ID || m.Integration == "" && in.Kind == "database" {
			parts = append(parts, fmt.Sprintf("%s in %s, %d of %d with a step back", m.Tool, m.Dir, m.Down, m.Count))
		}
	}
	return orNone(strings.Join(firstNames(parts, 3), "; "), "none found")
}

func (f *Facts) transactionHandling(id string) string {
	n := 0
	for _, t := range f.Data.Transactions {
		if t.Integration == id {
			n++
		}
	}
	if n == 0 {
		return "no transaction"
	}
	return scanners.CountAs(n, "place begins a transaction", "places begin transactions")
}
