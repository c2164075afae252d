package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Tests is what tests stand between the code and its integrations.
type Tests struct {
	Doubles  []TestDouble   `json:"doubles"`
	Packages []PackageTests `json:"packages"`
	Special  []SpecialTest  `json:"special"`
}

// TestDouble stands in for integrations in tests.
type TestDouble struct {
	scanners.Position
	Integrations []string `json:"integrations"`
	// Kind is mock (generated or of a mocking library), fake (written by hand), server,
	// container, embedded, in_memory, sql_mock or recorder.
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Library string `json:"library"` // the library or generator; "" for code written by hand
	Package string `json:"package"` // folder
	Why     string `json:"why"`     // what ties it to the integrations
}

// PackageTests says of a package with call sites which tests it has.
type PackageTests struct {
	scanners.Position          // the first test file, or the first call where there is none
	Package           string   `json:"package"`
	Dir               string   `json:"dir"`
	Files             int      `json:"files"`
	Tests             int      `json:"tests"`
	Calls             int      `json:"calls"`
	Integrations      []string `json:"integrations"`
}

// SpecialTest is what tests are besides unit tests.
type SpecialTest struct {
	scanners.Position
	Kind  string `json:"kind"` // build_tag, fuzz, benchmark, contract, load, leak, property, fault_injection, data
	Name  string `json:"name"`
	Count int    `json:"count"`
}

func (g *planFacts) tests() Tests {
	d := doubleSearch{g: g, found: map[string]*TestDouble{}}
	d.libraries()
	d.types()
	return Tests{Doubles: d.sorted(), Packages: g.packageTests(), Special: g.specialTests()}
}

type doubleSearch struct {
	g     *planFacts
	found map[string]*TestDouble
}

func (d *doubleSearch) add(t TestDouble) {
	slices.Sort(t.Integrations)
	t.Integrations = slices.Compact(t.Integrations)
	if t.Integrations == nil {
		t.Integrations = []string{}
	}
	key := t.Kind + " " + t.Name + " " + t.Package
	if old := d.found[key]; old == nil || t.Position.Compare(old.Position) < 0 {
		d.found[key] = &t
	}
}

func (d *doubleSearch) sorted() []TestDouble {
	out := make([]TestDouble, 0, len(d.found))
	for _, t := range d.found {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b TestDouble) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// libraries finds doubles by the libraries that tests use.
func (d *doubleSearch) libraries() {
	for _, pkg := range d.g.p.pkgs {
		for _, f := range pkg.Tests {
			for _, imp := range f.Imports {
				d.library(pkg, imp.Path, imp.At, f.Uses)
			}
		}
		if pkg.Scope != gosrc.ScopeTest && !hasTestSupport(pkg) {
			continue
		}
		for _, imp := range pkg.Imports {
			if !imp.Test {
				d.library(pkg, imp.Path, imp.At, pkg.Uses)
			}
		}
	}
}

func (d *doubleSearch) library(pkg *gosrc.Package, importPath string, at scanners.Position, uses map[string]scanners.Position) {
	for _, p := range d.g.know.Of(importPath) {
		if p.Topic != "test_doubles" {
			continue
		}
		if len(p.Uses) > 0 {
			used := firstOf(uses, importPath, p.Uses)
			if used == nil {
				continue
			}
			at = *used
		}
		ids, why := d.stoodFor(pkg, p)
		if len(ids) == 0 {
			continue // it stands before code of the repository's own
		}
		d.add(TestDouble{Position: at, Integrations: ids, Kind: p.What, Name: p.Name, Library: importPath, Package: pkg.Dir, Why: why})
	}
}

// firstOf is the first place among uses of one of the listed symbols of a package.
func firstOf(uses map[string]scanners.Position, importPath string, list []string) *scanners.Position {
	return firstUse(&gosrc.Package{Uses: uses}, importPath, list)
}

// stoodFor are the integrations that a library's double stands for: those of its
// systems, or those of its kinds that the tested packages call.
func (d *doubleSearch) stoodFor(pkg *gosrc.Package, p *catalog.Practice) (ids []string, why string) {
	near := d.near(pkg)
	for _, slug := range p.Systems {
		for _, in := range d.g.bySystem[slug] {
			if len(d.g.bySystem[slug]) == 1 || near[in.ID] {
				ids = append(ids, in.ID)
			}
		}
	}
	if len(p.Systems) > 0 {
		// sqlmock stands for the databases that the package works on, not for all.
		if only := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !near[id] }); len(only) > 0 {
			return only, "the tested package calls it"
		}
		if p.What == "sql_mock" || len(p.Systems) > 3 {
			return nil, ""
		}
		return ids, "it is made for this system"
	}
	for _, id := range sortedKeys(near) {
		in := d.g.byID[id]
		if len(p.Kinds) == 0 && p.What == "container" || slices.Contains(p.Kinds, in.Kind) || slices.Contains(p.Kinds, "http") && strings.HasPrefix(in.Protocol, "HTTP") && in.Kind != "rpc" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, ""
	}
	return ids, "the tested package calls it"
}

