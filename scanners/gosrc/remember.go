package gosrc

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gomod"
	"github.com/intscan/intscan/scanners/gosrc/graph"
)

// Cache keeps summaries between runs. A key stands for all that a summary depends
// on but the program itself, which is for the cache to tell apart. Both methods are
// called by several goroutines at a time; a value that cannot be kept is not.
type Cache interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}

var summaries = graph.New[Package]()

// recall takes the summaries of the packages that are as they were from the cache.
func (s *scan) recall(raws []*raw) {
	if s.cache == nil {
		return
	}
	k := &keys{s: s, byPath: importable(raws), faces: map[*raw]string{}, onPath: map[*raw]bool{}, views: map[string]string{}, outside: map[string]string{}}
	k.stubs = digest(func(h hash.Hash) { s.imports.describeUses(h) })
	for _, r := range raws {
		if s.ctx.Err() == nil {
			r.key = k.summary(r)
		}
	}
	each(len(raws), func(i int) {
		r := raws[i]
		if data, ok := s.cache.Get(r.key); ok {
			if p, err := summaries.Decode(data); err == nil {
				r.summary, r.known = p, true
			}
		}
	})
}

// remember keeps the summary of a package about which there is nothing to report:
// what is wrong with the others is to be said the next time too.
func (s *scan) remember(r *raw) {
	if s.cache != nil && !r.flawed && !s.unsure.Load() && s.ctx.Err() == nil {
		s.cache.Put(r.key, summaries.Encode(r.summary))
	}
}

// importable are the packages that an import path stands for.
func importable(raws []*raw) map[string]*raw {
	byPath := map[string]*raw{}
	for _, r := range raws {
		if len(r.files) > 0 && byPath[r.path] == nil {
			byPath[r.path] = r
		}
	}
	return byPath
}

// keys makes the keys of one tree's packages.
type keys struct {
	s       *scan
	byPath  map[string]*raw
	faces   map[*raw]string
	onPath  map[*raw]bool
	views   map[string]string // by module folder
	outside map[string]string // by folder
	stubs   string
}

// summary is the key of a package's summary: its files, and what importing it
// brings in.
func (k *keys) summary(r *raw) string {
	return digest(func(h hash.Hash) {
		note(h, "summary", r.path, r.name, r.dir, k.stubs, k.s.resolver.opts.Mode, fmt.Sprint(k.s.tags), k.view(r))
		for _, f := range slices.Concat(r.files, r.tests) {
			note(h, f.path, f.sum)
		}
		for _, imp := range r.imports {
			note(h, imp, k.imported(r, imp))
		}
	})
}

// face is the key of what importers see of a package: its declarations, and those
// that they mention. Bodies of functions are none of it.
func (k *keys) face(r *raw) string {
	if face, ok := k.faces[r]; ok {
		return face
	}
	if k.onPath[r] {
		return "circle" // only broken code has one; its files are in the key already
	}
	k.onPath[r] = true
	face := digest(func(h hash.Hash) {
		note(h, "face", r.path, r.name, k.view(r))
		mentioned := map[string]bool{}
		for _, f := range r.files {
			note(h, f.path, f.face)
			for _, imp := range f.mentions {
				mentioned[imp] = true
			}
		}
		for _, imp := range slices.Sorted(maps.Keys(mentioned)) {
			note(h, imp, k.imported(r, imp))
		}
	})
	delete(k.onPath, r)
	k.faces[r] = face
	return face
}

// imported tells what an import stands for.
func (k *keys) imported(r *raw, imp string) string {
	if own := k.byPath[imp]; own != nil {
		return k.face(own)
	}
	dir := k.s.resolver.dir(r.module, imp)
	if dir == "" {
		return "missing"
	}
	if k.s.resolver.fixed(dir) {
		return dir
	}
	if _, ok := k.outside[dir]; !ok {
		k.outside[dir] = digest(func(h hash.Hash) { noteFiles(h, dir) })
	}
	return k.outside[dir]
}

// view is the key of where a module's imports lead.
func (k *keys) view(r *raw) string {
	if r.module == nil {
		return k.s.resolver.goversion
	}
	view, ok := k.views[r.module.Dir]
	if !ok {
		view = digest(func(h hash.Hash) { k.s.resolver.describe(h, r.module) })
		k.views[r.module.Dir] = view
	}
	return view
}

func digest(write func(hash.Hash)) string {
	h := sha256.New()
	write(h)
	return hex.EncodeToString(h.Sum(nil))
}

// note writes the parts so that no others give the same bytes.
func note(h hash.Hash, parts ...string) {
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
}

// noteFiles writes the content of a folder's Go files. What cannot be read is none
// to the type checker either.
func noteFiles(h hash.Hash, dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			src, _ := os.ReadFile(filepath.Join(dir, e.Name()))
			note(h, e.Name(), string(src))
		}
	}
}

// noteImports writes what the files of a module import, and the constraints that say
// when they are built.
func noteImports(h hash.Hash, raws []*raw, m *gomod.Module) {
	for _, r := range raws {
		if r.module != m {
			continue
		}
		note(h, r.path)
		note(h, r.imports...)
		for _, f := range r.files {
			note(h, f.path, string(header(f.src)))
		}
	}
}

// describeUses writes the uses of the missing packages, of which the stubs are made.
func (d *declarations) describeUses(h hash.Hash) {
	for _, p := range slices.Sorted(maps.Keys(d.uses)) {
		u := d.uses[p]
		note(h, p, u.name)
		for _, t := range slices.Sorted(maps.Keys(u.types)) {
			note(h, t, fmt.Sprint(u.types[t]))
		}
	}
}
