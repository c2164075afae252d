package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// site is a call that makes a network operation happen, on the way to becoming a
// CallSite.
type site struct {
	call *gosrc.Call
	// symbol is the library's function or method, which is not the callee where
	// an interface or a function value stands between.
	symbol string
	lib    *catalog.LibraryRef // nil for generated gRPC clients
	sdk    *catalog.SDK
	// drivers are the libraries behind database/sql, whose settings count too.
	drivers []*catalog.Library
	// makers are the libraries that make the client in the place of gRPC or net/http;
	// theirs count first.
	makers []*catalog.Library
	// client is the value whose construction decides; nil for plain functions.
	client *gosrc.Value
	system string
	id     string // the integration: the system, or an instance of it
	// peers are the literal addresses that named the system.
	peers []address
}

// findSites lists the operations of production code.
func (p *program) findSites() []*site {
	var out []*site
	p.everyCall(func(c *gosrc.Call) {
		if s := p.operation(c); s != nil {
			if p.name(s); s.system != "" {
				out = append(out, s)
			}
		}
	})
	return out
}

// operation decides whether a call is a network operation.
func (p *program) operation(c *gosrc.Call) *site {
	if p.ent[c.At.File] {
		return nil
	}
	if s := p.entCall(c); s != nil {
		return s
	}
	if s := p.rpcCall(c); s != nil {
		return s
	}
	if s := p.untypedRPC(c); s != nil {
		return s
	}
	if isHTTPDoer(c) {
		lib := p.cat.Package("net/http")
		return &site{call: c, symbol: "net/http.Client.Do", lib: lib, sdk: p.cat.SDKs[lib.SDK], client: c.Recv}
	}
	for _, sym := range p.symbols(c) {
		if s := p.librarySite(c, sym); s != nil {
			return s
		}
	}
	if c.Method {
		return p.ownWrapper(c)
	}
	return nil
}

// symbols are the library functions that a call may be, by name: the callee
// itself, what a function value holds, or the method of the library's client
// behind an interface of the repository.
func (p *program) symbols(c *gosrc.Call) []string {
	switch {
	case c.Callee == "" && c.Func != nil:
		var out []string
		for _, o := range p.origins(c.Func) {
			switch {
			case o.Kind == gosrc.FuncRef && !p.declared(o.Name):
				out = append(out, o.Name)
			case o.Kind == gosrc.Field && o.X != nil && p.libraryFunction(o):
				out = append(out, o.Name)
			case o.Kind == gosrc.Result && o.Call.Callee != "" && c.Context:
				out = append(out, o.Call.Callee)
			}
		}
		return out
	case strings.HasPrefix(c.Callee, "?."):
		if symbol := p.unresolved(c); symbol != c.Callee {
			return []string{symbol}
		}
		return nil
	case !p.declared(c.Callee):
		return []string{c.Callee}
	case c.Interface:
		return p.behindInterface(c)
	case c.Method && len(p.targets(c)) == 0:
		return p.promoted(c)
	}
	return nil
}

// libraryFunction: a field of a library's client that holds a function of the
// library's: es.Indices.Create(...).
func (p *program) libraryFunction(o *gosrc.Value) bool {
	return !p.declared(o.Name) && o.Type != "" && p.cat.Package(packageOf(o.Name)) != nil && packageOf(o.Type) == packageOf(o.Name)
}

// promoted names the method of a library's type that one of the repository's own
// types embeds, where the library could not be read.
func (p *program) promoted(c *gosrc.Call) []string {
	dot := strings.LastIndexByte(c.Callee, '.')
	t := p.types[c.Callee[:dot]]
	if t == nil {
		return nil
	}
	var out []string
	for _, e := range t.Embeds {
		if e != "" && !p.declared(e) {
			out = append(out, e+c.Callee[dot:])
		}
	}
	return out
}

