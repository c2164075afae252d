package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// entCall recognises what runs a query of a client that ent generated:
// client.User.Query().Where(...).All(ctx). As with a generated gRPC client the call in
// the repository's own code is the operation, for what is generated serves all callers.
func (p *program) entCall(c *gosrc.Call) *site {
	if !c.Method || c.Interface {
		return nil
	}
	f := p.funcs[c.Callee]
	if f == nil || !p.ent[f.At.File] {
		return nil
	}
	name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
	ends := (name == "Commit" || name == "Rollback") && strings.HasSuffix(c.Callee, ".Tx."+name)
	if !ends && (!c.Context || name == "CollectFields") {
		return nil // CollectFields adds to a query
	}
	return &site{call: c, symbol: c.Callee, client: c.Recv, sdk: p.cat.SDKs["database-sql"]}
}
