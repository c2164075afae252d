package render_test

import (
	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

func pos(file string, line int) scanners.Position { return scanners.Position{File: file, Line: line} }

func proof(source scanners.Source, file string, line int, detail string) detect.Evidence {
	return detect.Evidence{Source: source, Position: pos(file, line), Detail: detail}
}

func verdict(s detect.State, value, reason string, at scanners.Position) detect.Verdict {
	return detect.Verdict{Verdict: s, Value: value, Reason: reason, Position: at}
}

// richReport is written by hand and has something in every field, so that a
// change in what scanners and detection find never touches the golden files.
func richReport() *plan.Report {
	return &plan.Report{
		Schema: plan.Schema,
		Result: detect.Result{Repository: detect.Repository{
			Name: "ledger", Lines: 9400,
			Modules: []detect.Module{
				{Path: "example.com/ledger", Dir: ".", Go: "1.25.1", Packages: 14, Files: 88, Mode: "types"},
				{Path: "example.com/ledger/tools", Dir: "tools", Go: "1.24", Packages: 2, Files: 5, Mode: "partial", Why: "example.com/private/log is not in the module cache"},
				{Path: "example.com/ledger/spike", Dir: "spike", Packages: 1, Files: 1, Mode: "syntax", Why: "go.mod asks for go 1.99, installed is go1.26.0"},
			},
			Binaries: []detect.Binary{
				{Name: "ledgerd", Package: "example.com/ledger/cmd/ledgerd", At: pos("cmd/ledgerd/main.go", 24), Scope: detect.ScopeRuntime,
					Integrations: []string{"postgresql", "postgresql:analytics", "redis", "kafka", "http:rates.example.com", "stripe", "prometheus", "grpc:audit"}},
				{Name: "migrate", Package: "example.com/ledger/cmd/migrate", At: pos("cmd/migrate/main.go", 11), Scope: detect.ScopeDevelopment, Integrations: []string{"postgresql"}},
			},
		},
			Integrations: richIntegrations(),
			CallSites:    richCalls(),
			APIs: []detect.API{
				{Position: pos("api/openapi.yaml", 1), Title: "Ledger", Version: "2.3.0", Spec: "3.1.0", Operations: 24, Direction: catalog.Inbound, Why: "routes of cmd/ledgerd", Security: []string{"bearer"}},
				{Position: pos("clients/rates/openapi.json", 1), Version: "1", Spec: "2.0", Operations: 1, Direction: catalog.Outbound, Servers: []string{"rates.example.com"}},
			},
			Services: []detect.Service{
				{Position: pos("compose.yaml", 3), Name: "ledgerd", Build: ".", Binary: "ledgerd", Healthcheck: true, Restart: "unless-stopped"},
				{Position: pos("compose.yaml", 21), Name: "db", Image: "postgres:17", System: "postgresql", Integration: "postgresql", Healthcheck: true},
				{Position: pos("compose.yaml", 35), Name: "mail", Image: "axllent/mailpit:v1.21", System: "smtp"},
			},
			Variables: []detect.Variable{
				{Name: "DATABASE_URL", Reads: []scanners.Position{pos("internal/config/config.go", 18), pos("cmd/migrate/main.go", 19)}, Defined: []scanners.Position{pos(".env.example", 2), pos("compose.yaml", 8)}, Secret: true, Integration: "postgresql"},
				{Name: "LOG_LEVEL", Reads: []scanners.Position{pos("internal/config/config.go", 30)}, Default: true},
				{Name: "OLD_QUEUE_URL", Defined: []scanners.Position{pos(".env.example", 9)}},
				{Name: "PORT", Reads: []scanners.Position{pos("internal/config/config.go", 16)}, Defined: []scanners.Position{pos(".env.example", 1)}, Default: true},
				{Name: "STRIPE_KEY", Reads: []scanners.Position{pos("internal/config/config.go", 24)}, Secret: true, Integration: "stripe"},
			},
			Diagnostics: []scanners.Diagnostic{
				{Severity: scanners.SeverityInfo, Scanner: "tree", Position: pos("assets/video.mp4", 0), Message: "over the size limit, not read"},
				{Severity: scanners.SeverityWarning, Scanner: "gosrc", Position: scanners.Position{File: "spike/main.go", Line: 7, Column: 2}, Message: "expected ';', found 'EOF'; the rest of the file was not read"},
				{Severity: scanners.SeverityError, Scanner: "compose", Position: pos("deploy/compose.bad.yaml", 12), Message: "services must be a mapping"},
			},
		},
		Findings: []rules.Finding{
			{Rule: "timeout-http-client", Severity: rules.High, Position: pos("internal/rates/client.go", 33), Integration: "http:rates.example.com", Message: "No bound on GET https://rates.example.com", Remediation: "Set http.Client.Timeout", Fingerprint: "a0"},
			{Rule: "retry-payment", Severity: rules.Medium, Position: pos("internal/pay/stripe.go", 61), Integration: "stripe", Message: "Charges are created without an idempotency key", Fingerprint: "b1"},
		},
	}
}

func richIntegrations() []detect.Integration {
	return []detect.Integration{
		{ID: "http:rates.example.com", System: "http:rates.example.com", Name: "rates.example.com", Kind: "http", Direction: catalog.Outbound, Protocol: "HTTPS", Scope: detect.ScopeRuntime,
			Binaries: []string{"ledgerd"}, Evidence: []detect.Evidence{proof(scanners.SourceGo, "internal/rates/client.go", 33, "GET https://rates.example.com/v1/latest")}},
		{ID: "kafka", System: "kafka", Name: "Apache Kafka", Kind: "messaging", Direction: catalog.Both, Protocol: "Kafka", Scope: detect.ScopeRuntime,
			Libraries: []string{"github.com/segmentio/kafka-go@v0.4.47"}, Variables: []string{"KAFKA_BROKERS"}, Binaries: []string{"ledgerd"},
			Evidence: []detect.Evidence{
				proof(scanners.SourceGo, "internal/events/writer.go", 28, "kafka.Writer.WriteMessages"),
				proof(scanners.SourceGo, "internal/events/reader.go", 40, "kafka.Reader.FetchMessage"),
			}},
		{ID: "postgresql", System: "postgresql", Name: "PostgreSQL", Kind: "database", Direction: catalog.Outbound, Protocol: "PostgreSQL", Scope: detect.ScopeRuntime,
			Libraries: []string{"github.com/jackc/pgx/v5@v5.7.2"}, Variables: []string{"DATABASE_URL"}, Services: []string{"db"}, Binaries: []string{"ledgerd", "migrate"},
			Evidence: []detect.Evidence{
				proof(scanners.SourceGo, "internal/store/db.go", 42, "pgxpool.New with DATABASE_URL"),
				proof(scanners.SourceCompose, "compose.yaml", 21, "service db, image postgres:17"),
				proof(scanners.SourceEnv, ".env.example", 2, "DATABASE_URL, scheme postgres, host db"),
			}},
		{ID: "postgresql:analytics", System: "postgresql", Name: "PostgreSQL (analytics)", Kind: "database", Direction: catalog.Outbound, Protocol: "PostgreSQL", Scope: detect.ScopeRuntime,
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "internal/report/db.go", 17, "pgxpool.New with ANALYTICS_URL")}},
		{ID: "prometheus", System: "prometheus", Name: "Prometheus", Kind: "observability", Direction: catalog.Inbound, Protocol: "HTTP", Scope: detect.ScopeRuntime,
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "cmd/ledgerd/main.go", 71, "promhttp.Handler")}},
		{ID: "redis", System: "redis", Name: "Redis", Kind: "cache", Direction: catalog.Outbound, Protocol: "RESP", Scope: detect.ScopeRuntime,
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "internal/cache/redis.go", 21, "redis.NewClient")}},
		{ID: "stripe", System: "stripe", Name: "Stripe", Kind: "payment", Direction: catalog.Outbound, Protocol: "HTTPS", Scope: detect.ScopeRuntime, Variables: []string{"STRIPE_KEY"},
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "internal/pay/stripe.go", 61, "paymentintent.New")}},
		{ID: "grpc:audit", System: "grpc", Name: "gRPC (audit)", Kind: "rpc", Direction: catalog.Outbound, Protocol: "HTTP/2", Scope: detect.ScopeRuntime, Internal: true,
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "internal/audit/client.go", 19, "grpc.NewClient with host audit")}},
		{ID: "smtp", System: "smtp", Name: "SMTP", Kind: "notification", Direction: catalog.Outbound, Scope: detect.ScopeDeclared,
			Evidence: []detect.Evidence{proof(scanners.SourceCompose, "compose.yaml", 35, "service mail, image axllent/mailpit:v1.21")}},
		{ID: "github", System: "github", Name: "GitHub", Kind: "scm", Direction: catalog.Outbound, Scope: detect.ScopeDevelopment,
			Evidence: []detect.Evidence{proof(scanners.SourceGo, "tools/release/main.go", 30, "https://api.github.com")}},
	}
}

