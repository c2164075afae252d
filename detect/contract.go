package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/openapi"
)

// Contract is what an OpenAPI description promises, and how the code keeps it.
type Contract struct {
	Operations []ContractOperation `json:"operations"`
	Schemes    []Scheme            `json:"schemes"`
	Addresses  []Address           `json:"addresses"`
	// Drift compares a served description with the registered routes.
	Drift *Drift `json:"drift,omitempty"`
	// Unknown are calls to operations that a consumed description does not have.
	Unknown []UnknownCall `json:"unknown_calls"`
}

// ContractOperation is one operation under a description's paths.
type ContractOperation struct {
	scanners.Position
	Method string `json:"method"`
	Path   string `json:"path"`
	ID     string `json:"id,omitempty"`
	// Secured: some security scheme must be met. Open: none is asked for on purpose.
	Secured bool `json:"secured"`
	Open    bool `json:"open,omitempty"`
	// Has429, Has5xx and HasDefault say which failures are described.
	Has429     bool `json:"has_429,omitempty"`
	Has5xx     bool `json:"has_5xx,omitempty"`
	HasDefault bool `json:"has_default,omitempty"`
}

// Name is what people call an operation.
func (o *ContractOperation) Name() string { return o.Method + " " + o.Path }

// Scheme is a security scheme of a description.
type Scheme struct {
	scanners.Position
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Flows []string `json:"flows"`
	// Refresh: a flow says where tokens are refreshed.
	Refresh bool `json:"refresh,omitempty"`
}

// Address is a server of a description.
type Address struct {
	scanners.Position
	URL string `json:"url"`
	// Plain: http to a host that is not this machine or a private name.
	Plain bool `json:"plain,omitempty"`

	base string
	host string
}

// contracts fills in the details of the descriptions.
func contracts(r *Result, f Facts) {
	byPlace := map[scanners.Position]*openapi.API{}
	for i := range f.APIs {
		byPlace[f.APIs[i].Position] = &f.APIs[i]
	}
	for i := range r.APIs {
		c := Contract{Operations: []ContractOperation{}, Schemes: []Scheme{}, Addresses: []Address{}, Unknown: []UnknownCall{}}
		if from := byPlace[r.APIs[i].Position]; from != nil {
			c.read(from)
		}
		r.APIs[i].Contract = c
	}
}

func (c *Contract) read(from *openapi.API) {
	for _, op := range from.Operations {
		if op.Webhook || op.Callback {
			continue
		}
		c.Operations = append(c.Operations, ContractOperation{
			Position: op.Position, Method: op.Method, Path: op.Path, ID: op.ID,
			Secured: len(op.Security) > 0 && !op.SecurityOptional, Open: op.SecurityNone || op.SecurityOptional,
			Has429: op.Has429 || slices.Contains(op.Responses, "4XX"), Has5xx: op.Has5xx, HasDefault: op.HasDefault,
		})
	}
	for _, s := range from.SecuritySchemes {
		scheme := Scheme{Position: s.Position, Name: s.Name, Type: s.Type, Flows: []string{}, Refresh: s.HasRefresh}
		for _, flow := range s.Flows {
			scheme.Flows = append(scheme.Flows, flow.Name)
		}
		c.Schemes = append(c.Schemes, scheme)
	}
	for _, s := range from.Servers {
		a := Address{Position: s.Position, URL: s.URL}
		if e := s.Endpoint; e != nil {
			a.host = e.Host
			a.Plain = e.Scheme == "http" && externalHost(strings.ToLower(e.Host))
		}
		a.base = basePath(s.URL)
		c.Addresses = append(c.Addresses, a)
	}
}

// basePath is the path of a server's URL; variables in braces stand for themselves.
func basePath(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	} else {
		url = strings.TrimPrefix(url, "//")
	}
	i := strings.IndexByte(url, '/')
	if i < 0 {
		return ""
	}
	return strings.TrimSuffix(url[i:], "/")
}
