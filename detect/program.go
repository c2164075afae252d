package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// program is the linked view of all package summaries: who calls whom, who
// implements what, and what is put where. It is built once and then only read.
type program struct {
	cat  *catalog.Catalog
	pkgs []*gosrc.Package

	byPath   map[string]*gosrc.Package
	funcs    map[string]*gosrc.Func
	types    map[string]*gosrc.Type
	typePkg  map[string]*gosrc.Package
	impls    map[string][]string // interface symbol to implementing types
	callers  map[*gosrc.Func][]*gosrc.Call
	passed   map[*gosrc.Func][]passedTo // literals and functions given to others
	stores   map[string][]gosrc.Store
	effects  map[string][]gosrc.Effect
	tags     map[string]gosrc.EnvTag // by field symbol
	scope    map[*gosrc.Package]Scope
	versions map[string]string // module path to version, of all go.mod files
	// globalsOf and settersOf are, by library package, the package variables that
	// the repository assigns and the configuring functions that it calls.
	globalsOf map[string][]string
	// through are the values that functions assign, through a pointer to it, to a
	// local variable.
	through   map[*gosrc.Value][]*gosrc.Value
	settersOf map[string][]*gosrc.Call

	// families are the folders that hold one folder or file for each of several
	// products.
	families map[string]bool
	// dialers are functions given to a client to open its connections with:
	// http.Transport.DialContext, grpc.WithContextDialer.
	dialers       map[*gosrc.Func]bool
	wrappers      map[*gosrc.Func]*site
	originMemo    map[*gosrc.Value][]*gosrc.Value
	constructMemo map[any]*construction
	reached       map[*gosrc.Package]bool
	driverMemo    map[string][]*catalog.Library
	viperDefaults map[string][]*gosrc.Value // by key
	cut           limits
	graphed       bool // the callers are known
}

// passedTo is a function given as an argument to a call.
type passedTo struct {
	call  *gosrc.Call
	index int
}

// maxImplementations bounds how many types an interface call may reach.
const maxImplementations = 40

func link(pkgs []*gosrc.Package, cat *catalog.Catalog, versions map[string]string) *program {
	p := &program{
		cat: cat, pkgs: pkgs,
		byPath: map[string]*gosrc.Package{}, funcs: map[string]*gosrc.Func{}, types: map[string]*gosrc.Type{},
		typePkg: map[string]*gosrc.Package{}, impls: map[string][]string{},
		callers: map[*gosrc.Func][]*gosrc.Call{}, passed: map[*gosrc.Func][]passedTo{},
		stores: map[string][]gosrc.Store{}, effects: map[string][]gosrc.Effect{}, tags: map[string]gosrc.EnvTag{},
		scope: map[*gosrc.Package]Scope{}, versions: versions, wrappers: map[*gosrc.Func]*site{}, originMemo: map[*gosrc.Value][]*gosrc.Value{},
		constructMemo: map[any]*construction{}, driverMemo: map[string][]*catalog.Library{}, viperDefaults: map[string][]*gosrc.Value{}, through: map[*gosrc.Value][]*gosrc.Value{},
	}
	for _, pkg := range pkgs {
		// Beside the package that others import a folder may hold a main of another
		// build, such as a generator.
		if old, dup := p.byPath[pkg.Path]; !dup || old.Name == "main" && pkg.Name != "main" {
			p.byPath[pkg.Path] = pkg
		}
	}
	p.scopes()
	p.findFamilies()
	for _, pkg := range pkgs {
		p.index(pkg)
	}
	p.assignThroughPointers()
	p.implementations()
	p.packageStates()
	p.callGraph()
	p.findDialers()
	return p
}

func (p *program) findDialers() {
	p.dialers = map[*gosrc.Func]bool{}
	mark := func(v *gosrc.Value) {
		for _, o := range p.origins(v) {
			if f := p.funcOf(o); f != nil {
				p.dialers[f] = true
			}
		}
	}
	for _, symbol := range sortedKeys(p.stores) {
		_, name := catalog.SplitSymbol(symbol)
		if !p.declared(symbol) && strings.Contains(name, ".Dial") {
			for _, st := range p.stores[symbol] {
				mark(st.Value)
			}
		}
	}
	for f, tos := range p.passed {
		for _, to := range tos {
			if strings.HasSuffix(to.call.Callee, "Dialer") && !p.declared(to.call.Callee) {
				p.dialers[f] = true
			}
		}
	}
}

