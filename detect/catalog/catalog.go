// Package catalog is what intscan knows of the outside world, as data: the
// systems, how each shows itself in a repository, and what their Go client
// libraries do by themselves when a call is not answered.
//
// Knowledge grows in YAML files below this folder, never in Go code:
//
//	entries/SLUG.yaml   one system: how to see it, and its client libraries
//	sdks/NAME.yaml      behaviour that the libraries of several systems share
//	                    (the AWS SDK, gRPC, net/http, database/sql)
//	toolkits/NAME.yaml  libraries that protect or observe calls to any system:
//	                    retry, circuit breaker, rate limit, tracing, metrics
//	practices/TOPIC.yaml  libraries that show how a repository works: test doubles,
//	                    encoders, validators, error trackers; facts for the plan
//	naming/SYSTEM.yaml  where code names tables, buckets, topics, metrics, spans
//	frameworks/NAME.yaml libraries in which a program registers what it answers
//	webhooks/NAME.yaml  products that call back, and how their calls are checked
//	retired/NAME.yaml   libraries that their makers gave up or replaced
//
// Decoding is strict: a stray file, key, kind or symbol is an error of Load, and
// a test keeps the shipped catalog free of them.
package catalog

// System is one entry: a product or protocol that code talks to.
type System struct {
	// Slug is the stable name used in reports, the file's own name.
	Slug string `yaml:"system"`
	// Name is how its makers write it.
	Name string `yaml:"name"`
	// Kind is one of Kinds.
	Kind string `yaml:"kind"`
	// Protocol is what goes over the wire, in the words of the field
	// ("HTTPS", "AMQP 0-9-1", "RESP"). Optional.
	Protocol string `yaml:"protocol"`
	// Speaks names the system whose protocol this one speaks, where a client of
	// that one is how Go code reaches it (valkey speaks redis, MinIO aws.s3).
	Speaks string `yaml:"speaks"`
	// Embedded marks stores inside the process (SQLite, bbolt): no network.
	Embedded bool `yaml:"embedded"`
	// Match is how the system shows itself outside Go code.
	Match Match `yaml:"match"`
	// Libraries are the Go packages that talk to it.
	Libraries []Library `yaml:"libraries"`
}

// Match lists the marks of a system in files that are not Go.
type Match struct {
	// Images are container image names without registry, tag and digest:
	// "redis", "bitnami/redis"; the last element alone also matches under
	// other owners when it stands here without one.
	Images []string `yaml:"images"`
	// Hosts are the DNS names of a hosted product's API endpoints, exact or
	// with a leading "*.": "api.stripe.com", "*.s3.amazonaws.com". Never the
	// host of documentation or marketing pages.
	Hosts []string `yaml:"hosts"`
	// Paths are hosts that several products share, each with the first element of the
	// path below which this one answers: "www.googleapis.com/oauth2".
	Paths []string `yaml:"paths"`
	// Schemes are URL schemes: "redis", "rediss".
	Schemes []string `yaml:"schemes"`
	// Env are the words by which variables name the system, upper case:
	// "REDIS" matches REDIS_URL and APP_REDIS_ADDR, not PREDIS.
	Env []string `yaml:"env"`
	// Folders are names, besides the slug, that packages of its clients go by:
	// "googleai" for Gemini.
	Folders []string `yaml:"folders"`
	// Ports are its registered or customary TCP ports; weak evidence, used
	// only to confirm a name.
	Ports []int `yaml:"ports"`
}

// Direction says who calls whom.
type Direction string

// The directions of an integration.
const (
	Outbound Direction = "outbound"
	Inbound  Direction = "inbound"
	Both     Direction = "both"
)

// NamedBy says what names the peer of a library that can reach many systems.
type NamedBy string

// The ways in which a library's peer is named.
const (
	// NamedByHost: the literal host of the URL or address that a call or its
	// client is given (net/http, gorilla/websocket, x/oauth2).
	NamedByHost NamedBy = "host"
	// NamedByDriver: the database/sql driver (database/sql, sqlx).
	NamedByDriver NamedBy = "driver"
	// NamedByProvider: the provider library that the module imports beside it, of
	// the same kind (OpenFeature in front of flagd).
	NamedByProvider NamedBy = "provider"
	// NamedByFolder: a package or file named for a product, where the protocol is
	// one that many products speak (AMQP 1.0 to Solace).
	NamedByFolder NamedBy = "folder"
)