// near are the integrations that a package's own code calls, or that of the packages
// which its tests import.
func (d *doubleSearch) near(pkg *gosrc.Package) map[string]bool {
	near := map[string]bool{}
	take := func(q *gosrc.Package) {
		for _, s := range d.g.inPkg[q] {
			near[s.id] = true
		}
	}
	take(pkg)
	if len(near) > 0 {
		return near
	}
	for _, imp := range pkg.Imports {
		if q := d.g.p.byPath[imp.Path]; q != nil && q != pkg && (imp.Test || pkg.Scope == gosrc.ScopeTest || hasTestSupport(pkg)) {
			take(q)
		}
	}
	return near
}

// generators of mocks, by the word in "Code generated by ...".
var generators = map[string]string{"mockgen": "mockgen", "mockery": "mockery", "moq": "moq", "counterfeiter": "counterfeiter", "minimock": "minimock", "gomock": "mockgen"}

// types finds mocks and fakes of the interfaces that stand before integrations.
func (d *doubleSearch) types() {
	fronts := d.fronts()
	for _, pkg := range d.g.p.pkgs {
		by := map[string]string{} // file to generator
		for _, f := range pkg.Files {
			by[f.Path] = generators[f.Generator]
		}
		for _, t := range pkg.Types {
			gen := by[t.At.File]
			if t.Interface || gen == "" && !isDoubleName(t.Symbol) {
				continue
			}
			for _, front := range fronts {
				if i := d.g.p.types[front.iface]; i != nil && implements(t, i) {
					d.double(pkg, t.Symbol, gen, t.At, front)
				}
			}
		}
		for _, f := range pkg.Tests {
			for _, t := range f.Types {
				if front := frontNamed(fronts, t.Name, pkg); front != nil {
					d.double(pkg, pkg.Path+"."+t.Name, generators[f.Generator], t.At, *front)
				}
			}
		}
	}
}

func (d *doubleSearch) double(pkg *gosrc.Package, symbol, generator string, at scanners.Position, f front) {
	kind := "fake"
	if generator != "" || strings.Contains(strings.ToLower(typeName(symbol)), "mock") {
		kind = "mock"
	}
	d.add(TestDouble{
		Position: at, Integrations: f.ids, Kind: kind, Name: shortSymbol(symbol), Library: generator, Package: pkg.Dir,
		Why: describe("it has the methods of %s, behind which the calls are", shortSymbol(f.iface)),
	})
}

func typeName(symbol string) string { return symbol[strings.LastIndexByte(symbol, '.')+1:] }

// isDoubleName: the words by which people name doubles.
func isDoubleName(symbol string) bool {
	name := strings.ToLower(typeName(symbol))
	for _, w := range []string{"mock", "fake", "stub", "spy", "inmemory", "inmem", "memory", "dummy"} {
		if strings.HasPrefix(name, w) || strings.HasSuffix(name, w) && w != "memory" {
			return true
		}
	}
	return false
}

// front is an interface of the repository whose implementation calls integrations.
type front struct {
	iface string
	ids   []string
}

// fronts are the interfaces that types with call sites implement, where production
// code uses them by name.
func (d *doubleSearch) fronts() []front {
	byType := map[string]map[string]bool{}
	for _, s := range d.g.sites {
		if recv := s.call.Fn.Recv; recv != "" {
			if byType[recv] == nil {
				byType[recv] = map[string]bool{}
			}
			byType[recv][s.id] = true
		}
	}
	var out []front
	for _, iface := range sortedKeys(d.g.p.impls) {
		ids := map[string]bool{}
		for _, t := range d.g.p.impls[iface] {
			for id := range byType[t] {
				ids[id] = true
			}
		}
		if strings.HasPrefix(typeName(iface), "Unsafe") {
			continue // of generated gRPC code, which nobody calls through
		}
		if i := d.g.p.types[iface]; len(ids) > 0 && i != nil && len(ids) <= maxFronted && (len(i.Methods) > 1 || len(ids) < 3) {
			out = append(out, front{iface, sortedKeys(ids)})
		}
	}
	return out
}

// maxFronted: an interface before more integrations stands before none of them in
// particular.
const maxFronted = 4

// frontNamed is the interface that a type in a test file is a double of, by its name:
// mockStore or fakeOrderStore for Store. The longest interface name wins.
func frontNamed(fronts []front, name string, pkg *gosrc.Package) *front {
	lower := strings.ToLower(name)
	rest := ""
	for _, w := range []string{"mock", "fake", "stub", "spy", "inmemory", "memory", "dummy"} {
		if r, ok := strings.CutPrefix(lower, w); ok {
			rest = r
		} else if r, ok := strings.CutSuffix(lower, w); ok {
			rest = r
		}
	}
	if rest == "" {
		return nil
	}
	var best *front
	most := 0
	for i := range fronts {
		f := &fronts[i]
		iface := strings.ToLower(typeName(f.iface))
		known := packageOf(f.iface) == pkg.Path || slices.ContainsFunc(pkg.Imports, func(imp gosrc.Import) bool { return imp.Path == packageOf(f.iface) })
		score := len(iface)
		if whole := strings.ToLower(packageName(packageOf(f.iface))) + iface; strings.HasSuffix(rest, whole) {
			score = len(whole) // licenseManager is license.Manager
		}
		if known && len(iface) > 3 && strings.HasSuffix(rest, iface) && score > most {
			best, most = f, score
		}
	}
	return best
}