// assignThroughPointers: connect(&s.conn) puts into the field what the function
// assigns to its parameter.
func (p *program) assignThroughPointers() {
	p.everyCall(func(c *gosrc.Call) {
		p.configDefault(c)
		f := p.funcs[c.Callee]
		if f == nil || len(f.ParamStores) == 0 {
			return
		}
		for i, a := range c.Args {
			for _, v := range f.ParamStores[i] {
				switch a.Kind {
				case gosrc.Field, gosrc.Global:
					p.stores[a.Name] = append(p.stores[a.Name], gosrc.Store{Symbol: a.Name, Value: v, At: c.At, Fn: c.Fn})
				case gosrc.Nil, gosrc.Composite:
					p.through[a] = append(p.through[a], v)
				}
			}
		}
	})
}

// configDefault notes the defaults that flags and viper keys are declared with:
// flag.DurationVar(&cfg.Timeout, "timeout", 5*time.Second, ""), viper.SetDefault.
func (p *program) configDefault(c *gosrc.Call) {
	pkg, name := catalog.SplitSymbol(c.Callee)
	switch pkg {
	case "flag", "github.com/spf13/pflag":
		name = name[strings.LastIndexByte(name, '.')+1:]
		at := 2
		if strings.HasSuffix(name, "VarP") {
			at = 3
		}
		if (strings.HasSuffix(name, "Var") || strings.HasSuffix(name, "VarP")) && at < len(c.Args) && (c.Args[0].Kind == gosrc.Field || c.Args[0].Kind == gosrc.Global) {
			symbol := c.Args[0].Name
			p.stores[symbol] = append(p.stores[symbol], gosrc.Store{Symbol: symbol, Value: c.Args[at], At: c.At, Fn: c.Fn})
		}
	case viperPackage:
		if strings.HasSuffix(name, "SetDefault") && len(c.Args) == 2 && c.Args[0].Kind == gosrc.Const {
			key := strings.ToLower(c.Args[0].Text)
			p.viperDefaults[key] = append(p.viperDefaults[key], c.Args[1])
		}
	}
}

// declaredDefault is the default behind a value that a flag or viper gives.
func (p *program) declaredDefault(c *gosrc.Call) []*gosrc.Value {
	pkg, name := catalog.SplitSymbol(c.Callee)
	name = name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case (pkg == "flag" || pkg == "github.com/spf13/pflag") && len(c.Args) >= 3:
		switch strings.TrimSuffix(name, "P") {
		case "Duration", "String", "Int", "Int64", "Uint", "Bool", "Float64", "StringSlice":
			if strings.HasSuffix(name, "P") && len(c.Args) > 3 {
				return c.Args[2:3]
			}
			return c.Args[1:2]
		}
	case pkg == viperPackage && strings.HasPrefix(name, "Get") && len(c.Args) == 1 && c.Args[0].Kind == gosrc.Const:
		return p.viperDefaults[strings.ToLower(c.Args[0].Text)]
	}
	return nil
}

// packageStates finds what the repository sets for whole library packages.
func (p *program) packageStates() {
	p.globalsOf, p.settersOf = map[string][]string{}, map[string][]*gosrc.Call{}
	for _, symbol := range sortedKeys(p.stores) {
		pkg, name := catalog.SplitSymbol(symbol)
		if !strings.Contains(name, ".") && p.byPath[pkg] == nil {
			p.globalsOf[pkg] = append(p.globalsOf[pkg], symbol)
		}
	}
	p.eachCall(func(c *gosrc.Call) {
		pkg, name := catalog.SplitSymbol(c.Callee)
		if !c.Method && c.Callee != "" && !strings.Contains(name, ".") && p.byPath[pkg] == nil && setter(c.Callee) && p.cat.Package(pkg) != nil {
			p.settersOf[pkg] = append(p.settersOf[pkg], c)
		}
	})
}

