package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// SQLPool is a database/sql connection pool that production code opens, and what
// bounds it. Pools of embedded stores are not listed.
type SQLPool struct {
	scanners.Position
	Integration string `json:"integration,omitempty"`
	Call        string `json:"call"` // what opens it
	Function    string `json:"function"`
	// MaxOpen is the bound on open connections, Lifetime the one on their age.
	MaxOpen  Verdict `json:"max_open"`
	Lifetime Verdict `json:"lifetime"`
}

// sqlPools finds the pools. A bound counts for those that the receiver of its call
// may be; one whose receiver is not known may be meant for any.
func (p *program) sqlPools(sites []*site) []SQLPool {
	opens := map[*gosrc.Call]*SQLPool{}
	p.eachCall(func(c *gosrc.Call) {
		if p.opensSQL(c) && !generatedFile(c) && p.atWork(c.Fn) && !p.closedSoon(c) {
			opens[c] = &SQLPool{
				Position: c.At, Call: c.Callee, Function: c.Fn.Name,
				MaxOpen: Verdict{Verdict: Absent}, Lifetime: Verdict{Verdict: Absent},
			}
		}
	})
	if len(opens) == 0 {
		return []SQLPool{}
	}
	p.eachCall(func(c *gosrc.Call) { p.boundPools(c, opens) })
	ids := p.idsByMaker(sites)
	out := []SQLPool{}
	for c, pool := range opens {
		p.bySettings(c, pool)
		pool.Integration = p.systemOfPool(c, ids)
		system, _, _ := strings.Cut(pool.Integration, ":")
		if sys := p.cat.System(system); (sys == nil || !sys.Embedded) && !p.overPool(c, opens) {
			out = append(out, *pool)
		}
	}
	slices.SortFunc(out, func(a, b SQLPool) int { return a.Position.Compare(b.Position) })
	return out
}

// opensSQL: a function of a library that makes a pool of its own.
func (p *program) opensSQL(c *gosrc.Call) bool {
	if c.Method || c.Callee == "" || p.declared(c.Callee) {
		return false
	}
	pkg, name := catalog.SplitSymbol(c.Callee)
	if strings.Contains(name, "FromPool") || slices.Contains(c.Params, "database/sql.DB") {
		return false // over a pool that is bounded elsewhere
	}
	if len(c.Results) > 0 {
		switch c.Results[0] {
		case "database/sql.DB", "github.com/jmoiron/sqlx.DB", "gorm.io/gorm.DB", "github.com/jinzhu/gorm.DB", "entgo.io/ent/dialect/sql.Driver":
			return strings.HasPrefix(name, "Open") || strings.HasPrefix(name, "Connect") || strings.HasPrefix(name, "Must")
		}
		return false
	}
	sdk := p.cat.SDKs["database-sql"]
	return sdk != nil && slices.Contains(sdk.Packages, pkg) && sdk.Results[name] == "DB" && name != "NewDb" && name != "NewDB"
}

// poolBounds are the methods that bound a pool, by what they bound.
var poolBounds = map[string]func(*SQLPool) *Verdict{
	"SetMaxOpenConns":    func(s *SQLPool) *Verdict { return &s.MaxOpen },
	"SetConnMaxLifetime": func(s *SQLPool) *Verdict { return &s.Lifetime },
	"SetConnMaxIdleTime": func(s *SQLPool) *Verdict { return &s.Lifetime },
}

func (p *program) boundPools(c *gosrc.Call, opens map[*gosrc.Call]*SQLPool) {
	if !c.Method {
		return
	}
	name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
	of := poolBounds[name]
	if of == nil || len(c.Args) != 1 || isZero(c.Args[0]) {
		return
	}
	meant := map[*gosrc.Call]bool{}
	p.madeFrom(c.Recv, meant, 0)
	state, found := Present, false
	for open := range meant {
		found = found || opens[open] != nil
	}
	for open, pool := range opens {
		if found && !meant[open] {
			continue
		}
		v := Verdict{Verdict: state, Reason: name + " is called", Position: c.At}
		if !found {
			v = Verdict{Verdict: Unknown, Reason: name + " is called on a pool that could not be followed", Position: c.At}
		}
		if old := of(pool); old.Verdict != Present && (old.Verdict == Absent || found || c.At.Compare(old.Position) < 0) {
			*old = v
		}
	}
}