// Library is a set of Go packages that talk to the system.
type Library struct {
	// Packages are import paths. A trailing "/..." takes in the packages below.
	// The longest match over the whole catalog wins.
	Packages []string `yaml:"packages"`
	// Except are packages below Packages that say nothing about the system
	// (helpers, types, test doubles).
	Except []string `yaml:"except"`
	// Direction of the traffic; Outbound when empty.
	Direction Direction `yaml:"direction"`
	// Uses, when set, are the symbols that prove the system: importing the
	// package without one of them proves nothing (net/http proves an outbound
	// call only by Get, Client.Do, ...). "Type." proves by any use of the type.
	Uses []string `yaml:"uses"`
	// Inbound are the symbols that prove that this program is called.
	Inbound []string `yaml:"inbound"`
	// NamedBy is set for libraries whose peer only the call names.
	NamedBy NamedBy `yaml:"named_by"`
	// Host is the one host that the library always calls, for a peer that no slug
	// names; the system is then http:HOST.
	Host string `yaml:"host"`
	// Drivers are the names under which the package registers itself with
	// database/sql.
	Drivers []string `yaml:"drivers"`
	// SDK names the file in sdks/ whose behaviour this library shares.
	SDK string `yaml:"sdk"`
	// Behaviour of this very library; what it leaves open, SDK fills.
	Behaviour `yaml:",inline"`
}

// Behaviour is what a client library does, in symbols. A symbol is relative to
// the library's own packages ("Open", "Client.Do", "Options.ReadTimeout") or
// absolute, with the import path before it ("net/http.Client.Timeout").
type Behaviour struct {
	// Operations are the functions and methods that make the network operation
	// happen, besides those of the generic rule: a method, on a type of the
	// package, whose first parameter is a context. "Client.Endpoint()" is the call of
	// what the function returns, not of the function.
	Operations []string `yaml:"operations"`
	// NotOperations are what the generic rule would take by mistake.
	// "Type.*" stands for all methods of a type, "New*" for a prefix.
	NotOperations []string `yaml:"not_operations"`
	// Results say of which type the first result of a function or method is,
	// for when the library itself cannot be read: "Client.Database: Database".
	Results map[string]string `yaml:"results"`
	// Hooks are methods of the library's interfaces and fields of its structs, through
	// which it lets the repository watch each operation: "QueryTracer.TraceQueryStart",
	// "CommandMonitor.Succeeded". What is recorded there covers the client's calls.
	Hooks []string `yaml:"hooks"`
	// Context is "ignored" where the operations do not heed the deadline of the
	// context that they take, or take none.
	Context string `yaml:"context"`
	// ContextBy are the symbols that make operations heed it all the same.
	ContextBy []string `yaml:"context_by"`
	// Timeout, Retry and Monitoring: what sets each and what holds unset.
	Timeout    Property `yaml:"timeout"`
	Retry      Property `yaml:"retry"`
	Monitoring Property `yaml:"monitoring"`
	// Connect is the bound on connecting alone, Pool the connection pool and
	// Backoff the wait between attempts: facts for the plan, which decide no verdict.
	Connect Property `yaml:"connect"`
	Pool    Property `yaml:"pool"`
	Backoff Property `yaml:"backoff"`
}

// Property is one protection of a library's calls.
type Property struct {
	// By are the symbols that set it: a struct field given a value that is not
	// zero, an option function called, a method called on the client, a wrapper
	// in the client's construction.
	By []string `yaml:"by"`
	// Off are the symbols that switch it off, also written "Options.MaxRetries=-1".
	Off []string `yaml:"off"`
	// OffOnly limits what one of Off switches off to these operations.
	OffOnly map[string][]string `yaml:"off_only"`
	// DSN are the parameters of the connection string that set it.
	DSN []string `yaml:"dsn"`
	// Defaults hold when the repository sets nothing, by version of the module.
	Defaults []Default `yaml:"defaults"`
	// Only limits the defaults to these operations; empty means all.
	Only []string `yaml:"only"`
	// Example is Go code that sets it, which findings show: statements of a function
	// that returns an error. Packages besides the library's own and the common ones of
	// the standard library stand before them in lines of their own (import "path");
	// "// db is a *sql.DB." tells the type of a variable that the code is given.
	// make verify-catalog type-checks it against the real module.
	Example string `yaml:"example"`
	// Examples go before Example for single packages, by import path.
	Examples map[string]string `yaml:"examples"`
	// Remedy says what to do, in a sentence, where the library has nothing to set.
	Remedy string `yaml:"remedy"`
}

