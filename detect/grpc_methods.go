package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// forMethod leaves out of a gRPC client's construction the interceptors of the other
// kind of methods: those of streams see no unary call, and the other way round.
func (c *construction) forMethod(call *gosrc.Call) {
	if len(call.Results) == 0 {
		return
	}
	other, passesOn := "Stream", "grpc.Streamer"
	if streams(call.Results[0]) {
		other, passesOn = "Unary", "grpc.UnaryInvoker"
	}
	c.steps = slices.DeleteFunc(c.steps, func(st step) bool {
		_, name := catalog.SplitSymbol(st.symbol)
		return strings.Contains(name, other) && strings.Contains(name, "Interceptor")
	})
	c.funcs = slices.DeleteFunc(c.funcs, func(f *gosrc.Func) bool {
		return slices.ContainsFunc(f.Params, func(t string) bool { return strings.HasSuffix(t, passesOn) })
	})
}

// streams: a generated method gives a stream: grpc.ServerStreamingClient[T], or the
// interface made for it, Greeter_WatchClient.
func streams(result string) bool {
	_, name := catalog.SplitSymbol(result)
	return strings.Contains(name, "Stream") && packageOf(result) == "google.golang.org/grpc" || strings.Contains(name, "_") && strings.HasSuffix(name, "Client")
}
