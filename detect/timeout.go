package detect

import (
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

func wraps(t *catalog.Toolkit) []string   { return t.Wraps }
func runs(t *catalog.Toolkit) []string    { return t.Runs }
func records(t *catalog.Toolkit) []string { return t.Records }
func entries(t *catalog.Toolkit) []string { return t.Entries }

func requeues(t *catalog.Toolkit) []string { return t.Requeues }

// behaviours are its makers', the library's own, its drivers' and its SDK's, in the
// order in which they count.
func (s *site) behaviours() []*catalog.Behaviour {
	var out []*catalog.Behaviour
	for _, l := range s.makers {
		out = append(out, &l.Behaviour)
	}
	if s.lib != nil {
		out = append(out, &s.lib.Behaviour)
	}
	for _, l := range s.drivers {
		out = append(out, &l.Behaviour)
	}
	if s.sdk != nil {
		out = append(out, &s.sdk.Behaviour)
	}
	return out
}

// timeout judges whether the one operation is bounded in time.
func (j *judge) timeout(s *site) Verdict {
	if v, ok := j.transportTimeout(s); ok {
		return v
	}
	ctx := j.contextOf(s)
	if ctx.state == Present {
		return verdict(Present, ctx.value, ctx.reason, ctx)
	}
	for _, look := range []func(*site) bound{j.ownArgument, j.clientBound, j.transportBound, j.runBound, j.awaited, j.boundedInside} {
		b := look(s)
		if b.state != Present {
			continue
		}
		if b.configured {
			// Left out of the configuration it is zero, and the library's default holds.
			if d, lib := j.byDefault(s, timeoutOf); d != nil {
				return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " bounds it by itself where the configuration does not", Position: b.at}
			}
		}
		return verdict(Present, b.value, b.reason, b)
	}
	if ctx.state == Default {
		return verdict(Default, ctx.value, ctx.reason, ctx)
	}
	if off := j.timeoutOff(s); off != nil {
		return Verdict{Verdict: Absent, Reason: shortSymbol(off.symbol) + " switches the library's own bound off", Position: off.at, Off: true}
	}
	if d, lib := j.byDefault(s, timeoutOf); d != nil {
		return Verdict{Verdict: Default, Value: d.Value, Reason: lib + " bounds it by itself"}
	}
	if st := j.unreadable(s); st != nil {
		return Verdict{Verdict: Unknown, Reason: "the client is made by code that is not here: " + shortSymbol(st.symbol), Position: st.at}
	}
	switch {
	case ctx.state == Unknown:
		return verdict(Unknown, "", ctx.reason, ctx)
	case j.standIn(s):
		return Verdict{Verdict: Unknown, Reason: "a client of the repository's own stands there, and its calls decide"}
	case ctx.state == Absent:
		return verdict(Absent, "", ctx.reason, ctx)
	case s.client != nil && j.constructions(s)[0].opaque && len(j.constructions(s)[0].steps) == 0 && j.p.publicAPI(s.call.Fn):
		return Verdict{Verdict: Unknown, Reason: "the client comes from users of this module"}
	}
	return Verdict{Verdict: Absent, Reason: "nothing bounds it: no deadline on a context, no timeout on the client"}
}

func timeoutOf(b *catalog.Behaviour) *catalog.Property    { return &b.Timeout }
func retryOf(b *catalog.Behaviour) *catalog.Property      { return &b.Retry }
func monitoringOf(b *catalog.Behaviour) *catalog.Property { return &b.Monitoring }

func verdict(st State, value, reason string, b bound) Verdict {
	return Verdict{Verdict: st, Value: value, Reason: reason, Position: b.at, Path: b.via}
}

// contextOf is the bound of the context that the operation is given: an
// argument, the one in a request, or one put on the receiver before
// (db.WithContext(ctx).Find(...)). The zero bound means that it takes none.
func (j *judge) contextOf(s *site) bound {
	for _, b := range s.behaviours() {
		if b.Context == "ignored" && !j.heedsContext(s, b) {
			return bound{}
		}
	}
	return j.contextIn(s.call, map[*gosrc.Call]bool{})
}

// heedsContext: the clients are made so that they end with the context after all.
func (j *judge) heedsContext(s *site, b *catalog.Behaviour) bool {
	return len(b.ContextBy) > 0 && s.client != nil && j.inAll(s, func(symbol string) bool {
		return inLibrary(s, symbol) && catalog.Matches(b.ContextBy, symbol)
	}) != nil
}

