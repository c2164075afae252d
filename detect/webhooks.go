package detect

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Webhook is an inbound request by which another system tells of an event.
type Webhook struct {
	// Position is that of the function that answers.
	scanners.Position
	Route    string `json:"route"`
	Function string `json:"function"`
	// Provider is who sends, where that is known.
	Provider string `json:"provider,omitempty"`
	// Why says what shows that it is a webhook.
	Why string `json:"why"`
	// Signature: the sender is checked. Replay: an event that comes again, or late,
	// is told apart.
	Signature Verdict `json:"signature"`
	Replay    Verdict `json:"replay"`
}

var (
	// webhookPath: the end of the path says that others send events here.
	webhookPath = regexp.MustCompile(`(?i)(^|/)(web[-_]?hooks?|hooks?|callbacks?)(/[^/]*){0,2}$`)
	webhookName = regexp.MustCompile(`(?i)(web[-_]?hook)`)
	checksName  = regexp.MustCompile(`(?i)(verif|valid|check|authent)\w*(sig|hmac|hook|payload|token|secret|event|request)|constructevent|sig\w*valid|parserequest|basicauth`)
	checkHeader = regexp.MustCompile(`(?i)(signature|-token$|secret|hmac|digest|^authorization$|api-?key)`)
	onceName    = regexp.MustCompile(`(?i)(idempot|dedup|duplicate|already|alreadyprocessed|isprocessed|markprocessed|seen|setnx|upsert|onconflict|exists|nonce|replay)`)
	onceSQL     = regexp.MustCompile(`(?i)(on conflict|insert ignore|on duplicate key|where not exists)`)
)

// maxBelow bounds the functions below a handler that are looked at.
const maxBelow = 400

// webhooks finds the handlers of inbound events and what protects them.
func (s *served) webhooks(r *Result) []Webhook {
	sites := map[scanners.Position]bool{}
	for i := range r.CallSites {
		sites[r.CallSites[i].Position] = true
	}
	managed := s.managed()
	out := []Webhook{}
	seen := map[*gosrc.Func]bool{}
	for i := range s.routes.routes {
		rt := &s.routes.routes[i]
		if rt.fn == nil || seen[rt.fn] || rt.Method != "" && rt.Method != "POST" && rt.Method != "PUT" {
			continue
		}
		below, cut := s.below(rt.fn)
		why, provider := s.isWebhook(rt, below, managed)
		if why == "" {
			continue
		}
		seen[rt.fn] = true
		w := Webhook{Position: rt.fn.At, Route: rt.Name(), Function: functionName(rt.fn), Provider: provider, Why: why}
		w.Signature, w.Replay = s.checks(rt, below, cut, sites)
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b Webhook) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Route, b.Route)) })
	return out
}

// managed are the paths at which webhooks are listed or removed: those that are
// sent to others are managed there, none come in.
func (s *served) managed() map[string]bool {
	out := map[string]bool{}
	for i := range s.routes.routes {
		if rt := &s.routes.routes[i]; rt.Method == "GET" || rt.Method == "DELETE" || rt.Method == "PATCH" {
			out[collection(rt.Path)] = true
		}
	}
	return out
}

// collection drops the parameters at the end of a path.
func collection(path string) string {
	path = shape(path)
	for strings.HasSuffix(path, "/{}") {
		path = strings.TrimSuffix(path, "/{}")
	}
	return path
}

// isWebhook says why a route receives events, and whose.
func (s *served) isWebhook(rt *Route, below []*gosrc.Func, managed map[string]bool) (why, provider string) {
	for _, f := range below {
		for _, c := range f.Calls {
			if w := s.event(c); w != nil {
				return "reads an event of " + w.Name, w.Name
			}
			for _, a := range c.Args {
				if w := s.p.cat.SignatureHeader(a.Text); a.Kind == gosrc.Const && w != nil {
					return "reads the header " + a.Text, w.Name
				}
			}
		}
	}
	if rt.Auth != "" || managed[collection(rt.Path)] || s.outbound(rt) {
		return "", ""
	}
	if webhookPath.MatchString(rt.Path) && (webhookName.MatchString(rt.Path) || s.productIn(rt.Path) != "") {
		return "its path", s.productIn(rt.Path)
	}
	if webhookName.MatchString(rt.Handler) && rt.Method == "POST" && strings.Contains(strings.ToLower(rt.Path), "hook") {
		return "its handler's name", s.productIn(rt.Path)
	}
	return "", ""
}

// outbound: the handler's name says that it keeps webhooks for others.
func (s *served) outbound(rt *Route) bool {
	name := strings.ToLower(lastName(strings.TrimSuffix(rt.Handler, " literal")))
	for _, verb := range []string{"create", "update", "delete", "list", "get", "add", "remove", "register", "test", "rotate", "edit", "set", "patch", "repair", "move"} {
		if strings.HasPrefix(name, verb) || strings.HasSuffix(name, verb) {
			return true
		}
	}
	return false
}

// productIn is the product of the catalog that a part of a path names.
func (s *served) productIn(path string) string {
	for part := range strings.SplitSeq(strings.ToLower(path), "/") {
		for _, w := range s.p.cat.Webhooks {
			if part == w.Provider {
				return w.Name
			}
		}
		if sys := s.p.cat.System(part); sys != nil {
			return sys.Name
		}
	}
	return ""
}

