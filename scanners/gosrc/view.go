package gosrc

import (
	"context"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/intscan/intscan/scanners/gomod"
)

// fixed: the folder's name says what it holds; a version of a module, or a part of
// the toolchain.
func (r *resolver) fixed(dir string) bool {
	for _, root := range []string{r.cache, r.goroot} {
		if root != "" && strings.HasPrefix(dir, root+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// describe writes all that decides where the module's imports lead: what its files and
// the machine say, and what the go command was heard to say.
func (r *resolver) describe(h hash.Hash, m *gomod.Module) {
	r.describeFiles(h, m)
	r.listing.Lock()
	listed := r.listed[m.Dir]
	r.listing.Unlock()
	for _, p := range slices.Sorted(maps.Keys(listed)) {
		note(h, p, r.portable(listed[p]))
	}
}

// describeFiles writes the toolchain, the required modules, which of them are on this
// machine, and what the vendor folder holds.
func (r *resolver) describeFiles(h hash.Hash, m *gomod.Module) {
	note(h, r.goversion, r.goroot, r.cache, m.Path, m.Dir, m.Go)
	for _, q := range m.Requires {
		note(h, q.Path, q.Version, r.cached(q.Path, q.Version, ""))
		if m.Go == "" || semver.Compare("v"+m.Go, "v1.17") < 0 {
			for _, t := range r.requiresOf(q.Path, q.Version) {
				note(h, t.path, t.version, r.cached(t.path, t.version, ""))
			}
		}
	}
	for _, p := range m.Replaces {
		note(h, p.Old, p.OldVersion, p.New, p.NewVersion, r.cached(p.New, p.NewVersion, ""))
	}
	for _, base := range []string{m.Dir, "."} {
		for _, name := range []string{"vendor/modules.txt", "go.sum", "go.work"} {
			text, err := os.ReadFile(filepath.Join(r.tree.Dir(), filepath.FromSlash(base), filepath.FromSlash(name)))
			note(h, string(text), fmt.Sprint(err == nil))
		}
	}
}

// Machine is what a reading of Go code found outside the tree.
type Machine struct {
	Go, Root, ModuleCache string
	// Modules are the folders of module versions that were looked for, and whether
	// they were there.
	Modules map[string]bool
}

func (r *resolver) machine() *Machine {
	return &Machine{Go: r.goversion, Root: r.goroot, ModuleCache: r.cache, Modules: r.probed}
}

// Same reports whether another reading would find the same.
func (m *Machine) Same(ctx context.Context) bool {
	root, modules, version := goEnv(ctx)
	if m.Go != version || m.Root != root || m.ModuleCache != modules {
		return false
	}
	for dir, there := range m.Modules {
		if (firstDir(dir) != "") != there {
			return false
		}
	}
	return true
}