// behindInterface names the method of the library types that a receiver of one of
// the repository's interfaces holds; where those are not seen, the library whose
// types the method takes.
func (p *program) behindInterface(c *gosrc.Call) []string {
	method := c.Callee[strings.LastIndexByte(c.Callee, '.'):]
	var out []string
	for _, o := range p.origins(c.Recv) {
		if o.Type != "" && !p.declared(o.Type) && (p.cat.Package(packageOf(o.Type)) != nil || p.cat.SDKOf(packageOf(o.Type)) != nil) {
			out = append(out, o.Type+method)
		}
		if o.Type == "" || o.Kind == gosrc.Result && !o.Call.Typed {
			// Of a library that could not be read, it may be a service of the client
			// as well as the client.
			if made := p.madeBy(o, 0); made != "" && !p.declared(made) {
				out = append(out, packageOf(made)+".?"+method)
			}
		}
	}
	if len(out) == 0 && len(p.targets(c)) == 0 {
		for _, t := range c.Params {
			if strings.HasSuffix(t, "Input") && p.cat.Package(packageOf(t)) != nil {
				out = append(out, packageOf(t)+".Client"+method)
			}
		}
	}
	return out
}

// isHTTPDoer: any interface with Do(*http.Request) stands for an HTTP client.
func isHTTPDoer(c *gosrc.Call) bool {
	return c.Interface && len(c.Params) == 1 && c.Params[0] == "net/http.Request" && strings.HasSuffix(c.Callee, ".Do")
}

// librarySite is the site of a call of a library's function, if that is an operation.
func (p *program) librarySite(c *gosrc.Call, symbol string) *site {
	s := &site{call: c, symbol: symbol, client: c.Recv}
	switch {
	case c.Recv != nil:
	case c.Func != nil:
		s.client = p.boundReceiver(c.Func)
	case packageOf(symbol) == "net/http":
		s.client = &gosrc.Value{Kind: gosrc.Global, Name: "net/http.DefaultClient", At: c.At}
	default:
		s.client = packageClient(c)
	}
	pkg := packageOf(symbol)
	if s.lib = p.cat.Symbol(symbol); s.lib == nil {
		s.lib = p.cat.Package(pkg)
	}
	var b *catalog.Behaviour
	switch {
	case s.lib != nil:
		b, s.sdk = &s.lib.Behaviour, p.cat.SDKs[s.lib.SDK]
	default:
		if s.sdk = p.cat.SDKOf(pkg); s.sdk == nil {
			return nil
		}
		b = &s.sdk.Behaviour
	}
	if p.dialers[c.Fn] && s.lib != nil && s.lib.NamedBy == catalog.NamedByHost {
		return nil // the dialling half of a client that is judged where it calls
	}
	if strings.HasPrefix(symbol, "google.golang.org/grpc.") && generatedFile(c) || !p.isOperation(s, b) || p.accepted(s) {
		return nil
	}
	return s
}

// accepted: a connection that a peer opened (a websocket upgraded, a socket
// accepted) answers; its reads and writes call nobody.
func (p *program) accepted(s *site) bool {
	if s.lib == nil || len(s.lib.Inbound) == 0 || s.client == nil {
		return false
	}
	return p.construct(s.client).find(func(symbol string) bool {
		return packageOf(symbol) == packageOf(s.symbol) && catalog.Matches(s.lib.Inbound, symbol)
	}) != nil
}

// packageClient is the client of a package-level function: its arguments, and what
// the repository puts into the package's variables or sets through its functions.
func packageClient(c *gosrc.Call) *gosrc.Value {
	v := &gosrc.Value{Kind: gosrc.List, At: c.At}
	for _, a := range c.Args {
		if a.Type != "context.Context" {
			v.Args = append(v.Args, a)
		}
	}
	return v
}