// event: the call reads a provider's event.
func (s *served) event(c *gosrc.Call) *catalog.Webhook {
	if w := s.p.cat.WebhookOf(c.Callee); w != nil {
		return w
	}
	if name := lastName(c.Callee); name == "Unmarshal" || name == "Decode" {
		for _, a := range c.Args {
			if w := s.p.cat.WebhookOf(a.Type); w != nil {
				return w
			}
		}
	}
	return nil
}

// below are the functions that a handler may run, itself first; cut says that some
// are not known.
func (s *served) below(f *gosrc.Func) (out []*gosrc.Func, cut bool) {
	out = []*gosrc.Func{f}
	seen := map[*gosrc.Func]bool{f: true}
	add := func(g *gosrc.Func) {
		if g != nil && !seen[g] && len(out) < maxBelow {
			seen[g] = true
			out = append(out, g)
		}
	}
	for i := 0; i < len(out); i++ {
		for _, lit := range s.routes.literals[out[i]] {
			add(lit)
		}
		for _, c := range out[i].Calls {
			targets := s.p.targets(c)
			for _, g := range targets {
				add(g)
			}
			if c.Func != nil {
				for _, o := range s.p.origins(c.Func) {
					add(s.p.funcOf(o))
				}
			}
			for _, a := range c.Args {
				if a.Kind == gosrc.FuncRef || a.Kind == gosrc.Closure {
					add(s.p.funcOf(a))
				}
			}
			// A request or its headers leave for code that is not here.
			if len(targets) == 0 && c.Interface && s.p.declared(c.Callee) && slices.Contains(c.Params, "net/http.Header") {
				cut = true
			}
		}
	}
	return out, cut || len(out) >= maxBelow
}

// checks are the verdicts on the sender's signature and on events that come again.
func (s *served) checks(rt *Route, below []*gosrc.Func, cut bool, sites map[scanners.Position]bool) (signature, replay Verdict) {
	signature = Verdict{Verdict: Absent, Reason: "nothing in the handler or its middleware checks who sent the event", Position: rt.fn.At}
	replay = Verdict{Verdict: Absent, Reason: "nothing tells an event that comes again from a new one", Position: rt.fn.At}
	if rt.Auth != "" {
		signature = Verdict{Verdict: Present, Value: rt.Auth, Reason: "middleware asks who is calling"}
	}
	for _, name := range rt.Middleware {
		if checksName.MatchString(name) {
			signature = Verdict{Verdict: Present, Value: name, Reason: "middleware checks the request"}
		}
	}
	all := slices.Clone(below)
	for before, handlers := range s.routes.stands {
		if slices.Contains(handlers, rt.fn) {
			all = append(all, before)
		}
	}
	slices.SortFunc(all, func(a, b *gosrc.Func) int { return a.At.Compare(b.At) })
	effects := false
	for _, f := range all {
		for _, c := range f.Calls {
			effects = effects || sites[c.At]
			signs, dated := s.signs(c)
			if signs && signature.Verdict != Present {
				signature = Verdict{Verdict: Present, Value: shortSymbol(c.Callee), Reason: "checks the sender", Position: c.At}
			}
			if (dated || once(c)) && replay.Verdict != Present {
				replay = Verdict{Verdict: Present, Value: shortSymbol(c.Callee), Reason: "tells an old event from a new one", Position: c.At}
			}
		}
	}
	if cut && signature.Verdict == Absent {
		signature = Verdict{Verdict: Unknown, Reason: "the request is handed to code outside the repository"}
	}
	if replay.Verdict == Absent && (cut || !effects) {
		replay = Verdict{Verdict: Unknown, Reason: "what the event brings about is not in the repository"}
	}
	return signature, replay
}

// signs: the call checks a signature, token or secret; dated, also its time.
func (s *served) signs(c *gosrc.Call) (signs, dated bool) {
	if verifies, old := s.p.cat.Verifies(c.Callee); verifies {
		return true, old
	}
	pkg, name := catalog.SplitSymbol(c.Callee)
	switch {
	case pkg == "crypto/hmac", pkg == "crypto/subtle", pkg == "crypto/ed25519", strings.Contains(pkg, "jwt"), strings.Contains(pkg, "jose"):
		return true, false
	case (pkg == "crypto/rsa" || pkg == "crypto/ecdsa" || pkg == "crypto/x509") && strings.Contains(name, "Verify"):
		return true, false
	case checksName.MatchString(lastName(c.Callee)):
		return true, false
	}
	if n := lastName(c.Callee); n == "Get" || n == "GetHeader" || n == "Header" || n == "Values" || n == "Query" || n == "Peek" {
		for _, a := range c.Args {
			if a.Kind == gosrc.Const && checkHeader.MatchString(a.Text) {
				return true, false
			}
		}
	}
	return false, false
}

// once: the call looks up or notes that an event was there before, or how old it is.
func once(c *gosrc.Call) bool {
	if onceName.MatchString(lastName(c.Callee)) || c.Callee == "time.Since" || c.Callee == "time.Time.Sub" {
		return true
	}
	return slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool { return a.Kind == gosrc.Const && onceSQL.MatchString(a.Text) })
}
