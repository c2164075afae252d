package catalog

import (
	"maps"
	"strings"
)

// LibraryRef is a library together with the system it belongs to.
type LibraryRef struct {
	System *System
	*Library
}

// index answers the look-ups of detection in constant time or nearly so.
type index struct {
	packages map[string]*LibraryRef // exact import path
	trees    map[string]*LibraryRef // "path" of a "path/..." pattern
	excepts  map[string]bool
	hosts    map[string]*System // exact host, ".suffix" of a "*.suffix" pattern, or "host/element"
	images   map[string]*System
	schemes  map[string]*System
	drivers  map[string]*System
	env      map[string]*System
	folders  map[string]*System
	results  map[string]map[string]string // by package pattern, then by function

	symbols   map[string]*LibraryRef // absolute symbols that a library claims
	tools     map[string][]*Toolkit  // by exact import path
	toolTrees map[string][]*Toolkit  // by the path of a "path/..." pattern
	sdkOf     map[string]*SDK        // by import path, for packages of no system

	frameworks      map[string]*Framework // by exact import path
	routerTypes     map[string]*Framework // by symbol
	handlerTypes    map[string]bool
	handlerContexts map[string]bool
}

func newIndex(c *Catalog) index {
	x := index{
		packages: map[string]*LibraryRef{}, trees: map[string]*LibraryRef{}, excepts: map[string]bool{},
		hosts: map[string]*System{}, images: map[string]*System{}, schemes: map[string]*System{},
		drivers: map[string]*System{}, env: map[string]*System{}, folders: map[string]*System{},
		symbols: map[string]*LibraryRef{}, results: map[string]map[string]string{},
		tools: map[string][]*Toolkit{}, toolTrees: map[string][]*Toolkit{}, sdkOf: map[string]*SDK{},
		frameworks: map[string]*Framework{}, routerTypes: map[string]*Framework{},
		handlerTypes: map[string]bool{}, handlerContexts: map[string]bool{},
	}
	for _, s := range c.SDKs {
		for _, p := range s.Packages {
			x.sdkOf[strings.TrimSuffix(p, "/...")] = s
		}
	}
	for _, t := range c.Toolkits {
		for _, p := range t.Packages {
			if tree, ok := strings.CutSuffix(p, "/..."); ok {
				x.toolTrees[tree] = append(x.toolTrees[tree], t)
			} else {
				x.tools[p] = append(x.tools[p], t)
			}
		}
	}
	for _, s := range c.Systems {
		for i := range s.Libraries {
			x.addLibrary(&LibraryRef{System: s, Library: &s.Libraries[i]})
		}
		for _, h := range s.Match.Hosts {
			x.hosts[strings.TrimPrefix(h, "*")] = s
		}
		for _, h := range s.Match.Paths {
			x.hosts[h] = s
		}
		for _, n := range s.Match.Images {
			x.images[n] = s
		}
		for _, n := range s.Match.Schemes {
			x.schemes[n] = s
		}
		for _, n := range s.Match.Folders {
			x.folders[n] = s
		}
		for _, n := range s.Match.Env {
			x.env[n] = s
		}
	}
	return x
}

func (x *index) addLibrary(l *LibraryRef) {
	for _, p := range l.Packages {
		if tree, ok := strings.CutSuffix(p, "/..."); ok {
			x.trees[tree] = l
		} else {
			x.packages[p] = l
		}
		if x.results[p] == nil {
			x.results[p] = map[string]string{}
		}
		maps.Copy(x.results[p], l.Results)
	}
	for _, list := range [][]string{l.Operations, l.Uses, l.Inbound} {
		for _, sym := range list {
			if isAbsolute(sym) {
				x.symbols[strings.TrimSuffix(sym, ".")] = l
			}
		}
	}
	for _, p := range l.Except {
		x.excepts[p] = true
	}
	for _, d := range l.Drivers {
		x.drivers[d] = l.System
	}
}

