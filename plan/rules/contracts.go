package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

var contractRules = []Rule{
	{
		ID: "contract-operation-open", Category: Contracts, Severity: Medium, Since: "0.1.0",
		Title:     "OpenAPI operations that ask for no security",
		Rationale: "Gateways, client generators and testers believe the description: an operation without security is called, tested and exposed without credentials. Either the operation is open by mistake, or the description is wrong about it.",
		Remedy:    "State the security of the whole API once at the top level, and write `security: []` at the operations that are open on purpose.",
		Example:   "security:\n  - bearerAuth: []\npaths:\n  /health:\n    get:\n      security: []",
		Silent:    "The operation or the document requires a scheme; `security: []` opens it on purpose; its path or ID says that it is public (health, login, documentation), or the code leaves a read open while other routes ask who is calling; or the description is consumed, not served.",
		check:     openOperations,
	},
	{
		ID: "contract-failures-undescribed", Category: Contracts, Severity: Low, Since: "0.1.0",
		Title:     "OpenAPI operations that describe no failure of the server",
		Rationale: "A client that is generated from the description has no type for what a 500, 503 or 429 carries, and no sign of which answers are worth another try.",
		Remedy:    "Give the operations a default response with the error's schema, and 429 with Retry-After where calls are limited.",
		Example:   "responses:\n  default:\n    description: Error\n    content:\n      application/problem+json:\n        schema: {$ref: '#/components/schemas/Problem'}\n  '429':\n    $ref: '#/components/responses/TooManyRequests'",
		Silent:    "The operation has a default response or one of 5xx, or tells of the program itself (health, metrics, version); the description has fewer than three operations; it says that it is generated from proto files; or it is consumed, not served.",
		check:     undescribedFailures,
	},
	{
		ID: "contract-server-plain-http", Category: Contracts, Severity: Medium, Since: "0.1.0",
		Title:     "OpenAPI description with a server on plain http",
		Rationale: "Clients made from the description send credentials and data in the clear to the address that it names.",
		Remedy:    "Name the server with https.",
		Example:   "servers:\n  - url: https://api.northwind.com/v1",
		Silent:    "The host is this machine, a private network's, a placeholder, or the same host is also named with https before.",
		check:     plainServers,
	},
	{
		ID: "contract-oauth-no-refresh", Category: Contracts, Severity: Low, Since: "0.1.0",
		Title:     "OAuth 2 flow of an OpenAPI description without refreshUrl",
		Rationale: "Clients made from the description do not know where to renew a token: they fail when it expires, or send people to log in again.",
		Remedy:    "Add refreshUrl to the flow.",
		Example:   "flows:\n  authorizationCode:\n    authorizationUrl: https://id.northwind.com/authorize\n    tokenUrl: https://id.northwind.com/token\n    refreshUrl: https://id.northwind.com/token\n    scopes: {}",
		Silent:    "Some flow of the scheme has a refreshUrl; only flows without refresh tokens (client credentials, implicit) are described; or the description is OpenAPI 2.0, which has no place for it.",
		check:     flowsWithoutRefresh,
	},
	{
		ID: "contract-unknown-operation", Category: Contracts, Severity: Medium, Since: "0.1.0",
		Title:     "Call to an operation that the description of the API does not have",
		Rationale: "The call goes to a path or method that its provider does not promise: it fails now, or on the day the undocumented path is taken away.",
		Remedy:    "Call the operation that the description has, or bring the description up to date.",
		Example:   "req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+\"/v2/rates\", nil) // as the description has it",
		Silent:    "The method or the path is not known from the code, or an unknown part of the path may make it one that is described.",
		check:     unknownCalls,
	},
	{
		ID: "contract-drift", Category: Contracts, Severity: Medium, Since: "0.1.0",
		Title:     "OpenAPI description and registered routes have drifted apart",
		Rationale: "Clients are generated, mocked and tested against the description. What it has and the code has not fails with 404; what only the code has is neither reviewed nor tested as a contract.",
		Remedy:    "Bring the two in step: register the operation or take it out, describe the route or take it out. A test that walks both keeps them so.",
		Example:   "paths:\n  /orders/{id}:\n    delete:\n      operationId: cancelOrder",
		Silent:    "The server is generated from the description, fewer than half of the operations are found among the routes, or the route lies outside what the description covers.",
		check:     drift,
	},
}