// maxChained bounds how many calls a receiver is followed through for the context of one.
const maxChained = 500

// contextIn is the bound of the context that a call is given, or else a call that its
// receiver comes from, each looked at once: builders are chained, and one may come from
// many places.
func (j *judge) contextIn(c *gosrc.Call, seen map[*gosrc.Call]bool) bound {
	seen[c] = true
	for i, a := range c.Args {
		// What an unresolved function returned is a context where one is asked for.
		if a.Type == "context.Context" || a.Type == "" && a.Kind == gosrc.Result && i < len(c.Params) && c.Params[i] == "context.Context" {
			return j.deadlines.context(a)
		}
	}
	for _, a := range c.Args {
		if a.Kind == gosrc.Result && strings.HasSuffix(a.Call.Callee, ".WithContext") && len(a.Call.Args) == 1 {
			return j.deadlines.context(a.Call.Args[0]) // an option of this call
		}
	}
	for _, a := range c.Args {
		if strings.HasSuffix(a.Type, "http.Request") || strings.HasSuffix(a.Type, "retryablehttp.Request") {
			return j.deadlines.request(a)
		}
	}
	for _, a := range c.Args {
		if ctx := j.carriedContext(a); ctx != nil {
			return j.deadlines.context(ctx)
		}
		if b := j.contextPutOn(a, c); b.state != "" {
			return b
		}
	}
	if c.Recv == nil || len(seen) > maxChained || strings.HasPrefix(c.Callee, "net/http.Client.") {
		return bound{} // an http.Client keeps no context, whatever it was made with: oauth2.Config.Client(ctx, token)
	}
	for _, o := range j.p.origins(c.Recv) {
		if b := j.contextSetOn(o, c); b.state != "" {
			return b
		}
		if o.Kind == gosrc.Field && o.X != nil && o.X.Kind == gosrc.Result {
			o = o.X
		}
		if o.Kind == gosrc.Result && !seen[o.Call] && o.Call.Callee != "" && (o.Call.Method || strings.Contains(o.Call.Callee, "Begin")) {
			if b := j.contextIn(o.Call, seen); b.state != "" {
				return b
			}
		}
	}
	return bound{}
}

// contextPutOn is the bound of a context put on a request that the call is given:
// req.SetContext(ctx); client.Send(req).
func (j *judge) contextPutOn(a *gosrc.Value, c *gosrc.Call) bound {
	if a.Kind == gosrc.Const {
		return bound{}
	}
	for _, o := range j.p.origins(a) {
		if b := j.contextSetOn(o, c); b.state != "" {
			return b
		}
	}
	return bound{}
}

// carriedContext is the context in an option of a call, made with a method of that
// name or set in a library's struct: es.Search.WithContext(ctx),
// (&api.QueryOptions{}).WithContext(ctx), gorm.Session{Context: ctx}.
func (j *judge) carriedContext(a *gosrc.Value) *gosrc.Value {
	if a.Kind == gosrc.Const {
		return nil
	}
	for _, o := range j.p.origins(a) {
		switch {
		case o.Kind == gosrc.Result && o.Call.Method && strings.HasSuffix(o.Call.Callee, ".WithContext") && len(o.Call.Args) == 1 && o.Call.Args[0].Type == "context.Context":
			return o.Call.Args[0]
		case o.Kind == gosrc.Composite && o.Type != "" && !j.p.declared(o.Type):
			for _, f := range o.Fields {
				if f.Value.Type == "context.Context" {
					return f.Value
				}
			}
		}
	}
	return nil
}

// clientBound looks for what bounds each operation in the construction of every
// client that the site may call through.
func (j *judge) clientBound(s *site) bound {
	if s.client == nil {
		return bound{}
	}
	var out bound
	for _, c := range j.constructions(s) {
		b := j.constructedBound(s, c)
		if b.state != Present {
			b = j.middlewareBound(s, c)
		}
		if b.state != Present {
			return b
		}
		if out.state == "" {
			out = b
		}
	}
	return out
}