// Package returns the library that an import path belongs to, or nil. The
// longest pattern wins, an exact one before a tree.
func (x *index) Package(importPath string) *LibraryRef {
	if l := x.packages[importPath]; l != nil {
		return l
	}
	for p := importPath; p != ""; p = parent(p) {
		if x.excepts[p] {
			return nil
		}
		if l := x.trees[p]; l != nil {
			return l
		}
	}
	return nil
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return ""
}

// Host returns the system whose API answers at a host, or nil.
func (x *index) Host(host string) *System {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if s := x.hosts[host]; s != nil {
		return s
	}
	for i := strings.IndexByte(host, '.'); i >= 0; {
		if s := x.hosts[host[i:]]; s != nil {
			return s
		}
		next := strings.IndexByte(host[i+1:], '.')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	return nil
}

// Endpoint returns the system whose API answers at a host, below the first element of
// a path ("" where that is not known), or nil.
func (x *index) Endpoint(host, element string) *System {
	if s := x.hosts[strings.ToLower(host)+"/"+element]; s != nil && element != "" {
		return s
	}
	return x.Host(host)
}

// Image returns the system that a container image runs, or nil. Registry, tag
// and digest are ignored.
func (x *index) Image(image string) *System {
	name := ImageName(image)
	for n := name; n != ""; {
		if s := x.images[n]; s != nil {
			return s
		}
		_, rest, found := strings.Cut(n, "/")
		if !found {
			break
		}
		n = rest
	}
	return nil
}

// ImageName drops the registry, tag and digest of an image reference.
func ImageName(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	if first, rest, ok := strings.Cut(name, "/"); ok && strings.ContainsAny(first, ".:") {
		name = rest
	}
	return strings.TrimPrefix(name, "library/")
}

// Scheme returns the system that a URL scheme names, or nil.
func (x *index) Scheme(scheme string) *System { return x.schemes[strings.ToLower(scheme)] }

// Driver returns the system behind a database/sql driver name, or nil.
func (x *index) Driver(name string) *System { return x.drivers[name] }

// Variable returns the system that an environment variable or configuration key
// names by one of its words, or nil. The longest run of words wins.
func (x *index) Variable(name string) *System {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	for n := min(len(words), 4); n > 0; n-- {
		for i := 0; i+n <= len(words); i++ {
			if s := x.env[strings.Join(words[i:i+n], "_")]; s != nil {
				return s
			}
		}
	}
	return nil
}

// SDKOf returns the shared behaviour that a package belongs to, or nil.
func (x *index) SDKOf(importPath string) *SDK {
	for p := importPath; p != ""; p = parent(p) {
		if s := x.sdkOf[p]; s != nil {
			return s
		}
	}
	return nil
}

// Folder returns the system whose clients' packages go by a name other than its
// slug, or nil.
func (x *index) Folder(name string) *System { return x.folders[name] }

// SharedSDK reports whether a package is one of those of an SDK itself.
func (x *index) SharedSDK(importPath string) bool { return x.sdkOf[importPath] != nil }

// Result names the type of the first result of a library's function or method; ""
// where the catalog does not say.
func (c *Catalog) Result(symbol string) string {
	pkg, rest := SplitSymbol(symbol)
	if rest == "" {
		return ""
	}
	lists := []map[string]string{c.results[pkg]}
	for p := pkg; p != ""; p = parent(p) {
		lists = append(lists, c.results[p+"/..."])
	}
	if l := c.Package(pkg); l != nil && c.SDKs[l.SDK] != nil {
		lists = append(lists, c.SDKs[l.SDK].Results)
	}
	if s := c.SDKOf(pkg); s != nil {
		lists = append(lists, s.Results)
	}
	for _, list := range lists {
		for _, name := range []string{symbol, rest} {
			switch typ := list[name]; {
			case isAbsolute(typ):
				return typ
			case typ != "":
				return pkg + "." + typ
			}
		}
	}
	if typ, method, ok := strings.Cut(rest, "."); ok && (strings.HasPrefix(method, "Set") || strings.HasPrefix(method, "With")) {
		return pkg + "." + typ // a builder's step gives back the builder
	}
	return ""
}
