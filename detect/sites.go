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
	lib  *catalog.LibraryRef // nil for generated gRPC clients
	sdk  *catalog.SDK
	// client is the value whose construction decides; nil for plain functions.
	client *gosrc.Value
	system string
	// peers are the literal addresses that named the system.
	peers []address
	// wrapper: a call of the repository's own wrapper of a client.
	wrapper bool
}

const (
	callOption    = "google.golang.org/grpc.CallOption"
	clientConn    = "google.golang.org/grpc.ClientConnInterface"
	connectReq    = "connectrpc.com/connect.Request"
	connectReqOld = "github.com/bufbuild/connect-go.Request"
)

// findSites lists the operations of production code.
func (p *program) findSites() []*site {
	var out []*site
	p.eachCall(func(c *gosrc.Call) {
		if s := p.operation(c); s != nil {
			p.name(s)
			out = append(out, s)
		}
	})
	return out
}

// operation decides whether a call is a network operation.
func (p *program) operation(c *gosrc.Call) *site {
	if c.Callee == "" || generatedFile(c) && !isClientCode(c) {
		return nil
	}
	if s := p.rpcCall(c); s != nil {
		return s
	}
	pkg := packageOf(c.Callee)
	if strings.HasPrefix(c.Callee, "?.") {
		pkg = p.receiverPackage(c)
	}
	if p.byPath[pkg] != nil {
		return p.ownInterface(c)
	}
	lib := p.cat.Package(pkg)
	var sdk *catalog.SDK
	var b *catalog.Behaviour
	switch {
	case lib != nil:
		b, sdk = &lib.Behaviour, p.cat.SDKs[lib.SDK]
	default:
		if sdk = p.cat.SDKOf(pkg); sdk == nil {
			return nil
		}
		b = &sdk.Behaviour
	}
	if !p.isOperation(c, b, sdk, lib) {
		return nil
	}
	return &site{call: c, lib: lib, sdk: sdk, client: clientOf(c)}
}

// isOperation applies what the catalog says, then the generic rule: a method
// that takes a context first.
func (p *program) isOperation(c *gosrc.Call, b *catalog.Behaviour, sdk *catalog.SDK, lib *catalog.LibraryRef) bool {
	if lib != nil && lib.Direction == catalog.Inbound {
		return false
	}
	sym := c.Callee
	if alias := receiverSymbol(c); alias != "" && catalog.Matches(b.NotOperations, alias) || catalog.Matches(b.NotOperations, sym) {
		return false
	}
	if catalog.Matches(b.Operations, sym) || catalog.Matches(b.Operations, receiverSymbol(c)) {
		return true
	}
	if sdk != nil {
		if catalog.Matches(sdk.NotOperations, sym) {
			return false
		}
		if catalog.Matches(sdk.Operations, sym) || catalog.Matches(sdk.Operations, receiverSymbol(c)) {
			return true
		}
	}
	if lib != nil && len(lib.Uses) > 0 && lib.NamedBy != "" {
		return false // the standard library's packages list their operations
	}
	return c.Method && c.Context && !neverOperation(sym)
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
	for _, prefix := range []string{"With", "Set", "New", "Must", "Is", "Has", "Log"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && (rest == "" || rest[0] >= 'A' && rest[0] <= 'Z') {
			return prefix != "Set" && prefix != "Has" && prefix != "Is" || rest == "Context" || rest == "Logger"
		}
	}
	return name == "Context" || name == "String" || name == "Close"
}

func clientOf(c *gosrc.Call) *gosrc.Value {
	if c.Recv != nil {
		return c.Recv
	}
	return nil
}

// receiverPackage finds, for a method of a value whose type is not known, the
// package of the function that made the value.
func (p *program) receiverPackage(c *gosrc.Call) string {
	if c.Recv == nil {
		return ""
	}
	for _, o := range p.origins(c.Recv) {
		switch o.Kind {
		case gosrc.Result:
			if o.Call.Callee != "" && !strings.HasPrefix(o.Call.Callee, "?.") {
				return packageOf(o.Call.Callee)
			}
			if o.Call != c && o.Call.Recv != nil {
				if pkg := p.receiverPackage(o.Call); pkg != "" {
					return pkg
				}
			}
		case gosrc.Composite:
			if o.Type != "" {
				return packageOf(o.Type)
			}
		case gosrc.Global:
			return packageOf(o.Name)
		}
	}
	return ""
}

