package detect

import (
	"net/url"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// address is a literal endpoint that a call goes to, with the place it stands in.
type address struct {
	host    string
	element string // of the path, the first; "" where it is not known
	scheme  string
	at      scanners.Position
}

// addresses finds the literal hosts that a URL, address or request value can
// hold. known is false where some part of it comes from configuration or a user.
func (p *program) addresses(v *gosrc.Value) (out []address, known bool) {
	w := addressWalk{p: p, seen: map[*gosrc.Value]bool{}, known: true}
	w.follow(v, 0)
	return w.out, w.known && len(w.out) > 0
}

type addressWalk struct {
	p     *program
	seen  map[*gosrc.Value]bool
	out   []address
	known bool
}

func (w *addressWalk) follow(v *gosrc.Value, depth int) {
	if depth > 24 {
		w.known = false
		return
	}
	for _, o := range w.p.allOrigins(v) {
		w.leaf(o, depth)
	}
}

func (w *addressWalk) leaf(o *gosrc.Value, depth int) {
	if w.seen[o] || depth > 24 {
		return
	}
	w.seen[o] = true
	switch o.Kind {
	case gosrc.Const:
		w.text(o.Text, o)
	case gosrc.Concat:
		w.concat(o, depth)
	case gosrc.Composite:
		w.composite(o, depth)
	case gosrc.Result:
		w.call(o, depth)
	case gosrc.Field:
		if t, ok := w.p.tags[o.Name]; ok && t.Default != "" {
			w.text(t.Default, o)
			return
		}
		if o.X != nil && !w.p.declared(o.Name) {
			w.follow(o.X, depth+1)
			return
		}
		w.known = false
	case gosrc.Nil:
	default:
		w.known = false
	}
}

// text takes the host out of a literal. A template ("https://%s/v1") has none.
func (w *addressWalk) text(s string, o *gosrc.Value) {
	if isTail(s) {
		return
	}
	e, ok := scanners.ParseEndpoint(s)
	if !ok || e.Host == "" {
		if s != "" {
			w.known = false
		}
		return
	}
	if strings.ContainsAny(e.Host, "%{}$<>*") {
		// "https://%s.api.example.com": the fixed end still names the system.
		e.Host = strings.TrimLeft(e.Host[strings.LastIndexAny(e.Host, "%{}$<>*")+1:], "svd")
		if !strings.HasPrefix(e.Host, ".") || strings.Count(e.Host, ".") < 2 {
			w.known = false
			return
		}
	}
	w.out = append(w.out, address{host: strings.ToLower(e.Host), element: firstElement(s), scheme: e.Scheme, at: o.At})
}

// isTail: the text is what a URL goes on with (url += "?page=2"), and names no host.
func isTail(s string) bool {
	if s == "" {
		return false
	}
	if strings.IndexByte("?&/#", s[0]) >= 0 {
		return true
	}
	name, _, found := strings.Cut(s, "=")
	return found && (name == "%s" || name == "%v")
}

// firstElement is the first element of a URL's path.
func firstElement(text string) string {
	_, rest, _ := strings.Cut(text, "://")
	_, path, _ := strings.Cut(rest, "/")
	if i := strings.IndexAny(path, "/?#%"); i >= 0 {
		path = path[:i]
	}
	return path
}

// concat reads "https://api.example.com" + path, and base + path.
func (w *addressWalk) concat(o *gosrc.Value, depth int) {
	if o.Name != "+" || len(o.Args) == 0 {
		w.known = false
		return
	}
	left := o.Args[0]
	for _, c := range w.p.origins(left) {
		if c.Kind == gosrc.Const && (strings.HasSuffix(c.Text, "://") || strings.HasSuffix(c.Text, ".")) {
			// "https://" + host: the host is the next part.
			if len(o.Args) > 1 {
				w.follow(o.Args[1], depth+1)
			}
			return
		}
	}
	w.follow(left, depth+1)
}

// composite reads url.URL{Host: ...} and http.Request{URL: ...}.
func (w *addressWalk) composite(o *gosrc.Value, depth int) {
	before := len(w.out)
	var path *gosrc.Value
	known := false
	for _, f := range o.Fields {
		switch f.Name {
		case "Host", "URL":
			w.host(f.Value, depth)
			known = true
		case "Path":
			path = f.Value
		}
	}
	if !known {
		w.known = false
		return
	}
	if path == nil || path.Kind != gosrc.Const {
		return
	}
	for i := range w.out[before:] {
		w.out[before+i].element = firstElement("://x/" + strings.TrimPrefix(path.Text, "/"))
	}
}

// host follows a value that is a bare host, or a URL.
func (w *addressWalk) host(v *gosrc.Value, depth int) {
	for _, o := range w.p.origins(v) {
		if o.Kind == gosrc.Const && !strings.Contains(o.Text, "://") {
			// A single word is a scheme, or a name that only its network knows.
			if h, _, _ := strings.Cut(o.Text, ":"); strings.Contains(h, ".") {
				w.out = append(w.out, address{host: strings.ToLower(h), at: o.At})
			} else {
				w.known = false
			}
			continue
		}
		w.leaf(o, depth+1)
	}
}

// passThrough are functions whose result names the same host as an argument;
// -1 stands for the receiver.
var passThrough = map[string]int{
	"net/http.NewRequest": 1, "net/http.NewRequestWithContext": 2,
	"net/url.Parse": 0, "net/url.ParseRequestURI": 0, "net/url.JoinPath": 0,
	"net/url.URL.String": -1, "net/url.URL.JoinPath": -1, "net/url.URL.Parse": -1, "net/url.URL.ResolveReference": -1,
	"net/http.Request.WithContext": -1, "net/http.Request.Clone": -1,
	"strings.TrimRight": 0, "strings.TrimSuffix": 0, "strings.TrimSpace": 0, "strings.TrimLeft": 0, "strings.TrimPrefix": 0,
	"strings.Replace": 0, "strings.ReplaceAll": 0, "strings.ToLower": 0, "path.Join": 0, "cmp.Or": -2,
	"strings.Replacer.Replace": 0, "os.ExpandEnv": 0,
	"net.JoinHostPort": 0,
	"github.com/hashicorp/go-retryablehttp.NewRequest": 1, "github.com/hashicorp/go-retryablehttp.NewRequestWithContext": 2,
	"github.com/hashicorp/go-retryablehttp.FromRequest": 0, "net/http/httptest.NewRequest": 1,
}

func (w *addressWalk) call(o *gosrc.Value, depth int) {
	c := o.Call
	i, ok := passThrough[c.Callee]
	switch {
	case ok && i == -2:
		for _, a := range c.Args {
			w.follow(a, depth+1)
		}
	case ok && i < 0:
		w.follow(c.Recv, depth+1)
	case ok && i < len(c.Args):
		w.follow(c.Args[i], depth+1)
	case c.Callee == "fmt.Sprintf" && len(c.Args) > 0:
		w.sprintf(c, depth)
	case c.Callee == "strings.Join" && len(c.Args) > 0:
		w.join(c.Args[0], depth)
	default:
		w.known = false
	}
}

// sprintf reads fmt.Sprintf("https://api.example.com/%s", x) and
// fmt.Sprintf("%s/v1/%s", base, x).
func (w *addressWalk) sprintf(c *gosrc.Call, depth int) {
	for _, f := range w.p.origins(c.Args[0]) {
		if f.Kind != gosrc.Const {
			w.known = false
			continue
		}
		if isTail(f.Text) {
			continue
		}
		head := f.Text
		if i := strings.Index(head, "%"); i >= 0 {
			head = head[:i]
		}
		rest := strings.TrimSuffix(strings.TrimSuffix(head, "https://"), "http://")
		switch {
		case strings.HasPrefix(f.Text, "%s://%") && len(c.Args) > 2:
			w.host(c.Args[2], depth+1)
		case strings.HasPrefix(f.Text, "%") || rest == "" && head != "" && !domainFollows(f.Text[len(head):]):
			if len(c.Args) > 1 {
				w.host(c.Args[1], depth+1)
			} else {
				w.known = false
			}
		default:
			w.text(f.Text, f)
		}
	}
}

// join reads strings.Join([]string{base, "v1", id}, "/").
func (w *addressWalk) join(parts *gosrc.Value, depth int) {
	for _, o := range w.p.origins(parts) {
		if o.Kind == gosrc.List && len(o.Args) > 0 {
			w.follow(o.Args[0], depth+1)
			continue
		}
		w.known = false
	}
}

// domainFollows: after the first verb the host goes on, as in "%s.zendesk.com/api".
func domainFollows(template string) bool {
	i := strings.IndexAny(template, "svdq")
	return i >= 0 && strings.HasPrefix(template[i+1:], ".")
}

// isLocal: addresses of the machine itself name no system.
func isLocal(host string) bool {
	switch host {
	case "localhost", "127.0.0.1", "::1", "0.0.0.0", "[::1]", "host.docker.internal", "unix":
		return true
	}
	return strings.HasPrefix(host, "127.") || strings.HasSuffix(host, ".localhost")
}

// isExample: hosts reserved for documentation (RFC 2606), and those of XML namespaces
// and schemas, name no system.
func isExample(host string) bool {
	switch host {
	case "www.w3.org", "schemas.xmlsoap.org", "schemas.microsoft.com", "schema.org", "json-schema.org", "purl.org":
		return true
	}
	return host == "example.com" || strings.HasSuffix(host, ".example.com") || strings.HasSuffix(host, ".example") ||
		strings.HasSuffix(host, ".example.org") || host == "example.org" || strings.HasSuffix(host, ".test") || strings.HasSuffix(host, ".invalid")
}

func validHost(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	u, err := url.Parse("http://" + host + "/")
	return err == nil && u.Hostname() != "" && !strings.ContainsAny(host, " %{}$<>*()\"'\\")
}
