// Package openapi reads OpenAPI descriptions: 2.0 (Swagger), 3.0, 3.1 and 3.2, in
// YAML or JSON, in one file or split over several of the same repository.
//
// A description is known by its content, a top-level `openapi` or `swagger` key
// with a version, never by its name. What the report needs is read from the YAML
// nodes, because they carry lines and because a fault in one corner of a
// description must not lose the rest of it; getkin/kin-openapi then judges the
// document as a whole, and what it finds wrong becomes diagnostics.
//
// Whether an API is served or consumed by the repository is not decided here.
package openapi

import "github.com/intscan/intscan/scanners"

// API is one OpenAPI document. Its position is that of the `openapi` or `swagger`
// key.
type API struct {
	scanners.Position
	Spec    string `json:"spec"` // the version of OpenAPI, as written: "2.0", "3.0.3"
	Title   string `json:"title"`
	Version string `json:"version"` // the version of the API, as written
	// Generator is the program that wrote the file, where its first comment says so.
	Generator string `json:"generator,omitempty"`

	Servers         []Server         `json:"servers,omitempty"`
	Operations      []Operation      `json:"operations,omitempty"`
	SecuritySchemes []SecurityScheme `json:"security_schemes,omitempty"`
	Schemas         []string         `json:"schemas,omitempty"` // names of the reusable schemas, sorted
}

// CountedOperations is the number of operations written under `paths` in the
// document itself: no webhooks, no callbacks, and none that stand in another place
// to which a path item refers. Those are ReferencedOperations.
func (a API) CountedOperations() int { return a.count(false) }

// ReferencedOperations is the number of operations under `paths` that the document
// has through the $ref of a path item. A description split into a file a path has
// all of its operations here.
func (a API) ReferencedOperations() int { return a.count(true) }

func (a API) count(referenced bool) int {
	n := 0
	for _, op := range a.Operations {
		if !op.Webhook && !op.Callback && (op.Via != nil) == referenced {
			n++
		}
	}
	return n
}

// Server is one address at which an API is said to answer.
type Server struct {
	scanners.Position
	// URL is as written, without user, password, query and fragment; variables
	// in braces stand.
	URL string `json:"url"`
	// Endpoint is where the URL points with each variable at its default; nil for
	// a relative one.
	Endpoint *scanners.Endpoint `json:"endpoint,omitempty"`
}

// Operation is one method of a path, a webhook or a callback. Its position is
// that of the method, in whichever file that is written.
type Operation struct {
	scanners.Position
	// Via is the $ref that led to the operation, where a path item refers to one
	// written elsewhere.
	Via *scanners.Position `json:"via,omitempty"`

	Method     string   `json:"method"` // upper case
	Path       string   `json:"path"`   // the path; of a webhook its name, of a callback its expression
	ID         string   `json:"id,omitempty"`
	Tags       []string `json:"tags,omitempty"`
	Deprecated bool     `json:"deprecated,omitempty"`
	Webhook    bool     `json:"webhook,omitempty"`
	Callback   bool     `json:"callback,omitempty"`

	// Servers are those of the operation or its path, where they are not the API's.
	Servers []Server `json:"servers,omitempty"`

	// Security names the schemes that apply, sorted, whether written here or
	// inherited from the document.
	Security          []string `json:"security,omitempty"`
	SecurityInherited bool     `json:"security_inherited,omitempty"` // nothing written here, the document's holds
	SecurityNone      bool     `json:"security_none,omitempty"`      // `security: []`: open on purpose
	SecurityOptional  bool     `json:"security_optional,omitempty"`  // one of the alternatives asks for nothing

	Responses     []string `json:"responses,omitempty"` // codes as written: "200", "5XX", "default"; sorted
	Has429        bool     `json:"has_429,omitempty"`
	Has5xx        bool     `json:"has_5xx,omitempty"`
	HasDefault    bool     `json:"has_default,omitempty"`
	RequestTypes  []string `json:"request_types,omitempty"`  // media types, sorted
	ResponseTypes []string `json:"response_types,omitempty"` // media types, sorted
}

// SecurityScheme is one way to authenticate that a document declares.
type SecurityScheme struct {
	scanners.Position
	Name       string `json:"name"`
	Type       string `json:"type,omitempty"`   // apiKey, http, oauth2, openIdConnect, mutualTLS, basic
	Scheme     string `json:"scheme,omitempty"` // of type http: basic, bearer, ...
	In         string `json:"in,omitempty"`     // of type apiKey: header, query, cookie
	Flows      []Flow `json:"flows,omitempty"`
	HasRefresh bool   `json:"has_refresh,omitempty"` // a flow names a refreshUrl
	// OpenIDConnect is where the discovery document is.
	OpenIDConnect *scanners.Endpoint `json:"open_id_connect,omitempty"`
}

// Flow is one OAuth 2 flow, with where its two endpoints are.
type Flow struct {
	Name          string             `json:"name"` // as written: clientCredentials, accessCode, ...
	Authorization *scanners.Endpoint `json:"authorization,omitempty"`
	Token         *scanners.Endpoint `json:"token,omitempty"`
}
