package gosrc

import (
	"context"
	"fmt"
	"hash"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gomod"
	"github.com/intscan/intscan/scanners/gosrc/graph"
)

const (
	// listLimit bounds one run of the go command; a repository can be made so
	// that it never ends (a named pipe called x.go).
	listLimit = 30 * time.Second
	// maxListed bounds how many modules the go command is asked about.
	maxListed = 24
)

// ask looks a package up in what go/packages says of the module, where its go.mod
// alone leaves it open. Each module is asked about once.
func (r *resolver) ask(m *gomod.Module, importPath string) string {
	r.listing.Lock()
	defer r.listing.Unlock()
	pkgs, done := r.listed[m.Dir]
	if !done {
		if len(r.listed) >= maxListed {
			return ""
		}
		pkgs = r.listedBefore(m)
		r.listed[m.Dir] = pkgs
	}
	return pkgs[importPath]
}

// worthAsking: the go command knows more than go.mod says of modules from before
// Go 1.17, of replaced and vendored ones, and it alone may download.
func (r *resolver) worthAsking(m *gomod.Module) bool {
	return r.goroot != "" && (r.opts.Download || r.cacheFilled() && (m.Go == "" || semver.Compare("v"+m.Go, "v1.17") < 0 || len(m.Replaces) > 0))
}

// kept is a list as a cache keeps it.
type kept struct{ Dirs listedPkgs }

var lists = graph.New[kept]()

// listedBefore takes from the cache what the go command said of the same module with
// the same imports, if the folders are still there.
func (r *resolver) listedBefore(m *gomod.Module) listedPkgs {
	if r.opts.Cache == nil {
		return r.list(m)
	}
	key := digest(func(h hash.Hash) {
		note(h, "list", fmt.Sprint(r.opts.Download))
		r.describeFiles(h, m)
		r.noteImports(h, m)
	})
	if data, ok := r.opts.Cache.Get(key); ok {
		if k, err := lists.Decode(data); err == nil {
			if pkgs := r.placed(k.Dirs); pkgs != nil {
				return pkgs
			}
		}
	}
	pkgs := r.list(m)
	if len(pkgs) > 0 {
		k := kept{listedPkgs{}}
		for p, dir := range pkgs {
			k.Dirs[p] = r.portable(dir)
		}
		r.opts.Cache.Put(key, lists.Encode(&k))
	}
	return pkgs
}

// portable is a folder's name that holds for a copy of the tree too.
func (r *resolver) portable(dir string) string {
	if rest, ok := strings.CutPrefix(dir, r.tree.Dir()); ok {
		return "." + rest
	}
	return dir
}

// placed undoes portable; nil where a folder is not there any more.
func (r *resolver) placed(dirs listedPkgs) listedPkgs {
	out := listedPkgs{}
	for p, dir := range dirs {
		if strings.HasPrefix(dir, ".") {
			dir = filepath.Join(r.tree.Dir(), dir)
		}
		if firstDir(dir) == "" {
			return nil
		}
		out[p] = dir
	}
	return out
}

// list runs the go command through go/packages, for names and folders only:
// nothing is compiled, and nothing downloaded unless asked.
func (r *resolver) list(m *gomod.Module) listedPkgs {
	ctx, cancel := context.WithTimeout(r.ctx, listLimit)
	defer cancel()
	conf := &packages.Config{
		Context: ctx,
		Mode:    packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps,
		Dir:     filepath.Join(r.tree.Dir(), filepath.FromSlash(m.Dir)),
		Env:     goCommandEnv(r.opts.Download),
	}
	roots, err := packages.Load(conf, "./...")
	if err != nil {
		r.diags = append(r.diags, scanners.Diagnostic{
			Severity: scanners.SeverityInfo, Scanner: "gosrc", Position: scanners.Position{File: m.File},
			Message: "the go command cannot load this module, so its packages are found by go.mod alone: " + firstLine(err),
		})
		return nil
	}
	out := listedPkgs{}
	packages.Visit(roots, nil, func(p *packages.Package) {
		// A package that is missing is listed with the file that imports it.
		if p.Name != "" && len(p.Errors) == 0 && len(p.GoFiles) > 0 {
			out[p.PkgPath] = filepath.Dir(p.GoFiles[0])
		}
	})
	return out
}

// firstLine of an error of the go command, without paths of the machine.
func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	if i := strings.Index(line, ": "); strings.HasPrefix(line, "err: exit status") && i > 0 {
		line = strings.TrimSpace(line[i+2:])
	}
	return scanners.Redact(fmt.Sprintf("%.200s", line))
}
