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
	narrowed map[*gosrc.Call][]*gosrc.Func // calls through interfaces whose types are known
	passed   map[*gosrc.Func][]passedTo    // literals and functions given to others
	// converted are the functions that a function type with methods stands for.
	converted map[string][]*gosrc.Value
	stores    map[string][]gosrc.Store
	effects   map[string][]gosrc.Effect
	tags      map[string]gosrc.EnvTag // by field symbol
	scope     map[*gosrc.Package]Scope
	versions  map[string]string // module path to version, of all go.mod files
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
	ent           map[string]bool // the files that ent wrote
	originMemo    map[*gosrc.Value][]*gosrc.Value
	constructMemo map[any]*construction
	// What follows is of the flow of values by the way that they came (flow.go).
	wayOf     map[way]*way
	flowMemo  map[located][]origin
	flowBusy  map[located]bool
	flowLarge map[located]bool
	flowNest  int
	flowSteps int
	variadic  map[resultKey]*gosrc.Value
	bound     map[*gosrc.Func][]*gosrc.Value
	// Of effects and fields (touch.go).
	assigns, innerFields map[string][]paramKey
	heapSets             map[string][]heapTouch
	innerOf              map[any][]*gosrc.Effect
	puts                 []gosrc.Effect // through pointers to fields; On is the struct
	putsOf               map[any][]gosrc.Effect
	elsewhere            map[string][]gosrc.Effect
	touchMemo            map[string]*touch
	fillerMemo           map[paramKey]bool
	filledMemo           map[*gosrc.Value]bool
	heldMemo             map[string]map[*gosrc.Value]bool

	reached       map[*gosrc.Package]bool
	forOthers     map[*gosrc.Package]bool
	copying       map[*gosrc.Value]bool // structs whose originals are being read
	unusedMemo    map[*gosrc.Package]bool
	binariesMemo  map[*gosrc.Package][]string
	driverMemo    map[string][]*catalog.Library
	registering   map[string][]*gosrc.Call  // calls of methods named so, by symbol
	sqlDrivers    map[string][]*gosrc.Value // registered by the repository, by name
	viperDefaults map[string][]*gosrc.Value // by key
	decodes       *bool                     // configuration into structs; nil before it is asked
	cut           limits
	graphed       bool // the callers are known
}

func link(pkgs []*gosrc.Package, cat *catalog.Catalog, versions map[string]string) *program {
	p := &program{
		cat: cat, pkgs: pkgs,
		byPath: map[string]*gosrc.Package{}, funcs: map[string]*gosrc.Func{}, types: map[string]*gosrc.Type{},
		typePkg: map[string]*gosrc.Package{}, impls: map[string][]string{},
		callers: map[*gosrc.Func][]*gosrc.Call{}, narrowed: map[*gosrc.Call][]*gosrc.Func{}, copying: map[*gosrc.Value]bool{}, passed: map[*gosrc.Func][]passedTo{},
		stores: map[string][]gosrc.Store{}, effects: map[string][]gosrc.Effect{}, tags: map[string]gosrc.EnvTag{},
		scope: map[*gosrc.Package]Scope{}, versions: versions, wrappers: map[*gosrc.Func]*site{}, ent: map[string]bool{}, originMemo: map[*gosrc.Value][]*gosrc.Value{},
		wayOf: map[way]*way{}, flowMemo: map[located][]origin{}, flowBusy: map[located]bool{}, flowLarge: map[located]bool{}, variadic: map[resultKey]*gosrc.Value{},
		touchMemo: map[string]*touch{}, heldMemo: map[string]map[*gosrc.Value]bool{},
		constructMemo: map[any]*construction{}, driverMemo: map[string][]*catalog.Library{}, sqlDrivers: map[string][]*gosrc.Value{}, viperDefaults: map[string][]*gosrc.Value{}, through: map[*gosrc.Value][]*gosrc.Value{},
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
	p.dropOneProgramOnly()
	p.resolveMethods()
	p.assignThroughPointers()
	p.implementations()
	p.packageStates()
	p.findConverted()
	p.callGraph()
	p.contained()
	p.dispatch()
	p.findDialers()
	p.indexEffects()
	p.indexBound()
	return p
}

func (p *program) index(pkg *gosrc.Package) {
	for _, f := range pkg.Files {
		if f.Generator == "ent" || f.Generator == "entc" {
			p.ent[f.Path] = true
		}
	}
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

// lines counts those of hand-written Go code outside tests.
func (p *program) lines() int {
	n := 0
	for _, pkg := range p.pkgs {
		for _, f := range pkg.Files {
			if !f.Test && !f.Generated {
				n += f.Lines
			}
		}
	}
	return n
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