func (j *judge) constructedBound(s *site, c *construction) bound {
	step := c.find(func(symbol string) bool { return j.bounds(s, symbol) })
	if step == nil {
		if b := j.serviceConfig(s, c, "timeout"); b.state == Present {
			return b
		}
		return j.dsnBound(s, c, timeoutOf)
	}
	b := bound{state: Present, reason: shortSymbol(step.symbol), at: step.at}
	if step.value != nil {
		b.value, _ = j.p.durationAt(located{step.value, step.way})
		b.configured = b.value == "" && j.p.fromConfiguration(located{step.value, step.way})
	} else if step.call != nil {
		for _, a := range step.call.Args {
			if v, zero := j.p.durationAt(located{a, step.way}); v != "" && !zero {
				b.value = v
			}
		}
	}
	if b.value != "" {
		b.reason += " is " + b.value
	}
	return b
}

// timeoutOff: the repository switches the library's own bound off with a negative
// value.
func (j *judge) timeoutOff(s *site) *step {
	if s.client == nil {
		return nil
	}
	for _, c := range j.constructions(s) {
		for i := range c.steps {
			st := &c.steps[i]
			for _, b := range s.behaviours() {
				if (inLibrary(s, st.symbol) || absolute(b.Timeout.Off, st.symbol)) && j.p.isOff(b.Timeout.Off, st) {
					return st
				}
			}
			if st.value == nil || !j.bounds(s, st.symbol) {
				continue
			}
			os, _ := j.p.flow(st.value, st.way)
			for _, o := range os {
				if o.v.Kind == gosrc.Const && strings.HasPrefix(o.v.Text, "-") {
					return st
				}
			}
		}
	}
	return nil
}

// isOff: one of the entries, with its value where it has one, is what the step does.
func (p *program) isOff(off []string, st *step) bool {
	for _, entry := range off {
		name, want, hasValue := strings.Cut(entry, "=")
		if catalog.Matches([]string{name}, st.symbol) && (!hasValue || p.hasValue(st, want)) {
			return true
		}
	}
	return false
}

// fromConfiguration: nothing in the code decides the value.
func (p *program) fromConfiguration(l located) bool {
	os, _ := p.flow(l.v, l.way)
	for _, o := range os {
		if o.v.Kind != gosrc.Field && o.v.Kind != gosrc.Opaque && o.v.Kind != gosrc.Param {
			return false
		}
	}
	return len(os) > 0
}

// bounds: symbols that bound an operation of this library. An *http.Client inside
// any client bounds what goes through it.
func (j *judge) bounds(s *site, symbol string) bool {
	for _, b := range s.behaviours() {
		if inLibrary(s, symbol) && catalog.Matches(b.Timeout.By, symbol) || absolute(b.Timeout.By, symbol) && !strings.HasPrefix(symbol, "net/http.") {
			return true
		}
	}
	if ofHTTP(symbol) && !j.p.overHTTP(s) {
		return false
	}
	switch symbol {
	case "net/http.Client.Timeout", "net.Conn.SetDeadline", "net.Conn.SetReadDeadline", "crypto/tls.Conn.SetDeadline":
		return true // whatever the library, this is what its bytes go through
	}
	if lib := j.p.cat.Package(packageOf(symbol)); lib != nil && lib.System.Slug == "http" && catalog.Matches(lib.Timeout.By, symbol) {
		return true
	}
	return j.p.cat.Protects(catalog.RoleTimeout, symbol, wraps) != nil
}

// inLibrary: relative symbols count only in the library's own packages.
func inLibrary(s *site, symbol string) bool {
	if s.lib == nil && s.sdk == nil {
		return false
	}
	pkg := packageOf(symbol)
	if s.lib != nil {
		for _, p := range s.lib.Packages {
			if holdsPackage(p, pkg) {
				return true
			}
		}
	}
	if s.sdk != nil {
		for _, p := range s.sdk.Packages {
			if holdsPackage(p, pkg) {
				return true
			}
		}
	}
	for _, l := range slices.Concat(s.makers, s.drivers) {
		for _, p := range l.Packages {
			if holdsPackage(p, pkg) {
				return true
			}
		}
	}
	return false
}

func holdsPackage(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pkg == pattern
}

// absolute matches the entries of a list that carry their import path; a member of
// a type that is not known by its name.
func absolute(list []string, symbol string) bool {
	pkg, rest := catalog.SplitSymbol(symbol)
	member, unnamed := strings.CutPrefix(rest, "?.")
	for _, want := range list {
		name, _, _ := strings.Cut(want, "=")
		if name == symbol || unnamed && packageOf(name) == pkg && strings.HasSuffix(name, "."+member) {
			return true
		}
	}
	return false
}

