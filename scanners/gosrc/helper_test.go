package gosrc

import (
	"context"
	"strings"
	"testing"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gomod"
)

const shopModule = "module example.com/shop\n\ngo 1.24\n"

// scanFiles scans a tree of the given files on a machine whose module cache is the
// folder cache ("" for an empty one).
func scanFiles(t testing.TB, files map[string]string, cache string, opts Options) (Code, []scanners.Diagnostic) {
	t.Helper()
	if cache == "" {
		cache = t.TempDir()
	}
	for name, value := range map[string]string{"GOMODCACHE": cache, "GOPROXY": "off", "GOFLAGS": "", "GOENV": "off", "GOTOOLCHAIN": "local"} {
		t.Setenv(name, value)
	}
	dir := t.TempDir()
	fixtures.Write(t, dir, files)
	return scanDir(t, dir, opts)
}

func scanDir(t testing.TB, dir string, opts Options) (Code, []scanners.Diagnostic) {
	t.Helper()
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	mods, _ := gomod.Scan(context.Background(), tree)
	return Scan(context.Background(), tree, mods, opts)
}

// pkgOf is the package of a folder, which must be there.
func pkgOf(t *testing.T, c Code, dir string) *Package {
	t.Helper()
	for _, p := range c.Packages {
		if p.Dir == dir {
			return p
		}
	}
	t.Fatalf("no package in %s", dir)
	return nil
}

func funcOf(t *testing.T, c Code, symbol string) *Func {
	t.Helper()
	for _, p := range c.Packages {
		for _, f := range p.Funcs {
			if f.Symbol == symbol {
				return f
			}
		}
	}
	t.Fatalf("no function %s", symbol)
	return nil
}

// callIn is the one call in fn whose callee ends in suffix.
func callIn(t *testing.T, fn *Func, suffix string) *Call {
	t.Helper()
	var found *Call
	for _, c := range fn.Calls {
		if strings.HasSuffix(c.Callee, suffix) {
			if found != nil {
				t.Fatalf("%s: several calls of %s", fn.Symbol, suffix)
			}
			found = c
		}
	}
	if found == nil {
		t.Fatalf("%s: no call of %s", fn.Symbol, suffix)
	}
	return found
}

func callees(fn *Func) []string {
	var out []string
	for _, c := range fn.Calls {
		out = append(out, c.Callee)
	}
	return out
}

func messages(ds []scanners.Diagnostic) string {
	var b strings.Builder
	for _, d := range ds {
		b.WriteString(d.Position.File + ": " + d.Message + "\n")
	}
	return b.String()
}
