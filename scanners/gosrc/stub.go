package gosrc

import (
	"go/ast"
	"go/token"
	"go/types"
	"hash"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc/graph"
)

// stubUse is what the repository's code shows of a package that is not on this
// machine: the name it is imported under and the names used as types, each with how
// many type arguments it is given.
type stubUse struct {
	name  string
	types map[string]int
}

// stub makes a stand-in for a missing package: it has the types that are used, as
// opaque named types, so that the repository's fields, parameters and variables
// keep their type's name.
func (d *declarations) stub(importPath string) *types.Package {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.stubs[importPath]; p != nil {
		return p
	}
	use := d.uses[importPath]
	name := ""
	if use != nil {
		name = use.name
	}
	if name == "" {
		name = packageNames(importPath)[0]
	}
	p := types.NewPackage(importPath, name)
	if use != nil {
		names := make([]string, 0, len(use.types))
		for n := range use.types {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			p.Scope().Insert(stubType(p, n, use.types[n]))
		}
	}
	markFake(p)
	d.stubs[importPath] = p
	return p
}

var (
	majorSuffix  = regexp.MustCompile(`^v[0-9]+$`)
	gopkgVersion = regexp.MustCompile(`\.v[0-9]+$`)
)

// packageNames are likely names of the package at an import path, the likeliest
// first. "github.com/redis/go-redis/v9" gives redis, "gopkg.in/yaml.v3" yaml.
func packageNames(importPath string) []string {
	base := path.Base(importPath)
	if majorSuffix.MatchString(base) && strings.Contains(importPath, "/") {
		base = path.Base(path.Dir(importPath))
	}
	base = gopkgVersion.ReplaceAllString(base, "")
	var names []string
	add := func(n string) {
		if n != "" && token.IsIdentifier(n) && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	trimmed := base
	for _, p := range []string{"go-", "go.", "golang-"} {
		trimmed = strings.TrimPrefix(trimmed, p)
	}
	for _, s := range []string{"-go", ".go", "-golang", "_go"} {
		trimmed = strings.TrimSuffix(trimmed, s)
	}
	add(trimmed)
	add(base)
	add(strings.Join(slices.DeleteFunc(strings.Split(trimmed, "-"), saysOnlyLibrary), ""))
	add(strings.ReplaceAll(trimmed, "-", ""))
	add(strings.ReplaceAll(trimmed, "-", "_"))
	add(strings.ReplaceAll(base, "-", ""))
	if i := strings.LastIndexByte(trimmed, '-'); i >= 0 {
		add(trimmed[i+1:])
		add(trimmed[:i])
	}
	if i := strings.LastIndexByte(trimmed, '.'); i >= 0 {
		add(trimmed[i+1:])
		add(trimmed[:i])
	}
	if len(names) == 0 {
		names = []string{"_" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, base)}
	}
	return names
}

// stubUses collects what the repository's files show of the packages that cannot
// be had, before any stub is made. The files are read side by side, what they show
// is taken in their order, so that the same tree gives the same names.
func (s *scan) stubUses(raws []*raw) {
	own := map[string]bool{}
	for _, r := range raws {
		own[r.path] = true
	}
	// Finding folders may ask the go command, in this order whatever the machine.
	missing := make([]map[string]bool, len(raws))
	for i, r := range raws {
		missing[i] = map[string]bool{}
		for _, imp := range r.imports {
			if !own[imp] && imp != "C" && imp != "unsafe" && s.resolver.dir(r.module, imp) == "" {
				missing[i][imp] = true
			}
		}
	}
	for _, uses := range s.shown(raws, missing) {
		for _, u := range uses.Of {
			s.imports.note(u)
		}
	}
}

// shown is what a package shows of those that it misses.
type shown struct{ Of []shownUse }

// shownUse is what one file shows of one missing package: a guess at its name
// ("" where the file names the import itself) and the names used as types.
type shownUse struct {
	Path, Name string
	Types      map[string]int
}

var shownUses = graph.New[shown]()

// shown reads the files that import what is missing, where a cache does not know
// what they show.
func (s *scan) shown(raws []*raw, missing []map[string]bool) []*shown {
	out, keys := make([]*shown, len(raws)), make([]string, len(raws))
	var unknown []*raw
	for i, r := range raws {
		out[i] = &shown{}
		if len(missing[i]) == 0 {
			continue
		}
		if s.cache != nil {
			keys[i] = shownKey(r, missing[i])
			if data, ok := s.cache.Get(keys[i]); ok {
				if known, err := shownUses.Decode(data); err == nil {
					out[i], missing[i] = known, nil
					continue
				}
			}
		}
		unknown = append(unknown, r)
	}
	s.parse(unknown)
	each(len(raws), func(i int) {
		if len(missing[i]) == 0 {
			return
		}
		for _, f := range raws[i].files {
			if importsAny(f.ast, missing[i]) {
				out[i].Of = append(out[i].Of, usesIn(f.ast, missing[i])...)
			}
		}
		if s.cache != nil && !raws[i].flawed && s.ctx.Err() == nil {
			s.cache.Put(keys[i], shownUses.Encode(out[i]))
		}
	})
	return out
}