// served are the descriptions of APIs that the repository serves. Of copies of one
// (JSON beside YAML, a bundle beside its parts) the first stands for all.
func (v *view) served() []*detect.API {
	var out []*detect.API
	var known []map[string]bool
	for i := range v.APIs {
		api := &v.APIs[i]
		if api.Direction != catalog.Inbound || len(api.Contract.Operations) == 0 || generatedClient(api.File) {
			continue
		}
		names := map[string]bool{}
		for j := range api.Contract.Operations {
			names[api.Contract.Operations[j].Name()] = true
		}
		if slices.ContainsFunc(known, func(other map[string]bool) bool { return within(names, other) || within(other, names) }) {
			continue
		}
		known = append(known, names)
		out = append(out, api)
	}
	return out
}

// within: most of a's operations are b's.
func within(a, b map[string]bool) bool {
	n := 0
	for name := range a {
		if b[name] {
			n++
		}
	}
	return 10*n >= 9*len(a)
}

var clientFolder = regexp.MustCompile(`(^|/)(clients?|sdks?|generated|node_modules|testdata|third_party)(/|$)`)

func generatedClient(file string) bool { return clientFolder.MatchString(strings.ToLower(file)) }

var publicOperation = regexp.MustCompile(`(?i)(^|[/_.-])(_?health|healthz|healthcheck|ready|readyz|live|livez|alive|ping|status|version|_?info|metadata|metrics|docs?|swagger|openapi|robots\.txt|favicon\.ico|login|log[-_]?in|sign[-_]?in|sign[-_]?up|signup|register|registration|logout|tokens?/issue|token|oauth2?|oidc|saml|sso|jwks(\.json)?|\.well-known|callback|password|forgot\w*|reset\w*|verify|verification|activate|confirm\w*|invite|webhooks?|hooks|public|captcha|unsubscribe|subscribe|optin|optout|crl|ocsp)($|[/_.?{-])`)

func openOperations(v *view, report func(hit)) {
	for _, api := range v.served() {
		var open []Related
		secured := 0
		for i := range api.Contract.Operations {
			op := &api.Contract.Operations[i]
			switch {
			case op.Secured:
				secured++
			case !op.Open && !v.openInCode(op) && !publicOperation.MatchString(op.Path) && !publicOperation.MatchString(op.ID) && op.Method != "OPTIONS":
				open = append(open, Related{op.Position, op.Name()})
			}
		}
		all := len(api.Contract.Operations)
		if len(open) == 0 || secured == 0 && len(api.Contract.Schemes) == 0 && !v.authenticated(api) {
			continue
		}
		message := fmt.Sprintf("%s of %d in %s %s for no security: %s", scanners.Count(len(open), "operation"), all, titled(api), agree(len(open), "asks", "ask"), someOf(open))
		if secured == 0 {
			message = fmt.Sprintf("none of the %d operations in %s asks for security, though the routes stand behind authentication", all, titled(api))
			if len(api.Contract.Schemes) > 0 {
				message = fmt.Sprintf("none of the %d operations in %s asks for security, though the description declares %s", all, titled(api), api.Contract.Schemes[0].Name)
			}
		}
		report(hit{at: place(api, open, secured), anchor: api.File, message: message, related: open, severity: Medium})
	}
}

// place is the operation that lacks something, where the others have it, else the
// description.
func place(api *detect.API, lacking []Related, having int) scanners.Position {
	if having > 0 && len(lacking) > 0 {
		return lacking[0].Position
	}
	return api.Position
}

// authenticated: routes of the description's paths stand behind middleware that asks
// who is calling.
func (v *view) authenticated(api *detect.API) bool {
	for i := range v.Routes {
		rt := &v.Routes[i]
		if rt.Auth == "" {
			continue
		}
		for j := range api.Contract.Operations {
			if op := &api.Contract.Operations[j]; op.Method == rt.Method && strings.HasSuffix(rt.Path, op.Path) {
				return true
			}
		}
	}
	return false
}

// openInCode: the route of a read stands behind no authentication, while others do:
// code and description agree that anyone may call it.
func (v *view) openInCode(op *detect.ContractOperation) bool {
	guarded := false
	open := false
	for i := range v.Routes {
		rt := &v.Routes[i]
		guarded = guarded || rt.Auth != ""
		open = open || rt.Auth == "" && rt.Method == "GET" && op.Method == "GET" && strings.HasSuffix(rt.Path, op.Path)
	}
	return guarded && open
}

func titled(api *detect.API) string {
	if api.Title != "" {
		return fmt.Sprintf("%q", api.Title)
	}
	return api.File
}

