package detect

import (
	"cmp"
	"slices"

	"github.com/intscan/intscan/scanners"
)

// packageTests lists the packages with call sites, with the tests that each has.
func (g *planFacts) packageTests() []PackageTests {
	out := []PackageTests{}
	for _, pkg := range g.p.pkgs {
		sites := g.inPkg[pkg]
		if len(sites) == 0 {
			continue
		}
		t := PackageTests{Position: sites[0].at(), Package: pkg.Path, Dir: pkg.Dir, Calls: len(sites), Integrations: []string{}}
		for _, s := range sites {
			if !slices.Contains(t.Integrations, s.id) {
				t.Integrations = append(t.Integrations, s.id)
			}
		}
		slices.Sort(t.Integrations)
		for _, f := range pkg.Tests {
			if t.Files++; t.Files == 1 {
				t.Position = scanners.Position{File: f.Path, Line: 1}
			}
			t.Tests += f.Tests
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b PackageTests) int {
		return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Package, b.Package))
	})
	return out
}

// platformTags say for which machine a test is, not what it tests.
var platformTags = map[string]bool{
	"linux": true, "darwin": true, "windows": true, "unix": true, "freebsd": true, "amd64": true, "arm64": true, "386": true, "cgo": true,
	"race": true, "ignore": true, "js": true, "wasm": true,
}

// specialTests lists what tests are besides unit tests: one entry for each tag, fuzz
// target, tool and folder of data.
func (g *planFacts) specialTests() []SpecialTest {
	found := map[[2]string]*SpecialTest{}
	add := func(kind, name string, at scanners.Position, n int) {
		key := [2]string{kind, name}
		if old := found[key]; old != nil {
			old.Count += n
			if at.Compare(old.Position) < 0 {
				old.Position = at
			}
			return
		}
		found[key] = &SpecialTest{Position: at, Kind: kind, Name: name, Count: n}
	}
	for _, pkg := range g.p.pkgs {
		for _, f := range pkg.Tests {
			for _, tag := range f.Tags {
				if !platformTags[tag] && len(tag) > 1 && !isGoVersion(tag) {
					add("build_tag", tag, scanners.Position{File: f.Path, Line: 1}, 1)
				}
			}
			for _, fz := range f.Fuzz {
				add("fuzz", pkg.Dir+" "+fz.Name, fz.At, 1)
			}
			if f.Benchmarks > 0 {
				add("benchmark", pkg.Dir, scanners.Position{File: f.Path, Line: 1}, f.Benchmarks)
			}
			for _, imp := range f.Imports {
				for _, p := range g.know.Of(imp.Path) {
					if p.Topic == "test_kinds" {
						add(p.What, p.Name, imp.At, 1)
					}
				}
			}
		}
	}
	for _, s := range g.facts.Documents.Scripts {
		add("load", s.Tool, s.Position, 1)
	}
	for _, t := range g.facts.Documents.TestData {
		add("data", t.File, t.Position, t.Files)
	}
	for _, w := range g.facts.Workflows {
		for _, s := range w.Steps {
			switch s.Does {
			case "contract_test":
				add("contract", s.Tool, s.Position, 1)
			case "load_test":
				add("load", s.Tool, s.Position, 1)
			}
		}
	}
	out := make([]SpecialTest, 0, len(found))
	for _, t := range found {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b SpecialTest) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func isGoVersion(tag string) bool { return len(tag) > 4 && tag[:4] == "go1." }
