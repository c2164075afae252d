package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// fetcher returns the folder that holds one version of a module.
type fetcher func(path, version string) (dir string, err error)

// maxDownloads at a time: the check is in no hurry, the servers are shared.
const maxDownloads = 2

// downloader fetches through the go command, in an empty module of its own so that
// the requirements of the checkout play no part. stop removes that module.
func downloader() (get fetcher, stop func(), err error) {
	dir, err := os.MkdirTemp("", "verify")
	if err != nil {
		return nil, nil, err
	}
	stop = func() { os.RemoveAll(dir) }
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module verify\n"), 0o600); err != nil {
		stop()
		return nil, nil, err
	}
	places := make(chan struct{}, maxDownloads)
	return func(path, version string) (string, error) {
		places <- struct{}{}
		defer func() { <-places }()
		return download(dir, path+"@"+version)
	}, stop, nil
}

func download(workDir, mod string) (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", mod)
	cmd.Dir = workDir
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=-mod=mod")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, runErr := cmd.Output()
	var got struct{ Dir, Error string }
	if err := json.Unmarshal(b, &got); err != nil {
		return "", fmt.Errorf("go mod download %s: %w: %s", mod, errors.Join(runErr, err), bytes.TrimSpace(stderr.Bytes()))
	}
	if got.Error != "" {
		return "", errors.New(got.Error)
	}
	return got.Dir, nil
}

// remembered makes a fetcher that asks once for each version and serves several
// goroutines.
func remembered(get fetcher) fetcher {
	type answer struct {
		once sync.Once
		dir  string
		err  error
	}
	var known sync.Map
	return func(path, version string) (string, error) {
		x, _ := known.LoadOrStore(path+"@"+version, new(answer))
		a := x.(*answer)
		a.once.Do(func() { a.dir, a.err = get(path, version) })
		return a.dir, a.err
	}
}

// lookupVersions says in which versions of the modules symbols are looked up: first
// in the newest that is cited or pinned; then, in further maps, in the others, each
// module's next older one.
func lookupVersions(c claims, pinned map[string][]string) (newest map[string]string, older []map[string]string) {
	all := map[string][]string{}
	for mod, versions := range pinned {
		all[mod] = slices.Clone(versions)
	}
	for _, x := range c.citations {
		for _, at := range x.Cite {
			if v, _, ok := strings.Cut(at, "/"); ok && x.Module != "std" && semver.IsValid(v) {
				all[x.Module] = append(all[x.Module], v)
			}
		}
	}
	newest = map[string]string{}
	for mod, versions := range all {
		slices.SortFunc(versions, func(a, b string) int { return semver.Compare(b, a) })
		versions = slices.Compact(versions)
		newest[mod] = versions[0]
		for i, v := range versions[1:] {
			if i == len(older) {
				older = append(older, map[string]string{})
			}
			older[i][mod] = v
		}
	}
	for _, versions := range older {
		for mod, v := range newest {
			if versions[mod] == "" {
				versions[mod] = v
			}
		}
	}
	return newest, older
}

// readPins reads lines of "MODULE VERSION..."; no file is an empty list.
func readPins(file string) (map[string][]string, error) {
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	pins := map[string][]string{}
	for i, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) == 1 || slices.ContainsFunc(f[1:], func(v string) bool { return !semver.IsValid(v) }) {
			return nil, fmt.Errorf("%s:%d: want MODULE VERSION..., got %q", file, i+1, line)
		}
		pins[f[0]] = f[1:]
	}
	return pins, nil
}

// readRefused reads module paths, one a line.
func readRefused(file string) (map[string]bool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	refused := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			refused[line] = true
		}
	}
	return refused, nil
}

// writePins adds, for each package of the catalog that no cited or listed module
// holds, the newest version of its module that the module cache has and that can
// be fetched elsewhere too.
func writePins(file string, pinned map[string][]string, c claims, cache string, get fetcher) error {
	known, _ := lookupVersions(c, pinned)
	for _, s := range c.symbols {
		for _, pkg := range s.packages {
			pkg = strings.TrimSuffix(pkg, "/...")
			if isStd(pkg) || moduleOf(pkg, known) != "" {
				continue
			}
			mod, version := cached(cache, pkg)
			if mod == "" {
				continue
			}
			known[mod] = version
			if _, err := get(mod, version); err == nil {
				pinned[mod] = []string{version}
			}
		}
	}
	var b strings.Builder
	b.WriteString("# The versions in which the catalog's symbols are looked up besides the cited ones.\n" +
		"# Written by: go run ./detect/catalog/verify -pin\n")
	for _, mod := range slices.Sorted(maps.Keys(pinned)) {
		fmt.Fprintln(&b, mod, strings.Join(pinned[mod], " "))
	}
	return os.WriteFile(file, []byte(b.String()), 0o644)
}

// cached finds the module of a package in the module cache and its newest version
// that has the package.
func cached(cache, pkg string) (mod, version string) {
	for mod = pkg; mod != "" && mod != "."; mod = parent(mod) {
		esc, err := module.EscapePath(mod)
		if err != nil {
			continue
		}
		dirs, _ := filepath.Glob(filepath.Join(cache, filepath.FromSlash(esc)) + "@v*")
		for _, dir := range dirs {
			v, err := module.UnescapeVersion(dir[strings.LastIndexByte(dir, '@')+1:])
			if err != nil || semver.Compare(v, version) <= 0 {
				continue
			}
			if hasGo(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(pkg, mod)))) {
				version = v
			}
		}
		if version != "" {
			return mod, version
		}
	}
	return "", ""
}

// hasGo: a Go file stands in the folder or one below.
func hasGo(dir string) bool {
	found := false
	_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") {
			found = true
			return filepath.SkipAll
		}
		return nil
	})
	return found
}

// moduleOf returns the longest module path that a package can be of.
func moduleOf[V any](pkg string, modules map[string]V) string {
	for p := pkg; p != "" && p != "."; p = parent(p) {
		if _, ok := modules[p]; ok {
			return p
		}
	}
	return ""
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// isStd: the import path of a standard package has no dot in its first element.
func isStd(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return pkg != "" && !strings.Contains(first, ".")
}
