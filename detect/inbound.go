package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// framework: contexts handed out by a server's framework.
func (d *deadlines) framework(c *gosrc.Call) bound {
	if strings.Contains(c.Callee, "grpc") || strings.Contains(c.Callee, "Stream") {
		return d.inbound(d.grpc, c.Fn, c.At, "the stream's context has no deadline of its own")
	}
	return d.inbound(d.http, c.Fn, c.At, "the inbound request's context has no deadline")
}

func (d *deadlines) inbound(by map[string]bound, f *gosrc.Func, at scanners.Position, why string) bound {
	if f != nil {
		if b, ok := by[f.Pkg.Module]; ok {
			return b
		}
	}
	return bound{state: Absent, reason: why, at: at}
}

func (d *deadlines) grpcMethod(f *gosrc.Func) bool {
	if f.Recv == "" {
		return false
	}
	t := d.p.types[f.Recv]
	if t == nil {
		return false
	}
	for _, e := range t.Embeds {
		if name := e[strings.LastIndexByte(e, '.')+1:]; strings.HasPrefix(name, "Unimplemented") || strings.HasPrefix(name, "Unsafe") && strings.HasSuffix(name, "Server") {
			return true
		}
	}
	return false
}

// serverBounds looks for interceptors and middleware that put a deadline on every
// request.
func (d *deadlines) serverBounds() {
	d.p.eachCall(func(c *gosrc.Call) {
		mod := c.Fn.Pkg.Module
		switch {
		case c.Func != nil && (c.Func.Type == "google.golang.org/grpc.UnaryHandler" || c.Func.Type == "google.golang.org/grpc.StreamHandler") && len(c.Args) > 0:
			if b := d.own(c.Args[0]); b.state == Present && d.p.used(c.Fn) {
				d.grpc[mod] = b
			}
		case strings.HasSuffix(c.Callee, "net/http.Handler.ServeHTTP") && len(c.Args) == 2:
			for _, o := range d.p.origins(c.Args[1]) {
				if o.Kind == gosrc.Result && strings.HasSuffix(o.Call.Callee, "http.Request.WithContext") && len(o.Call.Args) > 0 {
					if b := d.own(o.Call.Args[0]); b.state == Present {
						d.http[mod] = b
					}
				}
			}
		case d.p.cat.Protects("timeout", c.Callee, wraps) != nil || d.p.cat.Protects("timeout", c.Callee, runs) != nil:
			b := bound{state: Present, reason: shortSymbol(c.Callee), at: c.At}
			for _, a := range c.Args {
				if v, zero := d.p.duration(a); v != "" && !zero {
					b.value = v
				}
			}
			d.http[mod] = b
		}
	})
}

// own is the bound of a context by what its own function does to it.
func (d *deadlines) own(v *gosrc.Value) bound {
	switch v.Kind {
	case gosrc.Union:
		for _, a := range v.Args {
			if b := d.own(a); b.state == Present {
				return b
			}
		}
	case gosrc.Result:
		switch v.Call.Callee {
		case "context.WithTimeout", "context.WithDeadline", "context.WithTimeoutCause", "context.WithDeadlineCause":
			return d.made(v.Call)
		}
		for _, a := range v.Call.Args {
			if a.Type == "context.Context" {
				return d.own(a)
			}
		}
	}
	return bound{}
}
