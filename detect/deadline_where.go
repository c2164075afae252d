package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// whereMissing recognises a deadline that is added where there is none yet:
//
//	if _, ok := ctx.Deadline(); !ok {
//		ctx, cancel = context.WithTimeout(ctx, limit)
//	}
func (d *deadlines) whereMissing(l located) bound {
	for _, a := range l.v.Args {
		if !addsDeadline(a) {
			continue
		}
		for _, c := range a.Call.Fn.Calls {
			if c.Callee == "context.Context.Deadline" && c.Recv != nil && constructKey(c.Recv) == constructKey(a.Call.Args[0]) {
				return d.made(a.Call, l.way)
			}
		}
	}
	return bound{}
}

// whereSet recognises a deadline that is added where its length is set, and that is
// set in the code:
//
//	if c.limit > 0 {
//		ctx, cancel = context.WithTimeout(ctx, c.limit)
//	}
func (d *deadlines) whereSet(l located) bound {
	for _, a := range l.v.Args {
		if !addsDeadline(a) || !a.Call.IfSet {
			continue
		}
		limit := located{a.Call.Args[1], l.way}
		if value, _ := d.p.durationAt(limit); value != "" && !d.p.unset(limit) {
			return d.made(a.Call, l.way)
		}
	}
	return bound{}
}

func addsDeadline(v *gosrc.Value) bool {
	return v.Kind == gosrc.Result && len(v.Call.Args) > 1 &&
		(strings.HasPrefix(v.Call.Callee, "context.WithTimeout") || strings.HasPrefix(v.Call.Callee, "context.WithDeadline"))
}
