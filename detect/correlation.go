package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// idHeaders carry the ID of a request or trace from one service to the next.
var idHeaders = map[string]bool{
	"x-request-id": true, "x-correlation-id": true, "x-trace-id": true, "traceparent": true, "x-b3-traceid": true, "request-id": true,
	"correlation-id": true, "x-amzn-trace-id": true, "x-cloud-trace-context": true, "uber-trace-id": true,
}

// correlation finds where IDs come in and go out, by libraries and by headers, and
// which integrations get none.
func (g *planFacts) correlation() []Correlation {
	out := []Correlation{}
	seen := map[Correlation]bool{}
	add := func(c Correlation) {
		key := c
		key.Position = scanners.Position{File: c.File}
		if !seen[key] {
			seen[key] = true
			out = append(out, c)
		}
	}
	for _, pkg := range g.p.pkgs {
		if g.p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, imp := range pkg.Imports {
			for _, p := range g.know.Of(imp.Path) {
				if p.Topic != "correlation" || imp.Test {
					continue
				}
				at := imp.At
				if len(p.Uses) > 0 {
					used := firstUse(pkg, imp.Path, p.Uses)
					if used == nil {
						continue
					}
					at = *used
				}
				add(Correlation{Position: at, Kind: p.What, By: p.Name})
			}
		}
	}
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			if kind, header := g.idHeader(c); header != "" {
				id := ""
				if of := g.calledIn(f); kind == "inject" && len(of) == 1 {
					id = of[0]
				}
				add(Correlation{Position: c.At, Kind: kind, By: "header " + header, Integration: id})
			}
		}
	})
	for _, d := range g.dropped(out) {
		add(d)
	}
	slices.SortFunc(out, func(a, b Correlation) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Position.Compare(b.Position), cmp.Compare(a.By, b.By), cmp.Compare(a.Integration, b.Integration))
	})
	return out
}

// idHeader tells a header of an ID that is read or set by name.
func (g *planFacts) idHeader(c *gosrc.Call) (kind, header string) {
	if !c.Method || len(c.Args) == 0 {
		return "", ""
	}
	switch c.Callee {
	case "net/http.Header.Get", "github.com/gin-gonic/gin.Context.GetHeader", "github.com/gofiber/fiber/v2.Ctx.Get", "github.com/gofiber/fiber/v3.Ctx.Get":
		kind = "extract"
	case "net/http.Header.Set", "net/http.Header.Add", "github.com/go-resty/resty/v2.Request.SetHeader":
		if !g.outboundHeader(c) {
			return "", ""
		}
		kind = "inject"
	default:
		return "", ""
	}
	if h := strings.ToLower(g.oneText(c.Args[0])); idHeaders[h] {
		return kind, h
	}
	return "", ""
}

// outboundHeader: the header is that of a request, not of the response that a handler
// writes.
func (g *planFacts) outboundHeader(c *gosrc.Call) bool {
	return c.Recv == nil || c.Recv.Kind == gosrc.Field || len(g.sitesAround(c.Fn)) > 0
}

// dropped are the integrations that are called while requests wait, over protocols
// that can carry an ID, by calls whose client shows no instrumentation, in a
// repository that has IDs.
func (g *planFacts) dropped(found []Correlation) []Correlation {
	if !slices.ContainsFunc(found, func(c Correlation) bool { return c.Kind != "inject" }) {
		return nil
	}
	injected := map[string]bool{}
	for _, c := range found {
		if c.Kind == "inject" && c.Integration != "" {
			injected[c.Integration] = true
		}
	}
	drops := map[string]*Correlation{}
	for i := range g.calls {
		c := &g.calls[i]
		in := g.byID[c.Integration]
		if in == nil || c.Scope != ScopeRuntime || c.Phase != PhaseRequest || injected[in.ID] || !carriesIDs(in) || c.Monitoring.Verdict == Present || c.Monitoring.Verdict == Unknown {
			continue
		}
		if d := drops[in.ID]; d != nil {
			d.Calls++
		} else {
			drops[in.ID] = &Correlation{Position: c.Position, Kind: "dropped", By: "no header and no instrumentation of the client", Integration: in.ID, Calls: 1}
		}
	}
	var out []Correlation
	for _, id := range sortedKeys(drops) {
		out = append(out, *drops[id])
	}
	return out
}

// carriesIDs: own services and brokers pass IDs on; a vendor's API or a store has no
// use for them.
func carriesIDs(in *Integration) bool {
	switch in.Kind {
	case "rpc", "http", "messaging", "graphql":
		return true
	}
	return in.Internal
}