// rpcCall recognises methods of generated clients by their signature: gRPC ones
// end in ...grpc.CallOption, Connect ones take a *connect.Request.
func (p *program) rpcCall(c *gosrc.Call) *site {
	if len(c.Params) < 2 || !c.Context || !c.Method {
		return nil
	}
	last := c.Params[len(c.Params)-1]
	if c.Variadic && last == callOption {
		// The generated client itself calls conn.Invoke; that is the same operation.
		if strings.HasPrefix(c.Callee, "google.golang.org/grpc.") && generatedFile(c) {
			return nil
		}
		s := &site{call: c, client: c.Recv, sdk: p.cat.SDKs["grpc"]}
		if lib := p.cat.Package(packageOf(c.Callee)); lib != nil {
			s.lib = lib
		} else {
			s.system = "grpc"
		}
		if p.innerCall(c) {
			return nil
		}
		return s
	}
	if len(c.Params) == 2 && (c.Params[1] == connectReq || c.Params[1] == connectReqOld) && p.targetsHandler(c) {
		return &site{call: c, client: c.Recv, system: "connect"}
	}
	return nil
}

// innerCall: the call inside a repository type that merely implements the
// generated interface by passing on; both are call sites, so nothing is dropped.
func (p *program) innerCall(*gosrc.Call) bool { return false }

// targetsHandler tells a Connect client from the repository's own handlers, which
// have the same methods.
func (p *program) targetsHandler(c *gosrc.Call) bool {
	return c.Interface && strings.HasSuffix(strings.TrimSuffix(c.Callee, c.Callee[strings.LastIndexByte(c.Callee, '.'):]), "Client")
}

// ownInterface recognises calls through an interface of the repository that only
// a library's client implements, and calls of the repository's own wrappers.
func (p *program) ownInterface(c *gosrc.Call) *site {
	if !c.Method {
		return nil
	}
	targets := p.targets(c)
	if len(targets) == 0 && c.Interface && c.Context {
		for _, o := range p.origins(c.Recv) {
			if o.Kind != gosrc.Result || o.Call.Callee == "" {
				continue
			}
			if lib := p.cat.Package(packageOf(o.Call.Callee)); lib != nil && lib.Direction != catalog.Inbound {
				return &site{call: c, lib: lib, sdk: p.cat.SDKs[lib.SDK], client: c.Recv}
			}
		}
		for _, t := range c.Params[1:] {
			if lib := p.cat.Package(packageOf(t)); lib != nil && strings.HasSuffix(t, "Input") {
				return &site{call: c, lib: lib, sdk: p.cat.SDKs[lib.SDK], client: c.Recv}
			}
		}
	}
	return p.ownWrapper(c, targets)
}

// ownWrapper: a method that passes on to the method of the same name of a
// client it holds is a call site of its own.
func (p *program) ownWrapper(c *gosrc.Call, targets []*gosrc.Func) *site {
	for _, f := range targets {
		name := f.Symbol[strings.LastIndexByte(f.Symbol, '.')+1:]
		for _, inner := range f.Calls {
			if inner == c || !strings.HasSuffix(inner.Callee, "."+name) || p.byPath[packageOf(inner.Callee)] != nil {
				continue
			}
			if s := p.operation(inner); s != nil {
				return &site{call: c, lib: s.lib, sdk: s.sdk, client: s.client, system: s.system, wrapper: true}
			}
		}
	}
	return nil
}

// generatedFile: the call stands in generated code.
func generatedFile(c *gosrc.Call) bool {
	if c.Fn == nil {
		return false
	}
	for _, f := range c.Fn.Pkg.Files {
		if f.Path == c.At.File {
			return f.Generated
		}
	}
	return false
}

// isClientCode: generated OpenAPI clients make HTTP calls of their own.
func isClientCode(c *gosrc.Call) bool {
	return strings.HasPrefix(c.Callee, "net/http.") || strings.Contains(c.Callee, "HttpRequestDoer")
}

// name decides which system the site talks to.
func (p *program) name(s *site) {
	if s.system != "" && s.lib == nil {
		return
	}
	if s.lib == nil {
		s.system = p.database(s)
		return
	}
	s.system = s.lib.System.Slug
	switch s.lib.NamedBy {
	case catalog.NamedByHost:
		p.nameByHost(s)
	case catalog.NamedByDriver:
		if db := p.database(s); db != "" {
			s.system = db
		}
	}
}

// nameByHost reads the literal host out of the call's arguments, then out of the
// client's construction; a package named for a product decides where the host is
// configured.
func (p *program) nameByHost(s *site) {
	var found []address
	for _, a := range s.call.Args {
		if a.Type == "context.Context" {
			continue
		}
		as, _ := p.addresses(a)
		found = append(found, as...)
	}
	if len(found) == 0 && s.client != nil {
		found = p.constructedAddresses(s)
	}
	found = slices.DeleteFunc(found, func(a address) bool { return isLocal(a.host) || isExample(a.host) || !validHost(a.host) })
	s.peers = found
	for _, a := range found {
		if sys := p.cat.Host(a.host); sys != nil {
			s.system = sys.Slug
			return
		}
	}
	if sys := p.namedPackage(s.call); sys != nil {
		s.system = sys.Slug
		return
	}
	if s.system == "http" && len(found) > 0 {
		s.system = "http:" + found[0].host
	}
}

