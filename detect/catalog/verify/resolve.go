package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
)

// found is the answer to whether a symbol exists.
type found int

const (
	no      found = iota
	unknown       // it may be in a package that was not read
	yes
)

// packageAPI parses a package of a known module once; nil where no version of its
// module is known or the package is not in that version.
func (v *verifier) packageAPI(pkg string) *api {
	if a, ok := v.apis[pkg]; ok {
		return a
	}
	var a *api
	if dir := v.dir(pkg); dir != "" {
		a, _ = parsePackage(dir)
	}
	if v.apis == nil {
		v.apis = map[string]*api{}
	}
	v.apis[pkg] = a
	return a
}

// dir is the folder of a package, "" where it cannot be had.
func (v *verifier) dir(pkg string) string {
	var dir string
	if isStd(pkg) {
		dir = filepath.Join(v.std, filepath.FromSlash(pkg))
	} else {
		mod := moduleOf(pkg, v.newest)
		if mod == "" {
			return ""
		}
		root, err := v.fetch(mod, v.newest[mod])
		if err != nil {
			v.unavailable(mod, err)
			return ""
		}
		dir = filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(pkg, mod)))
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return ""
	}
	return dir
}

// packages expands "path/..." to the packages that are there.
func (v *verifier) packages(pattern string) []string {
	root, tree := strings.CutSuffix(pattern, "/...")
	if !tree {
		return []string{pattern}
	}
	dir := v.dir(root)
	if dir == "" {
		return []string{root}
	}
	var out []string
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			if rel, err := filepath.Rel(dir, path); err == nil && rel == "." {
				out = append(out, root)
			} else if err == nil {
				out = append(out, root+"/"+filepath.ToSlash(rel))
			}
		}
		return nil
	})
	return out
}

// before are verifiers of the older cited versions: what was removed since still
// stands in repositories that require them.
func (v *verifier) before() []*verifier {
	var out []*verifier
	for _, versions := range v.older {
		out = append(out, &verifier{fetch: v.fetch, std: v.std, newest: versions})
	}
	return out
}

// everExisted answers for the newest version, then for the cited ones before it.
func (v *verifier) everExisted(s symbol, before []*verifier) found {
	is := v.exists(s)
	for _, old := range before {
		if is != no {
			break
		}
		if old.exists(s) == yes {
			is = yes
		}
	}
	return is
}

// exists answers for one claim: absolute symbols in their own package, relative
// ones in any of the claim's packages.
func (v *verifier) exists(s symbol) found {
	if strings.Contains(s.name, "/") {
		pkg, rest := catalog.SplitSymbol(s.name)
		return v.declared(pkg, rest, 0)
	}
	best := no
	for _, pattern := range s.packages {
		for _, pkg := range v.packages(pattern) {
			best = max(best, v.declared(pkg, s.name, 0))
			if best == yes {
				return yes
			}
		}
	}
	// "net.Dial" and "net/http.Get" look alike but for the slash.
	if pkg, rest, ok := strings.Cut(s.name, "."); ok && isStd(pkg) && v.dir(pkg) != "" {
		best = max(best, v.declared(pkg, rest, 0))
	}
	return best
}

// declared: "Func", "Type", "Type.Member", "Type." and "Type.*", "*.Member",
// "Prefix*".
func (v *verifier) declared(pkg, name string, depth int) found {
	a := v.packageAPI(pkg)
	if a == nil || depth > 8 {
		return unknown
	}
	if method, ok := strings.CutPrefix(name, "*."); ok {
		for _, t := range a.types {
			if _, ok := t.members[method]; ok {
				return yes
			}
		}
		return no
	}
	if prefix, ok := strings.CutSuffix(name, "*"); ok && !strings.Contains(prefix, ".") {
		for n := range a.funcs {
			if strings.HasPrefix(n, prefix) {
				return yes
			}
		}
		for n := range a.types {
			if strings.HasPrefix(n, prefix) {
				return yes
			}
		}
		return no
	}
	typ, member, dotted := strings.Cut(name, ".")
	if !dotted {
		if a.funcs[name] || a.types[name] != nil {
			return yes
		}
		return no
	}
	t := a.types[typ]
	switch {
	case t == nil && a.funcs[typ]:
		return unknown // a member of a variable, whose type syntax does not tell
	case t == nil:
		return no
	case member == "" || member == "*":
		return yes
	}
	return v.member(pkg, t, member, depth)
}

func (v *verifier) member(pkg string, t *typeDecl, member string, depth int) found {
	if _, ok := t.members[member]; ok {
		return yes
	}
	if prefix, ok := strings.CutSuffix(member, "*"); ok {
		for m := range t.members {
			if strings.HasPrefix(m, prefix) {
				return yes
			}
		}
	}
	best := no
	inside := func(r ref, member string) {
		p := r.pkg
		if p == "" {
			p = pkg
		}
		best = max(best, v.declared(p, r.name+"."+member, depth+1))
	}
	if field, rest, ok := strings.Cut(member, "."); ok {
		if r, ok := t.members[field]; ok && r.name != "" {
			inside(r, rest)
		}
	}
	for _, r := range t.embeds {
		inside(r, member)
	}
	return best
}