// someOf names the first of many.
func someOf(rs []Related) string {
	var names []string
	for _, r := range rs[:min(len(rs), 3)] {
		names = append(names, r.What)
	}
	if len(rs) > 3 {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// fewOperations: a description with fewer is a sample.
const fewOperations = 3

// aboutItself: operations by which machines ask for the program's state.
var aboutItself = regexp.MustCompile(`(?i)(health|ready|live|alive|ping|metrics|version|\.well-known)[^/]*(/prometheus)?$`)

// ofProto: the description is made of proto files, whose services answer all failures
// with one status; what it says of them is the generator's choice.
func ofProto(api *detect.API) bool {
	return strings.HasPrefix(api.Generator, "protoc-gen-") || strings.HasPrefix(api.Generator, "buf")
}

func undescribedFailures(v *view, report func(hit)) {
	for _, api := range v.served() {
		var lacking []Related
		limited := 0
		for i := range api.Contract.Operations {
			op := &api.Contract.Operations[i]
			if op.Has429 {
				limited++
			}
			if !op.HasDefault && !op.Has5xx && !aboutItself.MatchString(op.Path) {
				lacking = append(lacking, Related{op.Position, op.Name()})
			}
		}
		all := len(api.Contract.Operations)
		if len(lacking) == 0 || all < fewOperations || ofProto(api) {
			continue
		}
		message := fmt.Sprintf("%s of %d in %s %s neither a default response nor one of 5xx (%d %s 429): %s", scanners.Count(len(lacking), "operation"), all, titled(api),
			agree(len(lacking), "describes", "describe"), limited, agree(limited, "describes", "describe"), someOf(lacking))
		report(hit{at: place(api, lacking, all-len(lacking)), anchor: api.File, message: message, related: lacking, severity: Low})
	}
}

func plainServers(v *view, report func(hit)) {
	for _, api := range v.served() {
		safe := map[string]bool{}
		var plain []Related
		for _, a := range api.Contract.Addresses {
			if rest, ok := strings.CutPrefix(a.URL, "https://"); ok {
				safe[rest] = true
			}
		}
		for _, a := range api.Contract.Addresses {
			if a.Plain && !safe[strings.TrimPrefix(a.URL, "http://")] {
				plain = append(plain, Related{a.Position, scanners.Redact(a.URL)})
			}
		}
		if len(plain) > 0 {
			report(hit{at: plain[0].Position, anchor: api.File, related: plain, severity: Medium, message: fmt.Sprintf("%s names a server on plain http: %s", titled(api), someOf(plain))})
		}
	}
}

func flowsWithoutRefresh(v *view, report func(hit)) {
	for _, api := range v.served() {
		if strings.HasPrefix(api.Spec, "2") {
			continue
		}
		for _, s := range api.Contract.Schemes {
			renews := slices.Contains(s.Flows, "authorizationCode") || slices.Contains(s.Flows, "password") || slices.Contains(s.Flows, "deviceAuthorization")
			if s.Type == "oauth2" && renews && !s.Refresh {
				report(hit{
					at: s.Position, anchor: api.File + " " + s.Name, severity: Low,
					message: fmt.Sprintf("the OAuth 2 scheme %s of %s (%s) says nowhere how a token is refreshed", s.Name, titled(api), strings.Join(s.Flows, ", ")),
				})
			}
		}
	}
}

func unknownCalls(v *view, report func(hit)) {
	for i := range v.APIs {
		api := &v.APIs[i]
		if len(api.Contract.Unknown) == 0 {
			continue
		}
		var calls []Related
		for _, c := range api.Contract.Unknown {
			calls = append(calls, Related{c.Position, c.Method + " " + c.Path})
		}
		report(hit{
			at: calls[0].Position, anchor: api.File, related: calls, severity: Medium,
			message: fmt.Sprintf("%s to operations that %s (%s) does not have: %s", scanners.Count(len(calls), "call"), titled(api), api.File, someOf(calls)),
		})
	}
}

func drift(v *view, report func(hit)) {
	for _, api := range v.served() {
		d := api.Contract.Drift
		if d == nil || len(d.Unserved)+len(d.Undescribed) == 0 {
			continue
		}
		var gone, extra []Related
		for _, i := range d.Unserved {
			op := &api.Contract.Operations[i]
			gone = append(gone, Related{op.Position, op.Name() + " has no route"})
		}
		for i := range d.Undescribed {
			extra = append(extra, Related{d.Undescribed[i].Position, d.Undescribed[i].Name() + " is not described"})
		}
		at := api.Position
		if len(gone) > 0 {
			at = gone[0].Position
		}
		all := slices.Concat(gone, extra)
		report(hit{
			at: at, anchor: api.File, related: all, severity: Medium,
			message: fmt.Sprintf("%s and the routes have drifted apart: of %d operations %d have no route, and %d routes beside them are not described: %s", titled(api), len(api.Contract.Operations), len(gone), len(extra), someOf(all)),
		})
	}
}
