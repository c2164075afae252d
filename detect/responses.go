package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// OpenBody is a call in production code whose HTTP response stays in the calling
// function, which never closes its body.
type OpenBody struct {
	scanners.Position
	Integration string `json:"integration,omitempty"`
	Call        string `json:"call"`
	Function    string `json:"function"`
}

// openBodies finds the calls that give an HTTP response, by net/http or through a
// function of the repository, whose body nobody closes.
func (p *program) openBodies(sites []*site) []OpenBody {
	ids := map[*gosrc.Call]string{}
	for _, s := range sites {
		ids[s.call] = s.id
	}
	out := []OpenBody{}
	p.eachCall(func(c *gosrc.Call) {
		if c.Body != gosrc.BodyOpen || generatedFile(c) || !p.atWork(c.Fn) {
			return
		}
		var id string
		switch {
		case givesBody(c):
			id = ids[c]
		case p.declared(c.Callee):
			inner := p.passedBody(c, 0)
			if inner == nil {
				return
			}
			id = ids[inner]
		default:
			return
		}
		out = append(out, OpenBody{Position: c.At, Integration: id, Call: shortSymbol(c.Callee), Function: c.Fn.Name})
	})
	slices.SortFunc(out, func(a, b OpenBody) int { return a.Position.Compare(b.Position) })
	return out
}

// givesBody: the functions of net/http, and of clients in its form, whose response
// the caller has to close. That of a HEAD request has no body.
func givesBody(c *gosrc.Call) bool {
	switch packageOf(c.Callee) {
	case "net/http":
		return !strings.HasSuffix(c.Callee, ".Head") && !strings.HasSuffix(c.Callee, ".ReadResponse")
	case "github.com/hashicorp/go-retryablehttp", "golang.org/x/net/context/ctxhttp":
		return !strings.HasSuffix(c.Callee, ".Head")
	}
	return isHTTPDoer(c)
}

// passedBody is the call below a function of the repository whose response comes
// up through it, closed by none of the functions on the way; nil for none.
func (p *program) passedBody(c *gosrc.Call, depth int) *gosrc.Call {
	if c.Interface || depth > 4 {
		return nil // what stands behind it may close it, as a fake or a cache does
	}
	for _, f := range p.targets(c) {
		for _, ret := range f.Returns {
			if len(ret) == 0 || ret[0].Kind != gosrc.Result || ret[0].Index != 0 || ret[0].Call.Body != gosrc.BodyPassed {
				continue
			}
			inner := ret[0].Call
			if givesBody(inner) {
				return inner
			}
			if deeper := p.passedBody(inner, depth+1); deeper != nil {
				return deeper
			}
		}
	}
	return nil
}
