package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// StartStep is something that a binary does with an integration while it starts.
type StartStep struct {
	scanners.Position
	Binary      string `json:"binary"`
	Command     string `json:"command"` // the function of the command, "" for main itself
	Order       int    `json:"order"`   // from 1, in the order of the code
	Integration string `json:"integration"`
	Call        string `json:"call"`
	Does        string `json:"does"` // construct, check, call, serve
}

// startup follows each binary's main through the functions that it calls, in the
// order of the code, and notes the first of each thing done with each integration.
func (g *planFacts) startup() []StartStep {
	out := []StartStep{}
	for _, b := range g.r.Repository.Binaries {
		pkg := g.p.byPath[b.Package]
		if b.Scope != ScopeRuntime || pkg == nil {
			continue
		}
		if main := g.p.funcs[b.Package+".main"]; main != nil {
			out = append(out, g.starts(b.Name, "", main)...)
			reach := map[*gosrc.Package]bool{}
			g.p.importClosure(pkg, reach)
			for _, f := range g.commands() {
				if reach[f.Pkg] {
					out = append(out, g.starts(b.Name, shortSymbol(cmp.Or(f.Symbol, f.Name)), f)...)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b StartStep) int {
		return cmp.Or(cmp.Compare(a.Binary, b.Binary), cmp.Compare(a.Command, b.Command), cmp.Compare(a.Order, b.Order))
	})
	return out
}

// starts follows one function with which a binary or a command of it begins.
func (g *planFacts) starts(binary, command string, f *gosrc.Func) []StartStep {
	w := startWalk{g: g, binary: binary, command: command, seen: map[*gosrc.Func]bool{}, done: map[[2]string]bool{}}
	w.function(f, 0)
	return w.out
}

// commandFields are the fields in which command-line libraries keep what a command
// runs.
var commandFields = []string{
	"github.com/spf13/cobra.Command.PersistentPreRunE", "github.com/spf13/cobra.Command.PersistentPreRun",
	"github.com/spf13/cobra.Command.PreRunE", "github.com/spf13/cobra.Command.PreRun",
	"github.com/spf13/cobra.Command.RunE", "github.com/spf13/cobra.Command.Run",
	"github.com/urfave/cli.App.Action", "github.com/urfave/cli.Command.Action", "github.com/urfave/cli/v2.App.Action",
	"github.com/urfave/cli/v2.Command.Action", "github.com/urfave/cli/v3.Command.Action", "github.com/mitchellh/cli.Command.Run",
}

// commands are the functions that a binary's commands run, in the order of the code.
func (g *planFacts) commands() []*gosrc.Func {
	if g.started != nil {
		return g.started
	}
	g.started = []*gosrc.Func{}
	for _, field := range commandFields {
		for _, st := range g.p.stores[field] {
			for _, o := range g.p.origins(st.Value) {
				if f := g.p.funcOf(o); f != nil && g.p.scope[f.Pkg] == ScopeRuntime && !slices.Contains(g.started, f) {
					g.started = append(g.started, f)
				}
			}
		}
	}
	slices.SortStableFunc(g.started, func(a, b *gosrc.Func) int { return a.At.Compare(b.At) })
	return g.started
}

// The walk's bounds: functions called one from the other, functions in all, and
// those that one call may reach.
const (
	maxStartTargets = 3
	maxStartDepth   = 10
	maxStartFuncs   = 1500
)

type startWalk struct {
	g       *planFacts
	binary  string
	command string
	seen    map[*gosrc.Func]bool
	done    map[[2]string]bool
	out     []StartStep
}

func (w *startWalk) function(f *gosrc.Func, depth int) {
	if w.seen[f] || depth > maxStartDepth || len(w.seen) > maxStartFuncs || w.g.inbound(f) {
		return
	}
	w.seen[f] = true
	for _, c := range f.Calls {
		w.call(c)
		targets := w.g.p.targets(c)
		if len(targets) > maxStartTargets {
			targets = nil // one of many behind an interface: which, only the running program knows
		}
		for _, t := range targets {
			if w.g.p.scope[t.Pkg] == ScopeRuntime {
				w.function(t, depth+1)
			}
		}
		for _, a := range c.Args {
			if a.Kind == gosrc.Closure || a.Kind == gosrc.FuncRef {
				if t := w.g.p.funcOf(a); t != nil && w.g.p.scope[t.Pkg] == ScopeRuntime {
					w.function(t, depth+1) // a command's or a group's function
				}
			}
		}
	}
}

func (w *startWalk) call(c *gosrc.Call) {
	if s := w.g.siteOf[c]; s != nil {
		does := "call"
		if isCheck(c.Callee) {
			does = "check"
		}
		w.note(s.id, does, s.symbol, c)
		return
	}
	if c.Callee == "" || w.g.p.declared(c.Callee) {
		return
	}
	_, name := catalog.SplitSymbol(c.Callee)
	switch {
	case strings.HasPrefix(name, "ListenAndServe") || strings.HasPrefix(name, "Server.ListenAndServe") || name == "Server.Serve":
		w.note("", "serve", c.Callee, c)
	case !strings.Contains(name, ".") && constructs(name):
		system := catalog.AnyDatabase
		if !w.g.p.sharedSQL(packageOf(c.Callee)) {
			lib := w.g.p.cat.Package(packageOf(c.Callee))
			if lib == nil || lib.NamedBy == catalog.NamedByHost || lib.Direction == catalog.Inbound {
				return
			}
			system = lib.System.Slug
		}
		if id := w.g.integrationOf(system, c.Fn); id != "" {
			w.note(id, "construct", c.Callee, c)
		}
	}
}

func constructs(name string) bool {
	for _, w := range []string{"New", "Open", "Connect", "Dial", "MustConnect", "MustOpen", "Init"} {
		rest, ok := strings.CutPrefix(name, w)
		settings := strings.HasSuffix(rest, "Config") && !strings.Contains(rest, "With") && !strings.Contains(rest, "From")
		if ok && !settings && !strings.Contains(rest, "Option") && !strings.Contains(rest, "Error") && !strings.HasSuffix(rest, "Logger") {
			return true
		}
	}
	return false
}

// isCheck: calls that only ask whether the system is there.
func isCheck(callee string) bool {
	name := callee[strings.LastIndexByte(callee, '.')+1:]
	return strings.HasPrefix(name, "Ping") || strings.HasPrefix(name, "Health") || name == "Check" || strings.HasPrefix(name, "CheckHealth") || name == "Status"
}

func (w *startWalk) note(id, does, symbol string, c *gosrc.Call) {
	key := [2]string{id, does}
	if w.done[key] {
		return
	}
	w.done[key] = true
	w.out = append(w.out, StartStep{Position: c.At, Binary: w.binary, Command: w.command, Order: len(w.out) + 1, Integration: id, Call: shortSymbol(symbol), Does: does})
}