func richCalls() []detect.CallSite {
	none := scanners.Position{}
	client := pos("internal/store/db.go", 42)
	query := func(line int, bound detect.Verdict) detect.CallSite {
		return detect.CallSite{Integration: "postgresql", System: "postgresql", Position: pos("internal/store/accounts.go", line),
			Call: "(*github.com/jackc/pgx/v5/pgxpool.Pool).Query", Function: "(*example.com/ledger/internal/store.Store).Accounts",
			Timeout: bound, Retry: verdict(detect.Absent, "", "no loop, no retry library around the call", none),
			Monitoring: verdict(detect.Present, "otelpgx", "the pool's tracer is otelpgx", client)}
	}
	sites := []detect.CallSite{
		query(31, verdict(detect.Present, "5s", "the context's deadline is set by the caller", pos("internal/api/accounts.go", 22))),
		query(58, verdict(detect.Absent, "", "context.Background(), and the pool sets no statement_timeout", client)),
		{Integration: "http:rates.example.com", System: "http:rates.example.com", Position: pos("internal/rates/client.go", 33), Call: "net/http.Get", Function: "example.com/ledger/internal/rates.Latest",
			Timeout:    verdict(detect.Absent, "", "http.DefaultClient has no Timeout", none),
			Retry:      verdict(detect.Absent, "", "nothing repeats the call", none),
			Monitoring: verdict(detect.Unknown, "", "http.DefaultClient may be replaced", none)},
		{Integration: "redis", System: "redis", Position: pos("internal/cache/redis.go", 44), Call: "(*github.com/redis/go-redis/v9.Client).Get", Function: "example.com/ledger/internal/cache.Get",
			Timeout: verdict(detect.Default, "3s", "go-redis reads with 3s", none), Retry: verdict(detect.Default, "3", "go-redis retries 3 times", none),
			Monitoring: verdict(detect.Present, "redisotel", "instrumented", pos("internal/cache/redis.go", 23))},
	}
	missing := verdict(detect.Absent, "", "", none)
	for i := range sites {
		s := &sites[i]
		s.Scope, s.Breaker, s.Bulkhead, s.RateLimit, s.Fallback = detect.ScopeRuntime, missing, missing, missing, missing
		s.Client = []detect.Step{{Position: client, What: "pgxpool.New"}}
	}
	sites[0].Breaker = verdict(detect.Present, "gobreaker.CircuitBreaker.Execute", "run by it", pos("internal/store/accounts.go", 29))
	return sites
}