// ownArgument: operations that take their bound as an argument
// (nats.Conn.Request), and tokens waited for with one (mqtt.Token.WaitTimeout).
func (j *judge) ownArgument(s *site) bound {
	listed := func(symbol string) bool {
		for _, b := range s.behaviours() {
			if catalog.Matches(b.Timeout.By, symbol) {
				return true
			}
		}
		return false
	}
	operation := func(symbol string) bool {
		return slices.ContainsFunc(s.behaviours(), func(b *catalog.Behaviour) bool { return b.Operation(symbol) == catalog.Yes })
	}
	calls := []*gosrc.Call{}
	if listed(s.symbol) {
		calls = append(calls, s.call)
	}
	for _, c := range s.call.Fn.Calls {
		if c.Recv != nil && c.Recv.Kind == gosrc.Result && c.Recv.Call == s.call && listed(c.Callee) && !operation(c.Callee) {
			calls = append(calls, c)
		}
	}
	for _, c := range calls {
		for i, a := range c.Args {
			param := ""
			if i < len(c.Params) {
				param = c.Params[i]
			}
			if c == s.call && (a.Type == "time.Time" || param == "time.Time") && a.Kind == gosrc.Result {
				return bound{state: Present, reason: "its own argument bounds it", at: c.At} // WriteControl(type, data, time.Now().Add(d))
			}
			milliseconds := c == s.call && i == len(c.Args)-1 && (param == "int" || param == "" && strings.HasSuffix(a.Type, "int")) // consumer.Poll(100)
			if a.Type != "time.Duration" && param != "time.Duration" && !milliseconds {
				continue
			}
			if value, zero := j.p.duration(a); !zero {
				if milliseconds {
					value = ""
				}
				return bound{state: Present, value: value, reason: "its own argument bounds it", at: c.At}
			}
		}
	}
	return bound{}
}

// dsnBound looks for parameters of the connection string that set a property.
func (j *judge) dsnBound(s *site, c *construction, pick func(*catalog.Behaviour) *catalog.Property) bound {
	var params []string
	for _, b := range s.behaviours() {
		params = append(params, pick(b).DSN...)
	}
	if sys := j.p.cat.System(s.system); sys != nil {
		for i := range sys.Libraries {
			params = append(params, pick(&sys.Libraries[i].Behaviour).DSN...)
		}
	}
	if len(params) == 0 {
		return bound{}
	}
	steps := c.steps
	if !s.call.Method {
		steps = append(slices.Clip(steps), step{call: s.call, at: s.call.At}) // sqlx.Connect(driver, dsn)
	}
	for _, st := range steps {
		for _, param := range params {
			// The same parameter, set in a map: RuntimeParams["statement_timeout"] = "5s".
			if st.value != nil && strings.HasSuffix(st.symbol, "."+param) && !c.zero(&st) {
				return bound{state: Present, value: constOf(j.p, &st), reason: param + " is set", at: st.at}
			}
		}
		if st.call == nil {
			continue
		}
		for _, a := range st.call.Args {
			for _, o := range j.literals(located{a, st.way}) {
				for _, param := range params {
					if _, rest, ok := strings.Cut(o.Text, param+"="); ok {
						val := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789smhnu."))]
						return bound{state: Present, value: val, reason: "the connection string sets " + param, at: o.At}
					}
				}
			}
		}
	}
	return bound{}
}

// byDefault is the cited default of the library at the version in go.mod.
func (j *judge) byDefault(s *site, pick func(*catalog.Behaviour) *catalog.Property) (*catalog.Default, string) {
	for _, b := range s.behaviours() {
		prop := pick(b)
		if d := j.p.pickDefault(prop.For(s.symbol, receiverSymbol(s.call)), packageOf(s.symbol)); d != nil {
			if d.Value == "none" {
				return nil, "" // the library's own word, before that of its SDK
			}
			return d, d.Module
		}
	}
	return nil, ""
}

// pickDefault chooses by version: newer than all that was read takes the last
// value, older than the first none. A list may hold several modules; those that
// the called package belongs to come first.
func (p *program) pickDefault(ds []catalog.Default, pkg string) *catalog.Default {
	var last *catalog.Default
	own := false
	for i := range ds {
		d := &ds[i]
		if d.Module == "std" {
			return d
		}
		v := p.versions[d.Module]
		if v == "" || semver.Compare(v, d.From) < 0 {
			continue
		}
		mine := pkg == d.Module || strings.HasPrefix(pkg, d.Module+"/")
		if mine || !own {
			last, own = d, own || mine
		}
	}
	return last
}
