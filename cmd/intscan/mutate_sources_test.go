package main

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
)

// source gives files that TestMutations damages.
type source struct {
	name string
	// lay writes some of them below dir and gives their names.
	lay func(t *testing.T, r *rand.Rand, dir string) []string
}

func mutationSources(t *testing.T) []source {
	var out []source
	archives, _ := filepath.Glob(filepath.Join(fixtureDir, "*", "*.txtar"))
	for _, name := range archives {
		out = append(out, source{name, func(t *testing.T, _ *rand.Rand, dir string) []string { return layArchive(t, name, dir) }})
	}
	folders, _ := filepath.Glob(filepath.Join(fixtureDir, "*", "README.md"))
	for _, readme := range folders {
		from := filepath.Dir(readme)
		files := listFiles(t, from)
		for range 5 { // there are more of the small archives
			out = append(out, source{from, func(t *testing.T, _ *rand.Rand, dir string) []string { return layFiles(t, from, dir, files) }})
		}
	}
	if len(archives) < 50 || len(folders) < 8 {
		t.Fatalf("%d archives and %d folders found in %s, want at least 50 and 8", len(archives), len(folders), fixtureDir)
	}
	own := len(out)
	for _, parent := range filepath.SplitList(*realRepos) {
		for _, repo := range subfolders(t, parent) {
			files := listFiles(t, repo)
			for range own / 8 { // most trees are of real files, where there are some
				out = append(out, source{repo, func(t *testing.T, r *rand.Rand, dir string) []string {
					return layFiles(t, repo, dir, somePart(r, files))
				}})
			}
		}
	}
	return out
}

func subfolders(t *testing.T, parent string) []string {
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, filepath.Join(parent, e.Name()))
		}
	}
	return out
}

// maxMutated leaves out the files whose size says nothing of their shape.
const maxMutated = 256 << 10

// listFiles lists the regular files below dir, with slashes.
func listFiles(t *testing.T, dir string) []string {
	var out []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && e.Name() == ".git" {
			return filepath.SkipDir
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.Size() <= maxMutated {
			rel, _ := filepath.Rel(dir, name)
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("no files in %s (%v)", dir, err)
	}
	return out
}

// somePart takes a part of a repository that is scanned in no time: the files of one
// folder, and of those with settings and contracts a few from anywhere.
func somePart(r *rand.Rand, files []string) []string {
	folder := filepath.Dir(files[r.IntN(len(files))])
	var out, settings []string
	for _, f := range files {
		switch {
		case filepath.Dir(f) == folder && len(out) < 20, f == "go.mod", f == "go.work":
			out = append(out, f)
		case filepath.Ext(f) != ".go" && isSettings(f):
			settings = append(settings, f)
		}
	}
	for range min(len(settings), 8) {
		out = append(out, settings[r.IntN(len(settings))])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func isSettings(file string) bool {
	base := filepath.Base(file)
	return slices.Contains([]string{".yaml", ".yml", ".json", ".toml", ".env", ".properties", ".mod", ".work", ".sql", ".md"}, filepath.Ext(file)) ||
		strings.HasPrefix(base, ".env") || strings.HasPrefix(base, "Dockerfile")
}

func layFiles(t *testing.T, from, to string, files []string) []string {
	layPlain(t, from, to, files)
	return laySettings(t, to, files)
}

func layPlain(t *testing.T, from, to string, files []string) {
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(from, filepath.FromSlash(f)))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(to, filepath.FromSlash(f)), string(b))
	}
}

func layArchive(t *testing.T, name, dir string) []string {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	fixtures.Unpack(t, a, dir)
	var files []string
	for _, f := range a.Files {
		files = append(files, f.Name)
	}
	return laySettings(t, dir, files)
}

// laySettings adds the files by which intscan itself is set up.
func laySettings(t *testing.T, dir string, files []string) []string {
	own := map[string]string{
		".intscan.yaml": "fail-on: critical\nrules:\n  retry-missing: off\n  timeout-database: critical\npaths:\n  exclude: [third_party]\n" +
			"criticality:\n  postgresql: critical\npolicies:\n  - name: bounded\n    match: {kind: http}\n    require: {timeout: 10s}\n" +
			"catalog:\n  systems:\n    - system: ledger\n      name: Ledger\n      kind: payment\n      libraries:\n        - packages: [git.example.com/platform/ledger]\n          operations: [Client.Book]\n",
		lockFile: "schema: intscan.lock/v1\nintegrations:\n  - id: postgresql\n    kind: database\n    direction: outbound\n    scope: runtime\n    timeout: all\n",
	}
	for _, name := range []string{".intscan.yaml", lockFile} {
		if !slices.Contains(files, name) {
			put(t, filepath.Join(dir, name), own[name])
			files = append(slices.Clip(files), name)
		}
	}
	return files
}