func (p *program) index(pkg *gosrc.Package) {
	for _, f := range pkg.Funcs {
		if f.Symbol != "" {
			if old := p.funcs[f.Symbol]; old == nil {
				p.funcs[f.Symbol] = f
			}
		}
	}
	for _, t := range pkg.Types {
		p.types[t.Symbol], p.typePkg[t.Symbol] = t, pkg
	}
	runtime := p.scope[pkg] == ScopeRuntime
	for _, st := range pkg.Stores {
		if runtime || !p.fromRuntime(st.Symbol) {
			p.stores[st.Symbol] = append(p.stores[st.Symbol], st)
		}
	}
	for sym, es := range pkg.Effects {
		p.effects[sym] = append(p.effects[sym], es...)
	}
	for _, t := range pkg.Tags {
		p.tags[t.Field] = t
	}
}

// fromRuntime reports that a symbol is declared by a runtime package of the
// repository: what tests and tools put there says nothing of production.
func (p *program) fromRuntime(symbol string) bool {
	pkg := p.byPath[packageOf(symbol)]
	return pkg != nil && p.scope[pkg] == ScopeRuntime
}

// packageOf is the import path in a symbol.
func packageOf(symbol string) string {
	pkg, _ := catalog.SplitSymbol(symbol)
	return pkg
}

// scopes decides what each package is for: its folder's custom, then what
// production binaries import, then what nothing but tests import.
func (p *program) scopes() {
	for _, pkg := range p.pkgs {
		p.scope[pkg] = scopeName(pkg.Scope)
	}
	imported := map[*gosrc.Package]bool{} // by any non-test file of a package
	tested := map[*gosrc.Package]bool{}   // by test files or test packages
	var mains []*gosrc.Package
	for _, pkg := range p.pkgs {
		if pkg.Name == "main" && pkg.Scope == gosrc.ScopeRuntime {
			mains = append(mains, pkg)
		}
		for _, imp := range pkg.Imports {
			q := p.byPath[imp.Path]
			switch {
			case q == nil || q == pkg:
			case imp.Test || pkg.Scope == gosrc.ScopeTest:
				tested[q] = true
			default:
				imported[q] = true
			}
		}
	}
	seen := map[*gosrc.Package]bool{}
	var raise func(pkg *gosrc.Package)
	raise = func(pkg *gosrc.Package) {
		if seen[pkg] {
			return
		}
		seen[pkg] = true
		p.scope[pkg] = ScopeRuntime
		for _, imp := range pkg.Imports {
			if q := p.byPath[imp.Path]; q != nil && !imp.Test && !hasTestSupport(q) {
				raise(q)
			}
		}
	}
	for _, m := range mains {
		raise(m)
	}
	for _, pkg := range p.pkgs {
		if pkg.Name != "main" && p.scope[pkg] == ScopeRuntime && !imported[pkg] && tested[pkg] && !seen[pkg] && len(mains) > 0 && hasTestSupport(pkg) {
			p.scope[pkg] = ScopeDevelopment
		}
	}
}

// hasTestSupport: code that imports testing packages outside _test.go files
// serves tests.
func hasTestSupport(pkg *gosrc.Package) bool {
	return slices.ContainsFunc(pkg.Imports, func(i gosrc.Import) bool {
		return !i.Test && (i.Path == "testing" || strings.HasPrefix(i.Path, "github.com/stretchr/testify") || strings.Contains(i.Path, "gomock") || strings.HasPrefix(i.Path, "github.com/onsi/"))
	})
}

func scopeName(s gosrc.Scope) Scope {
	if s == gosrc.ScopeRuntime {
		return ScopeRuntime
	}
	return ScopeDevelopment
}

