package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

const (
	callOption    = "google.golang.org/grpc.CallOption"
	clientConn    = "google.golang.org/grpc.ClientConnInterface"
	connectReq    = "connectrpc.com/connect.Request"
	connectReqOld = "github.com/bufbuild/connect-go.Request"
)

// rpcCall recognises methods of generated clients by their signature: gRPC ones
// end in ...grpc.CallOption, Connect ones take a *connect.Request.
func (p *program) rpcCall(c *gosrc.Call) *site {
	if len(c.Params) < 2 || !c.Context || !c.Method && c.Func == nil {
		return nil
	}
	last := c.Params[len(c.Params)-1]
	if c.Func != nil && (strings.HasSuffix(c.Func.Type, "grpc.UnaryInvoker") || strings.HasSuffix(c.Func.Type, "grpc.Streamer")) {
		return nil // an interceptor passes the call on
	}
	if c.Variadic && last == callOption {
		// The generated client's own conn.Invoke is the same operation.
		if strings.HasPrefix(c.Callee, "google.golang.org/grpc.") || generatedFile(c) || len(p.targets(c)) > 0 && !p.generatedTarget(c) {
			return nil
		}
		s := &site{call: c, symbol: c.Callee, client: c.Recv, sdk: p.cat.SDKs["grpc"], lib: p.cat.Package(packageOf(c.Callee))}
		if s.client == nil {
			s.client = p.boundReceiver(c.Func)
			s.symbol = p.functionName(c.Func)
		}
		if s.lib == nil {
			s.system = "grpc"
		}
		return s
	}
	if len(c.Params) == 2 && (c.Params[1] == connectReq || c.Params[1] == connectReqOld) && p.targetsHandler(c) {
		return &site{call: c, symbol: c.Callee, client: c.Recv, system: "connect"}
	}
	return nil
}

// untypedRPC recognises a generated client that could not be read by how it is
// made: NewHealthClient(conn), of a *grpc.ClientConn.
func (p *program) untypedRPC(c *gosrc.Call) *site {
	if !strings.HasPrefix(c.Callee, "?.") || !c.Context || c.Recv == nil {
		return nil
	}
	for _, o := range p.origins(c.Recv) {
		if o.Kind != gosrc.Result {
			continue
		}
		_, name := catalog.SplitSymbol(o.Call.Callee)
		if !strings.HasPrefix(name, "New") || !strings.HasSuffix(name, "Client") {
			continue
		}
		for _, a := range o.Call.Args {
			if a.Type == clientConn || a.Type == "google.golang.org/grpc.ClientConn" {
				s := &site{call: c, symbol: packageOf(o.Call.Callee) + strings.TrimPrefix(c.Callee, "?"), client: c.Recv, sdk: p.cat.SDKs["grpc"], system: "grpc"}
				if lib := p.cat.Package(packageOf(o.Call.Callee)); lib != nil && lib.SDK == "grpc" {
					s.lib, s.system = lib, lib.System.Slug
				}
				return s
			}
		}
	}
	return nil
}

// functionName names the function that a value holds, for people.
func (p *program) functionName(v *gosrc.Value) string {
	for _, o := range p.origins(v) {
		if o.Kind == gosrc.FuncRef {
			return o.Name
		}
	}
	return "function value"
}

// generatedTarget: the call reaches the generated client itself, not only the
// repository's own decorators of it.
func (p *program) generatedTarget(c *gosrc.Call) bool {
	return slices.ContainsFunc(p.targets(c), func(f *gosrc.Func) bool {
		return slices.ContainsFunc(f.Calls, func(inner *gosrc.Call) bool {
			return strings.HasPrefix(inner.Callee, "google.golang.org/grpc.")
		})
	}) || c.Interface
}

// targetsHandler tells a Connect client from the repository's own handlers, which
// have the same methods.
func (p *program) targetsHandler(c *gosrc.Call) bool {
	return c.Interface && strings.HasSuffix(strings.TrimSuffix(c.Callee, c.Callee[strings.LastIndexByte(c.Callee, '.'):]), "Client")
}

// generatedFile: the call stands in generated code.
func generatedFile(c *gosrc.Call) bool {
	return c.Fn != nil && generatedAt(c.Fn.Pkg, c.At.File)
}

func generatedAt(pkg *gosrc.Package, file string) bool {
	i := slices.IndexFunc(pkg.Files, func(f gosrc.File) bool { return f.Path == file })
	return i >= 0 && pkg.Files[i].Generated
}
