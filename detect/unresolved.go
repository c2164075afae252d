package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// resolveMethods names methods of libraries that are not on this machine, by what
// the catalog says of their functions' results: "?.Publish", called on what
// github.com/x/y.Connect gave, is "github.com/x/y.Conn.Publish".
func (p *program) resolveMethods() {
	r := resolution{p: p, seen: map[*gosrc.Value]bool{}}
	p.everyCall(func(c *gosrc.Call) {
		r.visit(c.Recv, 0)
		for _, a := range c.Args {
			r.visit(a, 0)
		}
		if !strings.HasPrefix(c.Callee, "?.") {
			return
		}
		if name := r.callee(c); !strings.Contains(name, "?.") || p.cat.Toolkitted(name) {
			c.Callee = name
		}
	})
	for _, pkg := range p.pkgs {
		for _, st := range pkg.Stores {
			r.visit(st.Value, 0)
		}
		for _, f := range pkg.Funcs {
			for _, ret := range f.Returns {
				for _, v := range ret {
					r.visit(v, 0)
				}
			}
		}
	}
}

// resolution goes over the values of a program, each once.
type resolution struct {
	p    *program
	seen map[*gosrc.Value]bool
}

const maxResolution = 12

// visit notes the type of a value that a function of an unread library gave, and
// the library in the names of its fields that are set: "?.Timeout" becomes
// "github.com/x/y.?.Timeout".
func (r *resolution) visit(v *gosrc.Value, depth int) {
	if v == nil || depth > maxResolution || r.seen[v] {
		return
	}
	r.seen[v] = true
	if v.Kind == gosrc.Result {
		r.visit(v.Call.Recv, depth+1)
		if v.Type == "" && v.Index == 0 {
			v.Type = r.p.resultType(r.callee(v.Call))
		}
		pkg := packageOf(r.callee(v.Call))
		for i := range v.Effects {
			e := &v.Effects[i]
			if e.Kind == gosrc.EffectField && strings.HasPrefix(e.Name, "?.") && pkg != "?" {
				e.Name = pkg + "." + e.Name
			}
		}
	}
	r.visit(v.X, depth+1)
	for _, a := range v.Args {
		r.visit(a, depth+1)
	}
	for _, f := range v.Fields {
		r.visit(f.Value, depth+1)
	}
}

// callee names what a call calls; a method of a value whose type the catalog does
// not say by the library that the value came from.
func (r *resolution) callee(c *gosrc.Call) string {
	for range maxResolution {
		method, ok := strings.CutPrefix(c.Callee, "?.")
		switch {
		case !ok || c.Recv == nil:
			return c.Callee
		case c.Recv.Type != "":
			return c.Recv.Type + "." + method
		}
		made := r.made(c.Recv)
		switch {
		case made == nil:
			return c.Callee
		case made.Type != "":
			return made.Type + "." + method
		case !strings.HasPrefix(made.Call.Callee, "?."):
			return packageOf(made.Call.Callee) + "." + c.Callee
		}
		c = made.Call
	}
	return c.Callee
}

// made is the result that a value is, or that the one store of a variable puts there.
func (r *resolution) made(v *gosrc.Value) *gosrc.Value {
	if stores := r.p.stores[v.Name]; v.Kind == gosrc.Global && len(stores) == 1 {
		v = stores[0].Value
		r.visit(v, 0)
	}
	if v.Kind != gosrc.Result {
		return nil
	}
	return v
}

// resultType is the catalog's word on what a function gives.
func (p *program) resultType(function string) string {
	if p.declared(function) {
		return ""
	}
	return p.cat.Result(function)
}

// unresolved names a method of a value whose type is not known by the package that
// the value was made by: "github.com/x/y.?.Publish".
func (p *program) unresolved(c *gosrc.Call) string {
	if strings.HasPrefix(c.Callee, "?.") {
		if made := p.madeBy(c.Recv, 0); made != "" {
			return packageOf(made) + "." + c.Callee
		}
	}
	return c.Callee
}

// pointee is the value that a helper of a library makes a pointer to: aws.Int(0),
// ptr.To(0).
func pointee(v *gosrc.Value) *gosrc.Value {
	if v == nil || v.Kind != gosrc.Result || v.Call.Method || len(v.Call.Args) != 1 {
		return v
	}
	switch v.Call.Callee[strings.LastIndexByte(v.Call.Callee, '.')+1:] {
	case "Int", "Int32", "Int64", "Bool", "Duration", "To", "ToPtr", "Ptr", "Pointer":
		return v.Call.Args[0]
	}
	return v
}