// implementations finds for each interface of the repository the types that have
// its methods.
func (p *program) implementations() {
	byMethod := map[string][]*gosrc.Type{}
	var ifaces []*gosrc.Type
	for _, t := range p.types {
		if t.Interface {
			ifaces = append(ifaces, t)
			continue
		}
		if p.scope[p.typePkg[t.Symbol]] != ScopeRuntime || isDouble(t.Symbol) {
			continue
		}
		for m := range t.Methods {
			byMethod[m] = append(byMethod[m], t)
		}
	}
	for _, i := range ifaces {
		rarest := ""
		for m := range i.Methods {
			if rarest == "" || len(byMethod[m]) < len(byMethod[rarest]) || len(byMethod[m]) == len(byMethod[rarest]) && m < rarest {
				rarest = m
			}
		}
		if rarest == "" {
			continue
		}
		var found []string
		for _, t := range byMethod[rarest] {
			if implements(t, i) {
				found = append(found, t.Symbol)
			}
		}
		slices.Sort(found)
		if len(found) <= maxImplementations {
			p.impls[i.Symbol] = found
		} else {
			p.cut.interfaces = append(p.cut.interfaces, i.Symbol)
		}
	}
}

// isDouble: a generated mock or a hand-written fake stands in for no real peer.
func isDouble(symbol string) bool {
	name := strings.ToLower(symbol[strings.LastIndexByte(symbol, '.')+1:])
	return strings.HasPrefix(name, "mock") || strings.HasPrefix(name, "fake") || strings.HasPrefix(name, "stub") ||
		strings.HasSuffix(name, "mock") || strings.HasPrefix(name, "unimplemented") || strings.HasPrefix(name, "noop")
}

func implements(t, i *gosrc.Type) bool {
	for name, sig := range i.Methods {
		have, ok := t.Methods[name]
		if !ok {
			return false
		}
		if have != sig && !strings.Contains(have, "invalid type") && !strings.Contains(sig, "invalid type") {
			return false
		}
	}
	return true
}

// targets are the functions of the repository that a call may reach.
func (p *program) targets(c *gosrc.Call) []*gosrc.Func {
	if c.Callee == "" {
		return nil
	}
	if f := p.funcs[c.Callee]; f != nil {
		return []*gosrc.Func{f}
	}
	if !c.Method {
		return nil
	}
	return p.methodTargets(c.Callee)
}