// constructedAddresses are the literal addresses that a client is made with.
func (p *program) constructedAddresses(s *site) []address {
	var out []address
	for _, st := range p.construct(s.client).steps {
		if st.call == nil || p.cat.Package(packageOf(st.symbol)) != s.lib {
			continue
		}
		for _, a := range st.call.Args {
			if a.Type != "context.Context" {
				as, _ := p.addresses(a)
				out = append(out, as...)
			}
		}
	}
	return out
}

// namedPackage: a package or file named for a product, making HTTP calls to a
// configured host, is that product's client.
func (p *program) namedPackage(c *gosrc.Call) *catalog.System {
	file := c.At.File
	base := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".go")
	parts := append(strings.Split(c.Fn.Pkg.Dir, "/"), base)
	for _, part := range slices.Backward(parts) {
		if sys := p.cat.System(strings.ToLower(part)); sys != nil && productKind(sys.Kind) && !commonWord[sys.Slug] {
			return sys
		}
	}
	return nil
}

func productKind(kind string) bool {
	switch kind {
	case "saas", "payment", "notification", "scm", "ai", "analytics", "featureflag", "auth", "observability", "search":
		return true
	}
	return false
}

// commonWord are slugs that folders are also named for other reasons.
var commonWord = map[string]bool{
	"webhook": true, "oauth2": true, "oidc": true, "saml": true, "ldap": true, "smtp": true, "line": true, "matrix": true,
	"split": true, "linear": true, "monday": true, "atom": true, "fly": true, "increase": true, "column": true, "together": true,
	"segment": true, "square": true, "wise": true, "permit": true, "imap": true, "opentelemetry": true, "prometheus": true,
	"openfeature": true, "statsd": true, "mcp": true, "radius": true, "kerberos": true, "opa": true, "dex": true, "apns": true,
	"sphinx": true, "replicate": true, "git": true, "splunk": true, "tempo": true, "loki": true, "grafana": true, "routable": true,
}

// database names the database behind database/sql and what is built on it: by the
// driver that the handle was opened with, by a driver package in its
// construction, or by the only driver that the repository has.
func (p *program) database(s *site) string {
	if s.client != nil {
		if sys := p.constructedDatabase(s.client); sys != "" {
			return sys
		}
	}
	for _, a := range s.call.Args {
		for _, o := range p.origins(a) {
			if o.Kind == gosrc.Const {
				if sys := p.cat.Driver(o.Text); sys != nil {
					return sys.Slug
				}
			}
		}
	}
	return p.onlyDatabase(s.call.Fn.Pkg)
}

func (p *program) constructedDatabase(v *gosrc.Value) string {
	generic := ""
	for _, st := range p.construct(v).steps {
		if st.call != nil && len(st.call.Args) > 0 && strings.Contains(strings.ToLower(st.symbol), "open") || strings.Contains(st.symbol, "Connect") {
			if st.call == nil || len(st.call.Args) == 0 {
				continue
			}
			for _, o := range p.origins(st.call.Args[0]) {
				if o.Kind == gosrc.Const {
					if sys := p.cat.Driver(o.Text); sys != nil {
						return sys.Slug
					}
				}
			}
		}
		if lib := p.cat.Package(packageOf(st.symbol)); lib != nil && (lib.System.Kind == "database" || len(lib.Drivers) > 0) && lib.NamedBy == "" && generic == "" {
			generic = lib.System.Slug
		}
	}
	return generic
}

// onlyDatabase is the SQL database whose driver the package, or else the
// repository, imports most; "" where there is none.
func (p *program) onlyDatabase(pkg *gosrc.Package) string {
	if sys := p.driversOf(pkg); sys != "" {
		return sys
	}
	counts := map[string]int{}
	for _, q := range p.pkgs {
		if p.scope[q] == ScopeRuntime {
			if sys := p.driversOf(q); sys != "" {
				counts[sys]++
			}
		}
	}
	best := ""
	for _, sys := range sortedKeys(counts) {
		if best == "" || counts[sys] > counts[best] {
			best = sys
		}
	}
	return best
}

func (p *program) driversOf(pkg *gosrc.Package) string {
	for _, imp := range pkg.Imports {
		if lib := p.cat.Package(imp.Path); lib != nil && !imp.Test && lib.System.Kind == "database" && lib.NamedBy == "" && sqlSystem(lib) {
			return lib.System.Slug
		}
	}
	return ""
}

func sqlSystem(lib *catalog.LibraryRef) bool {
	if len(lib.Drivers) > 0 {
		return true
	}
	for i := range lib.System.Libraries {
		if len(lib.System.Libraries[i].Drivers) > 0 {
			return true
		}
	}
	return false
}

// position of the site as the report has it.
func (s *site) at() scanners.Position { return s.call.At }
