// Package detect turns the facts of the scanners into what the repository talks
// to: integrations, each with its evidence from all sources, and the call sites
// in Go code with their verdicts. What it knows of systems and libraries is data,
// in package catalog.
//
// It reads no files: everything it decides on stands in the facts. Findings and
// the plan are made of its result by package plan.
package detect

import (
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

// Result is all that detection found, in the order in which reports show it. Its
// JSON encoding is the greater part of the report's.
type Result struct {
	Repository   Repository    `json:"repository"`
	Integrations []Integration `json:"integrations"`
	CallSites    []CallSite    `json:"call_sites"`
	Servers      []Server      `json:"servers"`
	EntryPoints  []EntryPoint  `json:"entry_points"`
	Retries      []Retry       `json:"retries"`
	Fanouts      []Fanout      `json:"fanouts"`
	Routes       []Route       `json:"routes"`
	Webhooks     []Webhook     `json:"webhooks"`
	HealthChecks []HealthCheck `json:"health_checks"`
	Serving      []Serving     `json:"serving"`
	APIs         []API         `json:"apis"`
	Services     []Service     `json:"services"`
	Variables    []Variable    `json:"variables"`
	Conditions
	Diagnostics []scanners.Diagnostic `json:"diagnostics"`
	// The facts below are what the integration plan is made of; no verdict hangs on
	// them.
	Data          Data          `json:"data"`
	Channels      []Channel     `json:"channels"`
	Patterns      []Pattern     `json:"patterns"`
	Security      Security      `json:"security"`
	Formats       Formats       `json:"formats"`
	Bounds        []Bound       `json:"bounds"`
	Tests         Tests         `json:"tests"`
	Observability Observability `json:"observability"`
	Deployment    Deployment    `json:"deployment"`
	Versions      Versions      `json:"versions"`
}

// Repository is what was scanned.
type Repository struct {
	Name string `json:"name"` // the folder's own name, never its path
	// Lines counts those of Go code outside tests and generated files.
	Lines    int      `json:"lines"`
	Modules  []Module `json:"modules"`
	Binaries []Binary `json:"binaries"`
}

// Module is a Go module of the repository and how its code was read.
type Module struct {
	Path string `json:"path"`
	Dir  string `json:"dir"` // slash-separated, "." for the root
	Go   string `json:"go,omitempty"`
	// Packages and Files count what was read of it.
	Packages int `json:"packages"`
	Files    int `json:"files"`
	// Mode is "types" where dependencies' declarations were read, "partial"
	// where some were missing, "syntax" where none were; Why says the reason.
	Mode string `json:"mode"`
	Why  string `json:"why,omitempty"`
}

// Binary is a main package and the integrations that it reaches.
type Binary struct {
	Name         string            `json:"name"`
	Package      string            `json:"package"`
	At           scanners.Position `json:"at"`
	Scope        Scope             `json:"scope"`
	Integrations []string          `json:"integrations"` // ids
}

// Scope says in what part of the repository's life an integration is used.
type Scope string

// The scopes, from the strongest.
const (
	ScopeRuntime     Scope = "runtime"     // non-test code talks to it
	ScopeDeclared    Scope = "declared"    // only deployment or configuration files name it
	ScopeDevelopment Scope = "development" // development tooling, CI, examples only
)

// Integration is one system that the repository talks to.
type Integration struct {
	ID        string            `json:"id"`
	System    string            `json:"system"`
	Name      string            `json:"name"`
	Kind      string            `json:"kind"`
	Direction catalog.Direction `json:"direction"`
	Protocol  string            `json:"protocol,omitempty"`
	Scope     Scope             `json:"scope"`
	// Internal is set for the repository's own components calling each other.
	Internal bool `json:"internal,omitempty"`
	// Libraries are the client modules in use, with versions ("module@version").
	Libraries []string `json:"libraries"`
	// Variables name the environment variables that configure it.
	Variables []string `json:"variables"`
	// Services are the compose services that stand for it.
	Services []string `json:"services"`
	// Binaries are the main packages that reach it, by name.
	Binaries []string `json:"binaries"`
	// Evidence is sorted with the strongest first.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one place that proves an integration.
type Evidence struct {
	Source scanners.Source `json:"source"`
	scanners.Position
	// Detail says in a few words what stands there: "imports
	// github.com/redis/go-redis/v9", "service cache, image redis:7".
	Detail string `json:"detail"`
}

// State is the answer to whether a call site has a protection. The zero value is
// not a state; detection always sets one.
type State string

// The states of a verdict, as the definitions of the field have them.
const (
	Present State = "present" // the repository sets it
	Default State = "default" // the library does so by itself
	Absent  State = "absent"  // nothing does
	Unknown State = "unknown" // the repository's code cannot tell
)

// Verdict says whether one call has one protection, and what decided so.
type Verdict struct {
	Verdict State `json:"verdict"`
	// Value is the bound, count or instrument, where it is known ("30s").
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
	// Off: the library has the protection by itself, and the repository switches it
	// off.
	Off bool `json:"off,omitempty"`
	// Position is the deciding place; its File is "" where there is none.
	scanners.Position
	// Path leads from the function of the call up through the callers to the
	// deciding place, where the context or a caller decides.
	Path []Step `json:"path,omitempty"`
}

// Step is one place on the way of a client or a context.
type Step struct {
	scanners.Position
	What string `json:"what"`
}

// CallSite is an expression in non-test Go code that makes a network operation
// happen.
type CallSite struct {
	Integration string `json:"integration"`
	System      string `json:"system"`
	scanners.Position
	Call     string `json:"call"`
	Function string `json:"function"`
	// Action says what the call does at the other side.
	Action     Action  `json:"action,omitempty"`
	Timeout    Verdict `json:"timeout"`
	Retry      Verdict `json:"retry"`
	Monitoring Verdict `json:"monitoring"`
	Scope      Scope   `json:"scope"`
	// Breaker, Bulkhead, RateLimit and Fallback are protections that only the
	// repository's own use of a toolkit gives.
	Breaker   Verdict `json:"breaker"`
	Bulkhead  Verdict `json:"bulkhead"`
	RateLimit Verdict `json:"rate_limit"`
	Fallback  Verdict `json:"fallback"`
	// Client tells how the client of the call is made.
	Client []Step `json:"client"`
	// Generated: the call stands in generated code.
	Generated bool `json:"generated,omitempty"`
	// DefaultClient: it goes through http.DefaultClient.
	DefaultClient bool `json:"default_client,omitempty"`
	// Made is where the client is made, if the repository makes it.
	Made *Step `json:"made,omitempty"`
	// Dropped: nothing looks at whether the call failed.
	Dropped bool `json:"dropped,omitempty"`
	// Observed: a decorator that is named for metrics or traces stands in front of it.
	Observed bool `json:"observed,omitempty"`
	// CarriesID: the call takes the trace or request ID on to the other side.
	CarriesID bool `json:"carries_id,omitempty"`
	// Layers are the retries around it, the innermost first, and Keyed says that it
	// carries a key by which the other side knows a repetition.
	Layers []Layer `json:"retry_layers,omitempty"`
	Keyed  bool    `json:"idempotency_key,omitempty"`
	// Phase says when the call is made, and EntryPoints how many lead to it.
	Phase       Phase `json:"phase"`
	EntryPoints int   `json:"entry_points"`
	// Unused: no program of the repository has the package of the call, though the
	// module is there for its programs; or nothing can run the function of the call.
	Unused bool `json:"unused,omitempty"`
}

// API is an OpenAPI description in the repository.
type API struct {
	scanners.Position
	Title      string `json:"title"`
	Version    string `json:"version"`
	Spec       string `json:"spec"`
	Operations int    `json:"operations"`
	// Referenced counts operations that stand in other files, reached through $ref.
	Referenced int               `json:"referenced_operations,omitempty"`
	Direction  catalog.Direction `json:"direction"`
	Why        string            `json:"why,omitempty"` // what decided the direction
	// Generator is the program that wrote the description, where it says so.
	Generator string   `json:"generator,omitempty"`
	Security  []string `json:"security"` // names of the security schemes
	Servers   []string `json:"servers"`
	Contract  Contract `json:"contract"`
}

// Service is a service of a compose file.
type Service struct {
	scanners.Position
	Name        string `json:"name"`
	Image       string `json:"image,omitempty"`
	Build       string `json:"build,omitempty"` // folder built, relative to the root
	System      string `json:"system,omitempty"`
	Integration string `json:"integration,omitempty"` // id of the integration it stands for
	Binary      string `json:"binary,omitempty"`      // the main package it runs, where built here
	Healthcheck bool   `json:"healthcheck"`
	Restart     string `json:"restart,omitempty"`
	Order       Order  `json:"order"`
}

// Variable is an environment variable that the repository reads or defines.
type Variable struct {
	Name        string              `json:"name"`
	Reads       []scanners.Position `json:"reads"`
	Defined     []scanners.Position `json:"defined"`
	Secret      bool                `json:"secret"`
	Default     bool                `json:"default,omitempty"` // the reading code has a default for it
	Integration string              `json:"integration,omitempty"`
}