// methodTargets resolves a method of an interface of the repository.
func (p *program) methodTargets(symbol string) []*gosrc.Func {
	dot := strings.LastIndexByte(symbol, '.')
	if dot < 0 {
		return nil
	}
	iface, method := symbol[:dot], symbol[dot+1:]
	var out []*gosrc.Func
	for _, t := range p.impls[iface] {
		if f := p.method(t, method, 0); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// method finds a type's method, promoted ones included.
func (p *program) method(typ, name string, depth int) *gosrc.Func {
	if f := p.funcs[typ+"."+name]; f != nil {
		return f
	}
	t := p.types[typ]
	if t == nil || depth > 5 {
		return nil
	}
	if decl := t.Promoted[name]; decl != "" {
		return p.funcs[decl]
	}
	return nil
}

// callGraph notes for every function the calls that reach it. Calls through
// function values come last, as resolving them needs the rest.
func (p *program) callGraph() {
	var dynamic []*gosrc.Call
	p.everyCall(func(c *gosrc.Call) {
		runtime := p.scope[c.Fn.Pkg] == ScopeRuntime
		for _, f := range p.targets(c) {
			// What tests and tools pass says nothing of production code.
			if (runtime && !isDouble(c.Fn.Recv)) || p.scope[f.Pkg] != ScopeRuntime {
				p.callers[f] = append(p.callers[f], c)
			}
		}
		if c.Func != nil {
			dynamic = append(dynamic, c)
		}
		for i, a := range c.Args {
			p.notePassed(a, c, i)
		}
	})
	type edge struct {
		f *gosrc.Func
		c *gosrc.Call
	}
	var edges []edge
	for _, c := range dynamic {
		for _, v := range p.allOrigins(c.Func) {
			if f := p.funcOf(v); f != nil {
				edges = append(edges, edge{f, c})
			}
		}
	}
	clear(p.originMemo) // made without these edges
	p.graphed = true
	for _, e := range edges {
		if !slices.Contains(p.callers[e.f], e.c) {
			p.callers[e.f] = append(p.callers[e.f], e.c)
		}
	}
	p.registered()
	p.passedOn()
}

// passedOn notes the functions that a helper of the repository's is given and hands
// to a library that protects: func try(op func() error) error { return backoff.Retry(op, b) }.
func (p *program) passedOn() {
	p.everyCall(func(c *gosrc.Call) {
		if c.Callee == "" || !p.cat.Toolkitted(c.Callee) {
			return
		}
		for i, a := range c.Args {
			if a.Kind != gosrc.Param {
				continue
			}
			for _, o := range p.allOrigins(a) {
				if f := p.funcOf(o); f != nil && !slices.Contains(p.passed[f], passedTo{c, i}) {
					p.passed[f] = append(p.passed[f], passedTo{c, i})
				}
			}
		}
	})
}

// registered notes the functions that reach a worker through tables of them:
// for _, d := range activities { worker.RegisterActivity(d.Func) }.
func (p *program) registered() {
	p.eachCall(func(c *gosrc.Call) {
		if p.cat.Protects(catalog.RoleQueue, c.Callee, entries) == nil {
			return
		}
		for i, a := range c.Args {
			if a.Kind != gosrc.Field && a.Kind != gosrc.Element {
				continue
			}
			for _, o := range p.allOrigins(a) {
				if f := p.funcOf(o); f != nil {
					p.passed[f] = append(p.passed[f], passedTo{c, i})
				}
			}
		}
	})
}

func (p *program) notePassed(v *gosrc.Value, c *gosrc.Call, index int) {
	switch v.Kind {
	case gosrc.Closure, gosrc.FuncRef:
		if f := p.funcOf(v); f != nil {
			p.passed[f] = append(p.passed[f], passedTo{c, index})
			return
		}
		for _, f := range p.methodTargets(v.Name) {
			p.passed[f] = append(p.passed[f], passedTo{c, index})
		}
	case gosrc.Union, gosrc.List:
		for _, a := range v.Args {
			p.notePassed(a, c, index)
		}
	}
}

// funcOf is the function of the repository that a value is.
func (p *program) funcOf(v *gosrc.Value) *gosrc.Func {
	switch v.Kind {
	case gosrc.Closure:
		return v.Fn
	case gosrc.FuncRef:
		if f := p.funcs[v.Name]; f != nil {
			return f
		}
		if fs := p.methodTargets(v.Name); len(fs) == 1 {
			return fs[0]
		}
	}
	return nil
}

// eachCall visits all calls of production code.
func (p *program) eachCall(visit func(c *gosrc.Call)) {
	for _, pkg := range p.pkgs {
		if p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, f := range pkg.Funcs {
			for _, c := range f.Calls {
				visit(c)
			}
		}
	}
}

// everyCall visits all calls outside _test.go files.
func (p *program) everyCall(visit func(c *gosrc.Call)) {
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Funcs {
			for _, c := range f.Calls {
				visit(c)
			}
		}
	}
}

// version is the required version of the module that an import path belongs to.
func (p *program) version(importPath string) (module, version string) {
	for m := importPath; m != ""; m = parentPath(m) {
		if v, ok := p.versions[m]; ok {
			return m, v
		}
	}
	return "", ""
}

func parentPath(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// reachedByBinary reports that a production main package imports the package,
// directly or not.
func (p *program) reachedByBinary(pkg *gosrc.Package) bool {
	if p.reached == nil {
		p.reached = map[*gosrc.Package]bool{}
		for _, m := range p.pkgs {
			if m.Name == "main" && p.scope[m] == ScopeRuntime {
				p.reach(m)
			}
		}
	}
	return p.reached[pkg]
}

func (p *program) reach(pkg *gosrc.Package) {
	if p.reached[pkg] {
		return
	}
	p.reached[pkg] = true
	for _, imp := range pkg.Imports {
		if q := p.byPath[imp.Path]; q != nil && !imp.Test {
			p.reach(q)
		}
	}
}
