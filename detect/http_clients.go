package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

const (
	httpClientType = "net/http.Client"
	httpTimeout    = httpClientType + ".Timeout"
)

// boundlessClient: of several clients of net/http, any of which may be the one that is
// handed on, one sets no Timeout. That of the others bounds nothing then.
func (p *program) boundlessClient(os []origin) bool {
	os = slices.DeleteFunc(slices.Clone(os), func(o origin) bool { return o.v.Kind == gosrc.Nil })
	if len(os) < 2 || slices.ContainsFunc(os, func(o origin) bool { return !httpClient(o.v) }) {
		return false
	}
	return slices.ContainsFunc(os, func(o origin) bool {
		w := newConstructWalk(p)
		w.single = true
		w.origin(o, 1)
		return w.c.find(func(symbol string) bool { return symbol == httpTimeout }) == nil
	})
}

func httpClient(v *gosrc.Value) bool {
	return v.Kind == gosrc.Composite && v.Type == httpClientType || v.Kind == gosrc.Global && v.Name == "net/http.DefaultClient"
}

// carriedTransport: oauth2's clients call through the transport of the client that
// the context carries, but take over nothing else of it, such as its Timeout
// (golang.org/x/oauth2 v0.30.0 oauth2.go: NewClient).
func (w *constructWalk) carriedTransport(ctx located, depth int) {
	carriers, _ := w.p.flow(ctx.v, ctx.way)
	for _, o := range carriers {
		if o.v.Kind != gosrc.Result {
			continue
		}
		for _, a := range o.v.Call.Args {
			if a.Type != httpClientType {
				continue
			}
			clients, _ := w.p.flow(a, o.way)
			for _, client := range clients {
				for _, f := range client.v.Fields {
					if f.Name == "Transport" {
						before := len(w.c.steps)
						w.visit(located{f.Value, client.way}, depth+1)
						w.c.steps = append(w.c.steps[:before], slices.DeleteFunc(w.c.steps[before:], func(st step) bool {
							return st.symbol == httpTimeout // of a client further in
						})...)
					}
				}
			}
		}
	}
}
