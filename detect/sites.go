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
	// client is the value whose construction decides; nil for plain functions.
	client *gosrc.Value
	system string
	id     string // the integration: the system, or an instance of it
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
			case o.Kind == gosrc.Result && o.Call.Callee != "" && c.Context:
				out = append(out, o.Call.Callee)
			}
		}
		return out
	case strings.HasPrefix(c.Callee, "?."):
		if made := p.madeBy(c.Recv, 0); made != "" {
			return []string{packageOf(made) + "." + c.Callee}
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
		if o.Type != "" && !p.declared(o.Type) && p.cat.Package(packageOf(o.Type)) != nil {
			out = append(out, o.Type+method)
		} else if o.Type == "" {
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
		if o.Kind == gosrc.FuncRef && o.X != nil {
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
	if s.lib != nil && len(s.lib.Uses) > 0 && s.lib.NamedBy != "" {
		return false // the standard library's packages list their operations
	}
	return (c.Method || c.Func != nil) && c.Context && !neverOperation(s.symbol)
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

// rpcCall recognises methods of generated clients by their signature: gRPC ones
// end in ...grpc.CallOption, Connect ones take a *connect.Request.
func (p *program) rpcCall(c *gosrc.Call) *site {
	if len(c.Params) < 2 || !c.Context || !c.Method && c.Func == nil {
		return nil
	}
	last := c.Params[len(c.Params)-1]
	if c.Func != nil && (strings.HasSuffix(c.Func.Type, "grpc.UnaryInvoker") || strings.HasSuffix(c.Func.Type, "grpc.Streamer")) {
		return nil // an interceptor passes the call on
	}
	if c.Variadic && last == callOption {
		// The generated client's own conn.Invoke is the same operation.
		if strings.HasPrefix(c.Callee, "google.golang.org/grpc.") || generatedFile(c) || len(p.targets(c)) > 0 && !p.generatedTarget(c) {
			return nil
		}
		s := &site{call: c, symbol: c.Callee, client: c.Recv, sdk: p.cat.SDKs["grpc"], lib: p.cat.Package(packageOf(c.Callee))}
		if s.client == nil {
			s.client = p.boundReceiver(c.Func)
			s.symbol = p.functionName(c.Func)
		}
		if s.lib == nil {
			s.system = "grpc"
		}
		return s
	}
	if len(c.Params) == 2 && (c.Params[1] == connectReq || c.Params[1] == connectReqOld) && p.targetsHandler(c) {
		return &site{call: c, symbol: c.Callee, client: c.Recv, system: "connect"}
	}
	return nil
}

// untypedRPC recognises a generated client that could not be read by how it is
// made: NewHealthClient(conn), of a *grpc.ClientConn.
func (p *program) untypedRPC(c *gosrc.Call) *site {
	if !strings.HasPrefix(c.Callee, "?.") || !c.Context || c.Recv == nil {
		return nil
	}
	for _, o := range p.origins(c.Recv) {
		if o.Kind != gosrc.Result {
			continue
		}
		_, name := catalog.SplitSymbol(o.Call.Callee)
		if !strings.HasPrefix(name, "New") || !strings.HasSuffix(name, "Client") {
			continue
		}
		for _, a := range o.Call.Args {
			if a.Type == clientConn || a.Type == "google.golang.org/grpc.ClientConn" {
				return &site{call: c, symbol: packageOf(o.Call.Callee) + strings.TrimPrefix(c.Callee, "?"), client: c.Recv, sdk: p.cat.SDKs["grpc"], system: "grpc"}
			}
		}
	}
	return nil
}

// functionName names the function that a value holds, for people.
func (p *program) functionName(v *gosrc.Value) string {
	for _, o := range p.origins(v) {
		if o.Kind == gosrc.FuncRef {
			return o.Name
		}
	}
	return "function value"
}

// generatedTarget: the call reaches the generated client itself, not only the
// repository's own decorators of it.
func (p *program) generatedTarget(c *gosrc.Call) bool {
	return slices.ContainsFunc(p.targets(c), func(f *gosrc.Func) bool {
		return slices.ContainsFunc(f.Calls, func(inner *gosrc.Call) bool {
			return strings.HasPrefix(inner.Callee, "google.golang.org/grpc.")
		})
	}) || c.Interface
}

// targetsHandler tells a Connect client from the repository's own handlers, which
// have the same methods.
func (p *program) targetsHandler(c *gosrc.Call) bool {
	return c.Interface && strings.HasSuffix(strings.TrimSuffix(c.Callee, c.Callee[strings.LastIndexByte(c.Callee, '.'):]), "Client")
}

// ownWrapper: a method of the repository that passes on to the method of the same
// name of a client it holds, directly or through another wrapper, is a call site
// of its own.
func (p *program) ownWrapper(c *gosrc.Call) *site {
	for _, f := range p.targets(c) {
		if s := p.wraps(f, 0); s != nil {
			return &site{call: c, symbol: s.symbol, lib: s.lib, sdk: s.sdk, client: s.client, system: s.system, wrapper: true}
		}
	}
	return nil
}

// wraps is the operation that a wrapper method passes on to; nil for other methods.
func (p *program) wraps(f *gosrc.Func, depth int) *site {
	if s, done := p.wrappers[f]; done {
		return s
	}
	p.wrappers[f] = nil // a circle wraps nothing
	name := f.Symbol[strings.LastIndexByte(f.Symbol, '.')+1:]
	for _, inner := range f.Calls {
		if !strings.HasSuffix(inner.Callee, "."+name) {
			continue
		}
		var s *site
		if !p.declared(inner.Callee) {
			s = p.operation(inner)
		} else if depth < 3 {
			for _, g := range p.targets(inner) {
				if s = p.wraps(g, depth+1); s != nil {
					break
				}
			}
		}
		if s != nil {
			p.wrappers[f] = s
			return s
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

// name decides which system the site talks to.
func (p *program) name(s *site) {
	if s.system != "" && s.lib == nil {
		return
	}
	if s.lib == nil {
		if s.sdk != nil && s.sdk.Name == "database-sql" {
			s.system = p.database(s)
			s.drivers = p.driverLibraries(s.system)
		} else {
			s.system = p.constructedSystem(s)
		}
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
	case catalog.NamedByProvider:
		if sys := p.provider(s.lib.System, s.call.Fn.Pkg.Module); sys != nil {
			s.system = sys.Slug
		}
	case catalog.NamedByFolder:
		if sys := p.namedPackage(s.call); sys != nil && sys.Kind == s.lib.System.Kind {
			s.system = sys.Slug
		}
	default:
		p.nameCompatible(s)
	}
	switch {
	case s.lib.Host != "":
		s.system = "http:" + s.lib.Host
	case s.system == "tcp" || s.lib.System.Slug == "tcp":
		p.nameDialled(s)
	}
}

// peerOf names the system that importing a library in a package proves.
func (p *program) peerOf(lib *catalog.LibraryRef, pkg *gosrc.Package) string {
	if lib.Host != "" {
		return "http:" + lib.Host
	}
	if lib.NamedBy == catalog.NamedByFolder || lib.System.Kind == "ai" {
		if sys := p.namedFolder(strings.ToLower(pkg.Dir)); sys != nil && sys.Kind == lib.System.Kind {
			return sys.Slug
		}
	}
	return lib.System.Slug
}

// nameCompatible: clients of model providers are pointed at others that speak the
// same API, by a base URL or in a package named for the other.
func (p *program) nameCompatible(s *site) {
	if s.lib.System.Kind != "ai" || s.client == nil {
		return
	}
	for _, a := range p.constructedAddresses(s) {
		if sys := p.cat.Host(a.host); sys != nil && sys.Kind == "ai" {
			s.system = sys.Slug
			return
		}
	}
	if sys := p.namedPackage(s.call); sys != nil && sys.Kind == "ai" {
		s.system = sys.Slug
	}
}

// nameDialled: a connection dialled for a protocol library of the same package is
// that protocol's.
func (p *program) nameDialled(s *site) {
	found := ""
	for _, imp := range s.call.Fn.Pkg.Imports {
		lib := p.cat.Package(imp.Path)
		if lib == nil || imp.Test || lib.Direction == catalog.Inbound {
			continue
		}
		switch lib.System.Slug {
		case "smtp", "imap", "pop3", "ldap", "ssh", "sftp", "ftp", "syslog", "whois", "ntp":
			if found != "" && found != lib.System.Slug {
				return
			}
			found = lib.System.Slug
		}
	}
	if found != "" {
		s.system = found
	}
}

// provider is the one other system of the kind whose library the module imports.
func (p *program) provider(of *catalog.System, module string) *catalog.System {
	var found *catalog.System
	for _, pkg := range p.pkgs {
		if pkg.Module != module || p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			lib := p.cat.Package(imp.Path)
			if lib == nil || imp.Test || lib.System == of || lib.System.Kind != of.Kind {
				continue
			}
			if found != nil && found != lib.System {
				return nil
			}
			found = lib.System
		}
	}
	return found
}

// nameByHost reads the literal host out of the call's arguments, then out of the
// client's construction; a package named for a product decides where the host is
// configured.
func (p *program) nameByHost(s *site) {
	var found []address
	known := true
	for _, a := range s.call.Args {
		if a.Type == "context.Context" {
			continue
		}
		as, all := p.addresses(a)
		known = known && (all || len(as) == 0)
		found = append(found, as...)
	}
	if len(found) == 0 && s.client != nil {
		found = p.constructedAddresses(s)
	}
	found = slices.DeleteFunc(found, func(a address) bool { return isLocal(a.host) || isExample(a.host) || !validHost(a.host) })
	s.peers = found
	named := p.hostSystems(found)
	folder := p.namedPackage(s.call)
	var sys *catalog.System
	switch {
	case len(named) == 1, folder != nil && slices.Contains(named, folder):
		sys = named[0]
		if len(named) > 1 {
			sys = folder
		}
	case len(named) > 1:
		return // code that many clients share: its hosts tell of each
	case s.system != "tcp":
		sys = folder
	}
	if sys != nil {
		s.system = sys.Slug
		if s.lib.System.Slug == "oauth2" && p.cat.System(sys.Slug+".oauth") != nil {
			s.system += ".oauth"
		}
		return
	}
	if s.system == "http" && len(found) > 0 && known {
		s.system = "http:" + found[0].host
	}
}

// hostSystems are the systems that addresses belong to, each once.
func (p *program) hostSystems(as []address) []*catalog.System {
	var out []*catalog.System
	for _, a := range as {
		if sys := p.cat.Host(a.host); sys != nil && !slices.Contains(out, sys) {
			out = append(out, sys)
		}
	}
	return out
}

// constructedAddresses are the literal addresses that a client is made with. An
// http.Client is made with none: what else it is used for names other peers.
func (p *program) constructedAddresses(s *site) []address {
	if packageOf(s.symbol) == "net/http" {
		return nil
	}
	var out []address
	for _, st := range p.construct(s.client).steps {
		if st.call == nil || p.cat.Package(packageOf(st.symbol)) != s.lib || st.call.Context || catalog.Matches(s.lib.Operations, st.symbol) {
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

// namedPackage: a package or file named for a product, talking a generic protocol
// to a configured peer, is that product's client: pubsub/solace, certs/openbao.go,
// cli/graphql_client.go, bindings/azure/signalr.
func (p *program) namedPackage(c *gosrc.Call) *catalog.System {
	base := strings.ToLower(strings.TrimSuffix(c.At.File[strings.LastIndexByte(c.At.File, '/')+1:], ".go"))
	if words := strings.Split(base, "_"); len(words) > 1 {
		// azure_pipelines_scaler.go: the first two words may be one name.
		if sys := p.cat.Folder(words[0] + "_" + words[1]); sys != nil {
			return sys
		}
	}
	return p.namedFolder(strings.ToLower(c.Fn.Pkg.Dir) + "/" + fileStem(c.At.File))
}

// namedFolder is the product that the deepest folder with a product's name names.
func (p *program) namedFolder(dir string) *catalog.System {
	parts := strings.Split(dir, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		if i > 0 {
			if sys := p.cat.System(parts[i-1] + "." + parts[i]); sys != nil {
				return sys
			}
		}
		if sys := p.cat.System(parts[i]); sys != nil && productKind(sys.Kind) && (!commonWord[sys.Slug] || !protocolWord[sys.Slug] && p.families[strings.Join(parts[:i], "/")]) {
			return sys
		}
		if sys := p.cat.Folder(parts[i]); sys != nil {
			return sys
		}
	}
	return nil
}

// findFamilies finds the folders with one folder or file a product: plugins,
// providers, connectors. Among them a common word is a product's name too.
func (p *program) findFamilies() {
	members := map[string]map[string]bool{}
	note := func(path string) {
		dir, name := "", path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			dir, name = path[:i], path[i+1:]
		}
		sys := p.cat.System(name)
		if sys == nil {
			sys = p.cat.Folder(name)
		}
		if sys == nil || !productKind(sys.Kind) || commonWord[sys.Slug] {
			return
		}
		if members[dir] == nil {
			members[dir] = map[string]bool{}
		}
		members[dir][name] = true
	}
	for _, pkg := range p.pkgs {
		dir := strings.ToLower(pkg.Dir)
		parts := strings.Split(dir, "/")
		for i := range parts {
			note(strings.Join(parts[:i+1], "/"))
		}
		for _, f := range pkg.Files {
			note(dir + "/" + fileStem(f.Path))
		}
	}
	p.families = map[string]bool{}
	for dir, names := range members {
		p.families[dir] = len(names) >= minFamily
	}
}

// minFamily is how many products make a folder one of products.
const minFamily = 4

// fileStem is a file's name up to its first underscore.
func fileStem(file string) string {
	base := strings.TrimSuffix(file[strings.LastIndexByte(file, '/')+1:], ".go")
	stem, _, _ := strings.Cut(base, "_")
	return strings.ToLower(stem)
}

func productKind(kind string) bool {
	switch kind {
	case "saas", "payment", "notification", "scm", "ai", "analytics", "featureflag", "auth", "observability", "search",
		"secrets", "graphql", "platform", "messaging":
		return true
	}
	return false
}

// protocolWord are the common words that stand for a protocol or a custom: among
// products too they name none.
var protocolWord = map[string]bool{
	"webhook": true, "ldap": true, "smtp": true, "imap": true, "opentelemetry": true, "openfeature": true, "mcp": true,
	"radius": true, "kerberos": true, "git": true, "amqp": true, "mqtt": true,
}

// commonWord are slugs that folders are also named for other reasons.
var commonWord = map[string]bool{
	"webhook": true, "ldap": true, "smtp": true, "line": true, "matrix": true,
	"split": true, "linear": true, "monday": true, "atom": true, "fly": true, "increase": true, "column": true, "together": true,
	"segment": true, "square": true, "permit": true, "imap": true, "opentelemetry": true, "prometheus": true,
	"openfeature": true, "statsd": true, "mcp": true, "radius": true, "kerberos": true, "opa": true, "dex": true,
	"sphinx": true, "replicate": true, "git": true, "splunk": true, "tempo": true, "loki": true, "grafana": true, "routable": true,
	"docker": true, "amqp": true, "mqtt": true, "box": true, "doppler": true, "square.": true,
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

// driverLibraries are the libraries of a database that serve database/sql and that
// the repository imports.
func (p *program) driverLibraries(slug string) []*catalog.Library {
	if libs, ok := p.driverMemo[slug]; ok {
		return libs
	}
	var out []*catalog.Library
	if sys := p.cat.System(slug); sys != nil {
		for i := range sys.Libraries {
			l := &sys.Libraries[i]
			if (len(l.Drivers) > 0 || l.SDK == "database-sql") && p.imports(l) {
				out = append(out, l)
			}
		}
	}
	p.driverMemo[slug] = out
	return out
}

func (p *program) imports(l *catalog.Library) bool {
	for _, pkg := range p.pkgs {
		if p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			for _, pattern := range l.Packages {
				if !imp.Test && holdsPackage(pattern, imp.Path) {
					return true
				}
			}
		}
	}
	return false
}

// constructedSystem names the system of a helper of an SDK (a pager, a waiter) by
// the service client in its construction.
func (p *program) constructedSystem(s *site) string {
	if s.client == nil {
		return ""
	}
	for _, st := range p.construct(s.client).steps {
		if lib := p.cat.Package(packageOf(st.symbol)); lib != nil && lib.NamedBy == "" && lib.SDK == s.sdk.Name {
			return lib.System.Slug
		}
	}
	return ""
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
