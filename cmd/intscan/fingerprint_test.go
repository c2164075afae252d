package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// edit changes how a file is written and nothing that it says.
type edit struct {
	name string
	ext  []string
	edit func(src []byte) []byte
}

var edits = []edit{
	{"comments and blank lines in Go", []string{".go"}, func(src []byte) []byte {
		return rewriteFunctions(src, func(i int, f []byte) []byte {
			return fmt.Appendf(nil, "// note%d is a remark.\n\n\n%s\n\n// Another remark.\n", i, f)
		}, false)
	}},
	{"functions in another order", []string{".go"}, func(src []byte) []byte {
		return rewriteFunctions(src, func(_ int, f []byte) []byte { return f }, true)
	}},
	{"another indentation", []string{".go"}, func(src []byte) []byte {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
		var out bytes.Buffer
		if err != nil || (&printer.Config{Mode: printer.UseSpaces, Tabwidth: 3}).Fprint(&out, fset, file) != nil {
			return src
		}
		return out.Bytes()
	}},
	{"comments in settings", []string{".yaml", ".yml", ".env", ".example", ".toml", ".mod"}, func(src []byte) []byte {
		sign := "#"
		if bytes.HasPrefix(bytes.TrimSpace(src), []byte("module ")) {
			sign = "//"
		}
		return slices.Concat([]byte(sign+" A remark.\n\n"), src, []byte("\n\n"+sign+" Another.\n"))
	}},
}

// rewriteFunctions rewrites each function of a Go file with its comment, and swaps
// the first with the last and so on.
func rewriteFunctions(src []byte, rewrite func(i int, f []byte) []byte, reverse bool) []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return src
	}
	type place struct{ from, to int }
	var places []place
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from := f.Pos()
		if f.Doc != nil {
			from = f.Doc.Pos()
		}
		to := fset.Position(f.End()).Offset
		if i := bytes.IndexByte(src[to:], '\n'); i >= 0 {
			to += i // what is remarked behind the brace goes along
		}
		places = append(places, place{fset.Position(from).Offset, to})
	}
	var out []byte
	end := 0
	for i, p := range places {
		out = append(out, src[end:p.from]...)
		end = p.to
		if reverse {
			p = places[len(places)-1-i]
		}
		out = append(out, rewrite(i, src[p.from:p.to])...)
	}
	return append(out, src[end:]...)
}

// TestFingerprintsAreStable: how code is laid out changes no finding's fingerprint.
func TestFingerprintsAreStable(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(fixtureDir, "modules")))
	repos := []string{}
	readmes, _ := filepath.Glob(filepath.Join(fixtureDir, "*", "README.md"))
	for _, readme := range readmes {
		repos = append(repos, filepath.Dir(readme))
	}
	for _, parent := range filepath.SplitList(*realRepos) {
		repos = append(repos, subfolders(t, parent)...)
	}
	if len(repos) < 8 {
		t.Fatalf("%d repositories found, want at least 8", len(repos))
	}
	changed := map[string]int{}
	for _, repo := range repos {
		t.Run(filepath.Base(repo), func(t *testing.T) {
			files := listFiles(t, repo)
			dir := filepath.Join(t.TempDir(), filepath.Base(repo))
			layPlain(t, repo, dir, files)
			want := fingerprints(decode(t, runFine(t, "--format", "json", dir)))
			for _, e := range edits {
				n := e.apply(t, repo, dir, files)
				changed[e.name] += n
				if n == 0 {
					continue
				}
				got := fingerprints(decode(t, runFine(t, "--format", "json", dir)))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-before +after):\n%s", e.name, diff)
				}
				layPlain(t, repo, dir, files)
			}
		})
	}
	for _, e := range edits {
		if changed[e.name] == 0 {
			t.Errorf("%s: no file was changed", e.name)
		}
	}
}

// apply edits the files below dir that it can and says how many these are.
func (e edit) apply(t *testing.T, repo, dir string, files []string) int {
	n := 0
	for _, name := range files {
		if !slices.Contains(e.ext, filepath.Ext(name)) {
			continue
		}
		src, err := os.ReadFile(filepath.Join(repo, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.edit(bytes.Clone(src)); !bytes.Equal(got, src) {
			put(t, filepath.Join(dir, filepath.FromSlash(name)), string(got))
			n++
		}
	}
	return n
}

// fingerprints lists the findings without their lines.
func fingerprints(r *plan.Report) []string {
	out := []string{}
	for _, f := range r.Findings {
		out = append(out, strings.Join([]string{f.Fingerprint, f.Rule, f.Integration, f.Anchor, f.File}, " "))
	}
	slices.Sort(out)
	return out
}