func shownKey(r *raw, missing map[string]bool) string {
	return digest(func(h hash.Hash) {
		note(h, "shown")
		note(h, slices.Sorted(maps.Keys(missing))...)
		for _, f := range r.files {
			note(h, f.path, f.sum)
		}
	})
}

func (d *declarations) note(shown shownUse) {
	u := d.uses[shown.Path]
	if u == nil {
		u = &stubUse{types: map[string]int{}}
		d.uses[shown.Path] = u
	}
	if u.name == "" {
		u.name = shown.Name
	}
	for t, args := range shown.Types {
		u.types[t] = max(u.types[t], args)
	}
}

func importsAny(f *ast.File, missing map[string]bool) bool {
	return len(missing) > 0 && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
		return missing[strings.Trim(i.Path.Value, "\"`")]
	})
}

// usesIn reads the uses of the missing packages in one file.
func usesIn(f *ast.File, missing map[string]bool) []shownUse {
	bases := map[string]bool{}
	typed := map[string]map[string]int{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				bases[id.Name] = true
			}
		}
		for _, e := range typeExprs(n) {
			if id, name, args := qualified(e); id != "" {
				if typed[id] == nil {
					typed[id] = map[string]int{}
				}
				typed[id][name] = max(typed[id][name], args)
			}
		}
		return true
	})
	taken := map[string]bool{}
	for _, i := range f.Imports {
		if p := strings.Trim(i.Path.Value, "\"`"); i.Name != nil {
			taken[i.Name.Name] = true
		} else if !missing[p] {
			taken[packageNames(p)[0]] = true // net/http is http, and not pusher-http-go
		}
	}
	var out []shownUse
	for _, i := range f.Imports {
		p := strings.Trim(i.Path.Value, "\"`")
		if !missing[p] {
			continue
		}
		if i.Name != nil {
			out = append(out, shownUse{Path: p, Types: typed[i.Name.Name]})
			continue
		}
		name := guessName(p, bases, taken)
		out = append(out, shownUse{Path: p, Name: name, Types: typed[name]})
	}
	return out
}

// typeExprs are the expressions in a node that stand for types.
func typeExprs(n ast.Node) []ast.Expr {
	switch x := n.(type) {
	case *ast.Field:
		return []ast.Expr{x.Type}
	case *ast.CompositeLit:
		return []ast.Expr{x.Type}
	case *ast.ValueSpec:
		return []ast.Expr{x.Type}
	case *ast.TypeSpec:
		return []ast.Expr{x.Type}
	case *ast.TypeAssertExpr:
		return []ast.Expr{x.Type}
	case *ast.MapType:
		return []ast.Expr{x.Key, x.Value}
	case *ast.ArrayType:
		return []ast.Expr{x.Elt}
	case *ast.StarExpr:
		return []ast.Expr{x.X}
	case *ast.CallExpr:
		if id, ok := x.Fun.(*ast.Ident); ok && id.Name == "new" {
			return x.Args
		}
	}
	return nil
}

// qualified takes a type expression apart: "*redis.Client" gives redis and Client,
// "cache.Cache[string, int]" cache, Cache and 2.
func qualified(e ast.Expr) (pkg, name string, args int) {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e, args = x.X, 1
		case *ast.IndexListExpr:
			e, args = x.X, len(x.Indices)
		case *ast.ArrayType:
			e = x.Elt
		case *ast.Ellipsis:
			e = x.Elt
		case *ast.ChanType:
			e = x.Value
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok {
				return id.Name, x.Sel.Name, args
			}
			return "", "", 0
		default:
			return "", "", 0
		}
	}
}

// saysOnlyLibrary: a part of a module's name that its package's seldom has:
// paddle-go-sdk is paddle.
func saysOnlyLibrary(part string) bool {
	switch part {
	case "go", "golang", "sdk", "client", "api":
		return true
	}
	return false
}

// guessName picks the name under which a file uses a package whose own name is
// not known.
func guessName(importPath string, bases, taken map[string]bool) string {
	names := packageNames(importPath)
	for _, n := range names {
		if bases[n] && !taken[n] {
			return n
		}
	}
	squeezed := strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(importPath))
	best := ""
	for b := range bases {
		if len(b) >= 3 && !taken[b] && strings.Contains(squeezed, strings.ToLower(b)) && (len(b) > len(best) || len(b) == len(best) && b < best) {
			best = b
		}
	}
	if best != "" {
		return best
	}
	return names[0]
}
