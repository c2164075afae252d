package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// cancelledInTime is the bound of a context whose cancel function a timer calls:
// time.AfterFunc(limit, cancel).
func (d *deadlines) cancelledInTime(made *gosrc.Call) bound {
	for _, c := range made.Fn.Calls {
		if c.Callee != "time.AfterFunc" || len(c.Args) != 2 || !cancels(c.Args[1], made) {
			continue
		}
		value, zero := d.p.duration(c.Args[0])
		if zero {
			continue
		}
		b := bound{state: Present, value: value, reason: "a timer cancels the context", at: c.At}
		if value != "" {
			b.reason += " after " + value
		}
		return b
	}
	return bound{}
}

// cancels: the function is the cancel function of a context, or a literal that calls
// it, whatever happens.
func cancels(f *gosrc.Value, made *gosrc.Call) bool {
	switch f.Kind {
	case gosrc.Result:
		return f.Call == made && f.Index == 1
	case gosrc.Union:
		return len(f.Args) > 0 && !slices.ContainsFunc(f.Args, func(a *gosrc.Value) bool { return !cancels(a, made) })
	case gosrc.Closure:
		return slices.ContainsFunc(f.Fn.Calls, func(c *gosrc.Call) bool { return c.Func != nil && !c.Guarded && cancels(c.Func, made) })
	}
	return false
}