// boundReceiver is the receiver of a method value: client.AddChain gives client.
func (p *program) boundReceiver(v *gosrc.Value) *gosrc.Value {
	for _, o := range p.origins(v) {
		if (o.Kind == gosrc.FuncRef || o.Kind == gosrc.Field && p.libraryFunction(o)) && o.X != nil {
			return o.X
		}
	}
	return v
}

// isOperation applies what the catalog says, the exact before the general, then
// the generic rule: a method that takes a context first.
func (p *program) isOperation(s *site, b *catalog.Behaviour) bool {
	c := s.call
	if s.lib != nil && s.lib.Direction == catalog.Inbound {
		return false
	}
	if strings.HasSuffix(s.symbol, ".?.Close") {
		return false // of a response's body, as likely as not
	}
	names := []string{s.symbol}
	if c.Func != nil {
		names = append(names, s.symbol+catalog.Called)
	}
	if alias := receiverSymbol(c); alias != "" && alias != s.symbol && !p.declared(alias) {
		names = append(names, alias)
	}
	sets := []*catalog.Behaviour{b}
	if s.sdk != nil && b != &s.sdk.Behaviour {
		sets = append(sets, &s.sdk.Behaviour)
	}
	for _, b := range sets {
		if d := b.Operation(names...); d != catalog.Undecided {
			return d == catalog.Yes
		}
	}
	if strings.Contains(s.symbol, ".?.") && c.Error && b.AnyType() {
		return true // its type is not known, and all methods of some types are operations
	}
	if strings.Contains(s.symbol, ".?.") && b.ByName() && chained(c) {
		return false // api.GetUser(ctx, id).Execute(): the method at the end of the chain calls out
	}
	if s.lib != nil && len(s.lib.Uses) > 0 && s.lib.NamedBy != "" {
		return false // the standard library's packages list their operations
	}
	return (c.Method || c.Func != nil) && c.Context && !neverOperation(s.symbol)
}

// chained: a method of what the call returns is called at once.
func chained(c *gosrc.Call) bool {
	return slices.ContainsFunc(c.Fn.Calls, func(next *gosrc.Call) bool {
		return next.Recv != nil && next.Recv.Kind == gosrc.Result && next.Recv.Call == c
	})
}

// receiverSymbol names a promoted or interface method by the static type of its
// receiver.
func receiverSymbol(c *gosrc.Call) string {
	if c.Recv == nil || c.Recv.Type == "" {
		return ""
	}
	return c.Recv.Type + c.Callee[strings.LastIndexByte(c.Callee, '.'):]
}

// neverOperation: names by which libraries configure and pass on, never call out.
func neverOperation(symbol string) bool {
	name := symbol[strings.LastIndexByte(symbol, '.')+1:]
	for _, prefix := range []string{"With", "New", "Must", "Log"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			return true
		}
	}
	switch name {
	case "Context", "String", "Close", "SetContext", "SetLogger":
		return true
	}
	return false
}

// madeBy names, for a value whose type is not known, the library function or type
// at the start of the chain of calls that made it.
func (p *program) madeBy(v *gosrc.Value, depth int) string {
	if v == nil || depth > 8 {
		return ""
	}
	for _, o := range p.origins(v) {
		switch o.Kind {
		case gosrc.Result:
			if o.Call.Callee != "" && !strings.HasPrefix(o.Call.Callee, "?.") {
				return o.Call.Callee
			}
			if made := p.madeBy(o.Call.Recv, depth+1); made != "" {
				return made
			}
		case gosrc.Composite:
			if o.Type != "" {
				return o.Type
			}
		case gosrc.Global:
			return o.Name
		case gosrc.Param:
			if o.Type != "" {
				return o.Type
			}
		case gosrc.Field:
			if o.Type != "" && !p.declared(o.Type) {
				return o.Type
			}
			if made := p.madeBy(o.X, depth+1); made != "" {
				return made
			}
		}
	}
	return ""
}

// position of the site as the report has it.
func (s *site) at() scanners.Position { return s.call.At }