// Default is one cited fact: what a library does, in a range of versions, when
// nothing is set.
type Default struct {
	// Value is the default in Go's notation ("3s"), a count ("3"), "none" where the
	// source shows that there is none, or "demanded" where something must be set.
	Value string `yaml:"value"`
	// Module is the module path the citation is in; versions count in it.
	// "std" is the standard library, its versions those of Go ("go1.26").
	Module string `yaml:"module"`
	// From and Until are the first and last version read ("v9.0.0"). Newer than
	// the last range's Until takes its value; older than the first is unknown.
	From  string `yaml:"from"`
	Until string `yaml:"until"`
	// Cite are the places, VERSION/FILE:LINE, one in each of From and Until.
	Cite []string `yaml:"cite"`
	// Text is what stands on the cited lines (white space folded).
	Text string `yaml:"text"`
	// Only limits this one default to these operations, where a library has different
	// values for different ones; empty means all that the property has.
	Only []string `yaml:"only"`
}

// SDK is behaviour that libraries of several systems share.
type SDK struct {
	Name string `yaml:"sdk"`
	// Packages are where relative symbols are looked up.
	Packages  []string `yaml:"packages"`
	Behaviour `yaml:",inline"`
}

// Role is what a toolkit does for the calls it surrounds.
type Role string

// The roles of toolkits.
const (
	RoleRetry     Role = "retry"
	RoleBreaker   Role = "breaker"
	RoleRateLimit Role = "ratelimit"
	RoleBulkhead  Role = "bulkhead"
	RoleFallback  Role = "fallback"
	RoleTimeout   Role = "timeout"
	// RoleInboundTimeout bounds the requests that a server of the repository answers.
	RoleInboundTimeout Role = "inbound-timeout"
	RoleMonitoring     Role = "monitoring"
	RoleQueue          Role = "queue"
	// RolePropagation: trace and request IDs, taken up from who calls and carried on.
	RolePropagation Role = "propagation"
)

// Toolkit is a library that protects or observes calls to any system.
type Toolkit struct {
	Name     string   `yaml:"toolkit"`
	Role     Role     `yaml:"role"`
	Packages []string `yaml:"packages"`
	// Runs are functions that run a function argument under the protection:
	// backoff.Retry(op, policy), breaker.Execute(fn).
	Runs []string `yaml:"runs"`
	// Wraps are functions and types that give a client the protection when they
	// stand in its construction: otelhttp.NewTransport, rehttp.NewTransport.
	Wraps []string `yaml:"wraps"`
	// Records are calls that record a span or metric around what stands beside
	// them: Tracer.Start, HistogramVec.WithLabelValues.
	Records []string `yaml:"records"`
	// Entries are functions whose function arguments are entry points that the
	// toolkit calls by itself: a queue's handler, a scheduled job.
	Entries []string `yaml:"entries"`
	// Requeues are functions by which a handler has delivered again what it failed at:
	// Delivery.Nack, RateLimitingInterface.AddRateLimited. A false as the last argument
	// says that it is not.
	Requeues []string `yaml:"requeues"`
	// NeedsLast: Runs protect only where their last argument is not nil: the fallback of
	// hystrix.Do.
	NeedsLast bool `yaml:"needs_last"`
	// ErrorEnds: an error that the function returns ends the run; only a result tries
	// again: wait.PollUntilContextTimeout.
	ErrorEnds bool `yaml:"error_ends"`
	// Since is, by module, the first version in which it does what the file says.
	Since map[string]string `yaml:"since"`
	// Accepts are functions that take up the trace or request ID of an inbound call.
	Accepts []string `yaml:"accepts"`
	// Schedules: the toolkit calls its entries by the clock, not for a message.
	Schedules bool `yaml:"schedules"`
	// Timeout is the bound on the context of an entry, Retry what makes the toolkit
	// call an entry again that failed; where nothing is said of Retry, it does. Their
	// symbols are options of the one job, given to Starts; of toolkits without
	// Starts, of the worker. "Worker.Timeout" is also a method of the entry's type.
	Timeout Property `yaml:"timeout"`
	Retry   Property `yaml:"retry"`
	// Policies are what the attempts of a retry toolkit are like.
	Policies []Policy `yaml:"policies"`
	// Starts are functions that have an entry called, which an argument names or is:
	// workflow.ExecuteActivity, asynq.Client.Enqueue.
	Starts []string `yaml:"starts"`
}

// Kinds lists the kinds of systems in the order in which reports show them.
var Kinds = []string{
	"database", "cache", "messaging", "search", "storage", "rpc", "graphql", "http", "auth", "payment",
	"notification", "secrets", "coordination", "workflow", "ai", "scm", "saas", "analytics", "featureflag",
	"observability", "platform", "cloud", "network",
}