// madeFrom collects the library calls that a value comes from: what made it, and
// what that was made with.
func (p *program) madeFrom(v *gosrc.Value, out map[*gosrc.Call]bool, depth int) {
	if v == nil || depth > 6 {
		return
	}
	for _, o := range p.origins(v) {
		switch o.Kind {
		case gosrc.Result:
			if out[o.Call] {
				continue
			}
			out[o.Call] = true
			p.madeFrom(o.Call.Recv, out, depth+1)
			for _, a := range o.Call.Args {
				if !isData(a.Type) && a.Type != "context.Context" {
					p.madeFrom(a, out, depth+1)
				}
			}
		case gosrc.Field:
			if o.X != nil && !p.declared(o.Name) {
				p.madeFrom(o.X, out, depth+1)
			}
		case gosrc.Composite:
			for _, f := range o.Fields {
				p.madeFrom(f.Value, out, depth+1)
			}
		}
	}
}

// overPool: gorm.Open and its like may be given a pool that is opened elsewhere.
func (p *program) overPool(c *gosrc.Call, opens map[*gosrc.Call]*SQLPool) bool {
	under := map[*gosrc.Call]bool{}
	for _, a := range c.Args {
		if !isData(a.Type) {
			p.madeFrom(a, under, 0)
		}
	}
	for other := range under {
		if opens[other] != nil && other != c {
			return true
		}
	}
	return false
}

// closedSoon: the function that opens the pool closes it when it ends; a migration
// or a check needs no bounds.
func (p *program) closedSoon(open *gosrc.Call) bool {
	closes := func(c *gosrc.Call) bool {
		if !c.Method || !strings.HasSuffix(c.Callee, ".Close") {
			return false
		}
		return slices.ContainsFunc(p.origins(c.Recv), func(o *gosrc.Value) bool { return o.Kind == gosrc.Result && o.Call == open })
	}
	for _, f := range open.Fn.Pkg.Funcs {
		if f != open.Fn && (!f.Lit || f.Parent != open.Fn) {
			continue
		}
		for _, c := range f.Calls {
			if (c.Deferred || f.Lit) && closes(c) {
				return true
			}
		}
	}
	return false
}

// bySettings: the library's own options bound the pool that it opens.
func (p *program) bySettings(c *gosrc.Call, pool *SQLPool) {
	for _, a := range c.Args {
		if isData(a.Type) {
			continue
		}
		for _, st := range p.construct(a).steps {
			name := st.symbol[strings.LastIndexByte(st.symbol, '.')+1:]
			for _, of := range []struct {
				names []string
				v     *Verdict
			}{{[]string{"MaxOpenConns", "MaxConns", "SetMaxOpenConns"}, &pool.MaxOpen}, {[]string{"ConnMaxLifetime", "MaxConnLifetime", "SetConnMaxLifetime"}, &pool.Lifetime}} {
				if slices.Contains(of.names, name) {
					*of.v = Verdict{Verdict: Present, Reason: name + " is set", Position: st.at}
				}
			}
		}
	}
}

// systemOfPool is what the pool leads to: by the name of its driver, else by the
// calls through it.
func (p *program) systemOfPool(c *gosrc.Call, ids map[scanners.Position]string) string {
	for _, a := range c.Args {
		for _, o := range p.origins(a) {
			if o.Kind == gosrc.Const && p.cat.Driver(o.Text) != nil && len(p.origins(a)) == 1 {
				slug := p.cat.Driver(o.Text).Slug
				if id := ids[c.At]; strings.HasPrefix(id, slug) {
					return id
				}
				return slug
			}
		}
	}
	return ids[c.At]
}
