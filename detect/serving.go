package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Serving is a main package that answers requests.
type Serving struct {
	// Position is that of its main function.
	scanners.Position
	Package string `json:"package"`
	Binary  string `json:"binary"`
	// Requests counts the routes and procedures that it answers.
	Requests int `json:"requests"`
	// Procedures is how many of them are a gRPC server's.
	Procedures int `json:"procedures,omitempty"`
	// Waits are the integrations that some of these wait for.
	Waits []string `json:"waits"`
}

// reachable finds, for each production main package, the functions that its main
// may run.
func (s *served) reachable() {
	s.ran, s.importers = map[*gosrc.Func][]*gosrc.Package{}, map[*gosrc.Package][]string{}
	for _, pkg := range s.p.pkgs {
		if pkg.Name != "main" || s.p.scope[pkg] != ScopeRuntime || allTests(pkg) {
			continue
		}
		closure := map[*gosrc.Package]bool{}
		s.p.importClosure(pkg, closure)
		for q := range closure {
			s.importers[q] = append(s.importers[q], pkg.Path)
		}
		run := s.runs(pkg, closure)
		if onSockets(run) {
			continue
		}
		s.mains = append(s.mains, pkg)
		for f := range run {
			s.ran[f] = append(s.ran[f], pkg)
		}
	}
}

// onSockets: all that the functions listen on are sockets of the file system; who
// starts the program asks it there, no orchestrator does.
func onSockets(run map[*gosrc.Func]bool) bool {
	listens := false
	for f := range run {
		for _, c := range f.Calls {
			switch {
			case c.Callee == "net.Listen" && len(c.Args) > 0 && strings.HasPrefix(c.Args[0].Text, "unix"):
				listens = true
			case strings.Contains(c.Callee, "Listen"):
				return false
			}
		}
	}
	return listens
}

// runs walks down from the main function, the package variables and the init
// functions of what a main package imports.
func (s *served) runs(main *gosrc.Package, closure map[*gosrc.Package]bool) map[*gosrc.Func]bool {
	seen := map[*gosrc.Func]bool{}
	var queue []*gosrc.Func
	add := func(f *gosrc.Func) {
		if f != nil && !seen[f] && closure[f.Pkg] {
			seen[f] = true
			queue = append(queue, f)
		}
	}
	for pkg := range closure {
		for _, f := range pkg.Funcs {
			if f.Symbol == "" && !f.Lit || strings.HasSuffix(f.Symbol, ".init") && f.Recv == "" || pkg == main && strings.HasSuffix(f.Symbol, ".main") && f.Recv == "" {
				add(f)
			}
		}
	}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		for _, lit := range s.routes.literals[f] {
			if !s.registeredOnly(f, lit) {
				add(lit)
			}
		}
		for _, g := range s.routes.uses[f] {
			if !s.registeredOnly(f, g) {
				add(g)
			}
		}
		for _, c := range f.Calls {
			for _, g := range s.p.targets(c) {
				add(g)
			}
		}
	}
	return seen
}

// registeredOnly: an init function puts g into a registry of things that a program
// may be configured to make; that does not run it.
func (s *served) registeredOnly(f, g *gosrc.Func) bool {
	if f.Symbol != "" && !strings.HasSuffix(f.Symbol, ".init") {
		return false
	}
	return slices.ContainsFunc(s.p.passed[g], func(to passedTo) bool {
		return to.call.Fn == f && strings.Contains(lastName(to.call.Callee), "Register")
	})
}

// runBy are the main packages that may run a function.
func (s *served) runBy(f *gosrc.Func) []string {
	out := []string{}
	for _, pkg := range s.ran[f] {
		out = append(out, pkg.Path)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// servings lists the main packages that answer requests.
func (s *served) servings(r *Result) []Serving {
	waits := map[scanners.Position][]string{}
	for _, e := range r.EntryPoints {
		for _, in := range e.Reaches {
			if !in.Async {
				waits[e.Position] = append(waits[e.Position], in.Integration)
			}
		}
	}
	by := map[string]*Serving{}
	for _, pkg := range s.mains {
		by[pkg.Path] = &Serving{Position: mainPosition(pkg), Package: pkg.Path, Binary: binaryName(pkg), Waits: []string{}}
	}
	count := func(in *gosrc.Func, answers *gosrc.Func) {
		for _, path := range s.runBy(in) {
			by[path].Requests++
			by[path].Waits = append(by[path].Waits, waits[answers.At]...)
		}
	}
	for i := range s.routes.routes {
		rt := &s.routes.routes[i]
		if health, _ := s.health(rt); !health && rt.fn != nil {
			count(rt.in, rt.fn)
		}
	}
	for f, in := range s.registrations() {
		count(in, f)
		for _, path := range s.runBy(in) {
			by[path].Procedures++
		}
	}
	out := []Serving{}
	for _, b := range by {
		if slices.Sort(b.Waits); b.Requests > 0 {
			b.Waits = slices.Compact(b.Waits)
			out = append(out, *b)
		}
	}
	slices.SortFunc(out, func(a, b Serving) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Package, b.Package))
	})
	return out
}

// registrations are the methods that answer RPCs, with the function that registers
// their type: pb.RegisterGreeterServer(srv, impl).
func (s *served) registrations() map[*gosrc.Func]*gosrc.Func {
	in := map[string]*gosrc.Func{}
	s.p.eachCall(func(c *gosrc.Call) {
		name := lastName(c.Callee)
		if !strings.HasPrefix(name, "Register") || !strings.HasSuffix(name, "Server") || len(c.Args) < 2 || c.Fn.Pkg == nil || generated(c.Fn) {
			return
		}
		for _, v := range append(s.p.origins(c.Args[1]), c.Args[1]) {
			if v.Type != "" && in[v.Type] == nil {
				in[v.Type] = c.Fn
			}
		}
	})
	out := map[*gosrc.Func]*gosrc.Func{}
	for f := range s.rpc.served {
		if by := in[f.Recv]; by != nil {
			out[f] = by
		}
	}
	return out
}

// funcAt is the function declared at a position.
func (p *program) funcAt(at scanners.Position) *gosrc.Func {
	pkg := p.pkgOfFile(at.File)
	if pkg == nil {
		return nil
	}
	for _, f := range pkg.Funcs {
		if f.At == at {
			return f
		}
	}
	return nil
}

// pkgOfFile is the package that a file belongs to.
func (p *program) pkgOfFile(file string) *gosrc.Package {
	for _, pkg := range p.pkgs {
		if slices.ContainsFunc(pkg.Files, func(f gosrc.File) bool { return f.Path == file }) {
			return pkg
		}
	}
	return nil
}
