package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// frame says what the parameters and loop variables around a registration hold in
// one of the ways that lead to it: a helper that registers for its callers, a loop
// over a table of handlers. The latest binding stands first.
type frame struct {
	call *gosrc.Call  // gives the parameters of fn
	fn   *gosrc.Func  // nil for a turn of a loop
	over *gosrc.Value // the table
	row  *gosrc.Value
	key  string
	up   *frame
}

// maxFrames bounds the ways into one registration, maxFrameDepth how far up they go.
const (
	maxFrames     = 2000
	maxFrameDepth = 4
)

// frames are the ways into a registration: one, unless what it registers hangs on
// parameters or on a loop.
func (r *router) frames(reg registering) []*frame {
	pt := r.parts(reg)
	return r.expand([]*gosrc.Value{pt.path, pt.method, pt.handler}, nil, maxFrameDepth)
}

// expand gives the frames in which all the values are known as far as they can be.
func (r *router) expand(vals []*gosrc.Value, f *frame, depth int) []*frame {
	var open *gosrc.Value
	for _, v := range vals {
		if open = r.open(v, f, 0); open != nil {
			break
		}
	}
	if open == nil || depth == 0 {
		return []*frame{f}
	}
	var out []*frame
	for _, next := range r.ways(open, f) {
		out = append(out, r.expand(vals, next, depth-1)...)
		if len(out) > maxFrames {
			return out[:maxFrames]
		}
	}
	if len(out) == 0 {
		return []*frame{f}
	}
	return out
}

// ways bind an open value in each way that leads to it.
func (r *router) ways(open *gosrc.Value, f *frame) []*frame {
	var out []*frame
	if open.Kind == gosrc.Param {
		for _, c := range r.p.callers[open.Fn] {
			if r.p.scope[c.Fn.Pkg] == ScopeRuntime && r.live(c.Fn) {
				out = append(out, &frame{call: c, fn: open.Fn, up: f})
			}
		}
		return out
	}
	table := r.resolve(open.X, f)
	for _, list := range r.p.origins(table) {
		if list.Kind != gosrc.List {
			continue
		}
		for i, row := range list.Args {
			next := &frame{over: open.X, row: row, up: f}
			if len(list.Fields) == len(list.Args) {
				next.key = list.Fields[i].Name
			}
			out = append(out, next)
		}
	}
	return out
}

// open is a parameter or loop variable in a value that no frame binds; nil for
// none.
func (r *router) open(v *gosrc.Value, f *frame, depth int) *gosrc.Value {
	if v == nil || depth > 12 {
		return nil
	}
	switch v.Kind {
	case gosrc.Param:
		if bound, ok := f.param(v); ok {
			return r.open(bound, f, depth+1)
		}
		if v.Index >= 0 && len(r.p.callers[v.Fn]) > 0 {
			return v
		}
		return nil
	case gosrc.Element:
		if row, ok := f.turn(v.X); ok {
			return r.open(row, f, depth+1)
		}
		return v
	case gosrc.Opaque:
		if v.Text == "key" && v.X != nil {
			if _, ok := f.turn(v.X); !ok {
				return v
			}
		}
		return nil
	case gosrc.Field:
		if v.X != nil && (v.X.Kind == gosrc.Element || v.X.Kind == gosrc.Param && v.X.Index >= 0 && r.p.declared(v.Name)) {
			return r.open(v.X, f, depth+1)
		}
		return nil
	case gosrc.Closure:
		return r.openAdapter(v, f, depth)
	case gosrc.Concat, gosrc.Union:
		return r.openAny(v.Args, f, depth)
	case gosrc.Result:
		return r.openAny(v.Call.Args, f, depth)
	}
	return nil
}

func (r *router) openAny(vals []*gosrc.Value, f *frame, depth int) *gosrc.Value {
	for _, a := range vals {
		if o := r.open(a, f, depth+1); o != nil {
			return o
		}
	}
	return nil
}

// openAdapter: a literal that calls a function which the function around it is
// given stands for that one.
func (r *router) openAdapter(v *gosrc.Value, f *frame, depth int) *gosrc.Value {
	for _, p := range r.adapts(v.Fn) {
		if o := r.open(p, f, depth+1); o != nil {
			return o
		}
	}
	return nil
}

// adapts are the function parameters of enclosing functions that a literal calls.
func (r *router) adapts(lit *gosrc.Func) []*gosrc.Value {
	var out []*gosrc.Value
	visit := []*gosrc.Func{lit}
	for i := 0; i < len(visit) && i < 50; i++ {
		for _, c := range visit[i].Calls {
			v := c.Func
			if v == nil && c.Recv != nil && c.Recv.Kind == gosrc.Param && r.p.cat.HandlerType(c.Recv.Type) {
				v = c.Recv
			}
			if v != nil && v.Kind == gosrc.Param && encloses(v.Fn, lit) && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		visit = append(visit, r.literals[visit[i]]...)
	}
	return out
}

func encloses(outer, lit *gosrc.Func) bool {
	for f := lit.Parent; f != nil; f = f.Parent {
		if f == outer {
			return true
		}
	}
	return false
}

// param is what a parameter holds; what that hangs on stands in the same frame.
func (f *frame) param(v *gosrc.Value) (*gosrc.Value, bool) {
	for ; f != nil; f = f.up {
		if f.fn == v.Fn && f.call != nil {
			a := argument(f.call, v)
			return a, a != nil
		}
	}
	return nil, false
}

// turn is the row that a loop over a table is at.
func (f *frame) turn(over *gosrc.Value) (*gosrc.Value, bool) {
	for ; f != nil; f = f.up {
		if f.over == over && over != nil {
			return f.row, true
		}
	}
	return nil, false
}

func (f *frame) keyOf(over *gosrc.Value) string {
	for ; f != nil; f = f.up {
		if f.over == over && over != nil {
			return f.key
		}
	}
	return ""
}

// resolve follows parameters, loop variables and fields of rows to what they hold
// in a frame.
func (r *router) resolve(v *gosrc.Value, f *frame) *gosrc.Value {
	for range 20 {
		var next *gosrc.Value
		switch {
		case v == nil:
			return nil
		case v.Kind == gosrc.Param:
			next, _ = f.param(v)
		case v.Kind == gosrc.Element:
			next, _ = f.turn(v.X)
		case v.Kind == gosrc.Field && v.X != nil && (v.X.Kind == gosrc.Element || v.X.Kind == gosrc.Param):
			next = fieldOf(r.resolve(v.X, f), v.Name)
		}
		if next == nil {
			return v
		}
		v = next
	}
	return v
}

// fieldOf is what a literal puts into a field.
func fieldOf(row *gosrc.Value, symbol string) *gosrc.Value {
	if row == nil || row.Kind != gosrc.Composite {
		return nil
	}
	name := lastName(symbol)
	for _, fv := range row.Fields {
		if fv.Name == name {
			return fv.Value
		}
	}
	return nil
}
