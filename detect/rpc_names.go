package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

const serviceDesc = "google.golang.org/grpc.ServiceDesc."

// rpcServices knows the RPC services that a program serves, from the code that
// protoc makes for them.
type rpcServices struct {
	p *program
	// procedures are "package.Service/Method" by the method of the server interface.
	procedures map[string]string
	// served are the procedures of a method that implements one, by names the other
	// way round.
	served map[*gosrc.Func]string
	byName map[string]*gosrc.Func
}

func newRPCServices(p *program) *rpcServices {
	s := &rpcServices{p: p, procedures: map[string]string{}, served: map[*gosrc.Func]string{}, byName: map[string]*gosrc.Func{}}
	for _, pkg := range p.pkgs {
		descs := map[*gosrc.Func]map[string]*gosrc.Value{}
		for _, st := range pkg.Stores {
			if field, ok := strings.CutPrefix(st.Symbol, serviceDesc); ok && st.Fn != nil {
				if descs[st.Fn] == nil {
					descs[st.Fn] = map[string]*gosrc.Value{}
				}
				descs[st.Fn][field] = st.Value
			}
		}
		for _, desc := range descs {
			s.describe(desc)
		}
	}
	for _, method := range sortedKeys(s.procedures) {
		for _, f := range p.methodTargets(method) {
			if !generated(f) {
				s.served[f] = s.procedures[method]
				s.byName[s.procedures[method]] = f
			}
		}
	}
	return s
}

// describe reads a grpc.ServiceDesc: its handlers call the server's interface.
func (s *rpcServices) describe(desc map[string]*gosrc.Value) {
	service := desc["ServiceName"]
	if service == nil || service.Kind != gosrc.Const {
		return
	}
	for _, list := range []*gosrc.Value{desc["Methods"], desc["Streams"]} {
		if list == nil {
			continue
		}
		for _, m := range list.Args {
			name, handler := field(m, "MethodName"), field(m, "Handler")
			if name == nil {
				name = field(m, "StreamName")
			}
			if name == nil || handler == nil {
				continue
			}
			f := s.p.funcs[handler.Name]
			if f == nil {
				continue
			}
			for _, c := range f.Calls {
				if c.Method && lastName(c.Callee) == name.Text {
					s.procedures[c.Callee] = service.Text + "/" + name.Text
				}
			}
		}
	}
}

func field(v *gosrc.Value, name string) *gosrc.Value {
	for _, f := range v.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// procedure is "package.Service/Method" of a method that answers RPCs; "" for any
// other function. Where the generated code is not in the repository the package is
// not known.
func (s *rpcServices) procedure(f *gosrc.Func) string {
	if name := s.served[f]; name != "" {
		return name
	}
	if f.Recv == "" || f.Lit || !f.Exported || generated(f) {
		return ""
	}
	t := s.p.types[f.Recv]
	if t == nil {
		return ""
	}
	method := lastName(f.Symbol)
	for _, e := range t.Embeds {
		name, ok := strings.CutPrefix(lastName(e), "Unimplemented")
		if !ok {
			name, ok = strings.CutPrefix(lastName(e), "Unsafe")
		}
		service, server := strings.CutSuffix(name, "Server")
		switch known := s.procedures[packageOf(e)+"."+name+"."+method]; {
		case !ok || !server:
		case known != "":
			return known
		case !s.p.declared(e) && rpcShaped(f):
			return service + "/" + method
		}
	}
	return ""
}

// rpcShaped: (ctx, *Request), (*Request, stream) or (stream).
func rpcShaped(f *gosrc.Func) bool {
	switch len(f.Params) {
	case 1:
		return strings.HasSuffix(f.Params[0], "Server") || strings.Contains(f.Params[0], "Stream")
	case 2:
		return f.Params[0] == "context.Context" || strings.HasSuffix(f.Params[1], "Server") || strings.Contains(f.Params[1], "Stream")
	}
	return false
}
