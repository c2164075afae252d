package detect

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// UnknownCall is a call to an operation that the description of the API called
// does not have.
type UnknownCall struct {
	scanners.Position
	Function string `json:"function"`
	Method   string `json:"method"`
	Path     string `json:"path"`
}

// unknownOperations compares the addresses that the code calls with the consumed
// descriptions of their hosts.
func (s *served) unknownOperations(r *Result) {
	hosts := map[string][]*API{}
	for i := range r.APIs {
		if api := &r.APIs[i]; api.Direction == "outbound" && len(api.Contract.Operations) > 0 {
			for _, a := range api.Contract.Addresses {
				if a.host != "" && !slices.Contains(hosts[a.host], api) {
					hosts[a.host] = append(hosts[a.host], api)
				}
			}
		}
	}
	if len(hosts) == 0 {
		return
	}
	s.p.eachCall(func(c *gosrc.Call) {
		method, address := s.requested(c)
		for _, text := range address {
			s.lookUp(c, method, text, hosts)
		}
	})
	for i := range r.APIs {
		slices.SortFunc(r.APIs[i].Contract.Unknown, func(a, b UnknownCall) int {
			return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Path, b.Path))
		})
		r.APIs[i].Contract.Unknown = slices.Compact(r.APIs[i].Contract.Unknown)
	}
}

// requested are the method and the addresses of a request that a call makes.
func (s *served) requested(c *gosrc.Call) (string, []string) {
	arg := func(i int) []string {
		if i >= len(c.Args) {
			return nil
		}
		return s.routes.texts(c.Args[i], nil, 0)
	}
	method := func(i int) string {
		if ms := arg(i); len(ms) == 1 {
			return cmp.Or(ms[0], "GET")
		}
		return ""
	}
	switch c.Callee {
	case "net/http.Get", "net/http.Client.Get":
		return "GET", arg(0)
	case "net/http.Head", "net/http.Client.Head":
		return "HEAD", arg(0)
	case "net/http.Post", "net/http.PostForm", "net/http.Client.Post", "net/http.Client.PostForm":
		return "POST", arg(0)
	case "net/http.NewRequest":
		return method(0), arg(1)
	case "net/http.NewRequestWithContext":
		return method(1), arg(2)
	}
	return "", nil
}

func (s *served) lookUp(c *gosrc.Call, method, text string, hosts map[string][]*API) {
	u, err := url.Parse(strings.ReplaceAll(text, "{}", "~"))
	if err != nil || !httpMethod(method) || u.Host == "" || strings.Contains(u.Host, "~") {
		return
	}
	apis := hosts[u.Hostname()]
	path := strings.ReplaceAll(u.Path, "~", "{}")
	for _, api := range apis {
		if api.Contract.has(method, path) || api.Contract.baseAlone(path) {
			return
		}
	}
	if len(apis) > 0 {
		api := apis[0]
		api.Contract.Unknown = append(api.Contract.Unknown, UnknownCall{Position: c.At, Function: c.Fn.Name, Method: method, Path: path})
	}
}

func httpMethod(method string) bool {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE":
		return true
	}
	return false
}

// baseAlone: nothing is known of the path but where the API begins.
func (c *Contract) baseAlone(path string) bool {
	path = strings.TrimSuffix(path, "/")
	return path == "" || slices.ContainsFunc(c.Addresses, func(a Address) bool { return strings.HasPrefix(a.base+"/", path+"/") })
}

// has: some operation, below any of the servers, is the one called. An unknown part
// of the path may be anything.
func (c *Contract) has(method, path string) bool {
	for i := range c.Operations {
		op := &c.Operations[i]
		for _, a := range c.Addresses {
			full := joinPath(a.base, normalPath(op.Path))
			if op.Method == method && (pathMatches(full, path) || strings.HasSuffix(path, "{}") && strings.HasPrefix(full, strings.TrimSuffix(path, "{}"))) {
				return true
			}
		}
	}
	return false
}
