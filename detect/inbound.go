package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// framework: contexts handed out by a server's framework.
func (d *deadlines) framework(c *gosrc.Call) bound {
	if b := d.messageContext(c.Recv); b.state != "" {
		return b
	}
	if strings.Contains(c.Callee, "grpc") || strings.Contains(c.Callee, "Stream") {
		return d.inbound(d.grpc, c.Fn, c.At, "the stream's context has no deadline of its own")
	}
	return d.inboundHTTP(c.Fn, c.At, "the context from "+shortSymbol(c.Callee)+" has no deadline")
}

// messageContext is the bound of the context in a message that a queue hands to the
// functions it runs: func(m *message.Message) error.
func (d *deadlines) messageContext(m *gosrc.Value) (b bound) {
	if m == nil || m.Kind != gosrc.Param || m.Fn == nil {
		return b
	}
	for _, to := range d.p.passed[m.Fn] {
		b = weakest(b, d.jobs.timeout(m.Fn, to))
	}
	return b
}

// inboundHTTP is the bound of a request that a handler of HTTP requests serves.
func (d *deadlines) inboundHTTP(f *gosrc.Func, at scanners.Position, why string) bound {
	if b := d.limits.inbound(f, 0); b.state == Present || b.state == Default {
		return b
	}
	return d.inbound(d.http, f, at, why)
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
	if serves(f) || f.Lit && f.Parent != nil && serves(f.Parent) {
		return true
	}
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

// grpcBounds looks for interceptors that put a deadline on every request.
func (d *deadlines) grpcBounds() {
	d.p.eachCall(func(c *gosrc.Call) {
		switch {
		case c.Func != nil && (c.Func.Type == "google.golang.org/grpc.UnaryHandler" || c.Func.Type == "google.golang.org/grpc.StreamHandler") && len(c.Args) > 0:
			if b := d.own(c.Args[0]); b.state == Present && d.p.used(c.Fn) {
				d.grpc[c.Fn.Pkg.Module] = b
			}
		}
	})
}

// timed is the bound that a call is given with its last duration.
func (d *deadlines) timed(c *gosrc.Call) bound {
	b := bound{state: Present, reason: shortSymbol(c.Callee), at: c.At}
	for i, a := range c.Args {
		if i < len(c.Params) && c.Params[i] != "time.Duration" && !c.Variadic || strings.HasSuffix(a.Type, "string") {
			continue // http.TimeoutHandler's message is no duration, whatever it says
		}
		if v, zero := d.p.duration(a); v != "" && !zero && v != "true" && v != "false" {
			b.value = v
		}
	}
	return b
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
			return d.made(v.Call, nil)
		}
		for _, a := range v.Call.Args {
			if a.Type == "context.Context" {
				return d.own(a)
			}
		}
	}
	return bound{}
}

// serves: a function that protoc makes to call a method of the server.
func serves(f *gosrc.Func) bool {
	return slices.Contains(f.Params, "google.golang.org/grpc.UnaryServerInterceptor")
}
