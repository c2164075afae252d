package detect

import (
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Remade is a client with connections of its own that production code makes anew
// for each request or message, and does not keep.
type Remade struct {
	scanners.Position
	Integration string `json:"integration,omitempty"`
	Call        string `json:"call"` // what makes it
	Function    string `json:"function"`
	// Phase is request or consume; Entry is the function in which that begins.
	Phase Phase `json:"phase"`
	Entry Step  `json:"entry"`
}

// maker is a place that makes a client.
type maker struct {
	fn     *gosrc.Func
	call   *gosrc.Call  // the call that makes it; nil for a literal
	value  *gosrc.Value // the literal
	symbol string
	at     scanners.Position
}

// remade finds the clients that are made on the path of a request and go with it.
func (g *entryGraph) remade(sites []*site) []Remade {
	ids := g.p.idsByMaker(sites)
	out := []Remade{}
	for _, m := range g.p.makers() {
		k := keeper{p: g.p, seen: map[any]bool{}}
		ends := k.fate(m.fn, m.is(), 0)
		if k.kept || len(ends) == 0 {
			continue
		}
		for _, f := range ends {
			kind, entry := g.waits(f)
			if kind == "" {
				continue
			}
			r := Remade{Position: m.at, Integration: ids[m.at], Call: m.symbol, Function: m.fn.Name, Phase: PhaseRequest, Entry: Step{entry.At, entry.Name}}
			if kind == EntryConsumer {
				r.Phase = PhaseConsume
			}
			out = append(out, r)
			break
		}
	}
	slices.SortFunc(out, func(a, b Remade) int { return a.Position.Compare(b.Position) })
	return slices.CompactFunc(out, func(a, b Remade) bool { return a.Position == b.Position })
}

// idsByMaker says which integration's calls go through a client made at a place: that
// of the calls in the same file, or else folder, where there are some, as many clients may meet
// behind one interface; of equals the one with the most calls.
func (p *program) idsByMaker(sites []*site) map[scanners.Position]string {
	votes := map[scanners.Position]map[string]int{}
	for _, s := range sites {
		if s.client == nil {
			continue
		}
		for _, st := range p.construct(s.client).steps {
			if votes[st.at] == nil {
				votes[st.at] = map[string]int{}
			}
			weight := 1
			switch {
			case st.at.File == s.call.At.File:
				weight = 1_000_000
			case path.Dir(st.at.File) == s.call.Fn.Pkg.Dir:
				weight = 1000
			}
			votes[st.at][s.id] += weight
		}
	}
	out := map[scanners.Position]string{}
	for at, count := range votes {
		for _, id := range sortedKeys(count) {
			if count[id] > count[out[at]] {
				out[at] = id
			}
		}
	}
	return out
}

// makers lists the places of production code that make a client with connections
// of its own.
func (p *program) makers() []maker {
	var out []maker
	p.eachCall(func(c *gosrc.Call) {
		if p.makesConnections(c) && !generatedFile(c) && p.atWork(c.Fn) {
			out = append(out, maker{fn: c.Fn, call: c, symbol: c.Callee, at: c.At})
		}
	})
	for _, st := range p.stores["net/http.Client.Transport"] {
		v := st.Value
		if !p.atWork(st.Fn) || keepsNoConnections(v) {
			continue
		}
		switch {
		case v.Kind == gosrc.Composite && v.Type == "net/http.Transport":
			out = append(out, maker{fn: st.Fn, value: v, symbol: v.Type, at: v.At})
		case v.Kind == gosrc.Result && v.Call.Callee == "net/http.Transport.Clone":
			out = append(out, maker{fn: st.Fn, call: v.Call, symbol: v.Call.Callee, at: v.At})
		}
	}
	return out
}

func keepsNoConnections(v *gosrc.Value) bool {
	for _, f := range v.Fields {
		if f.Name == "DisableKeepAlives" && !isZero(f.Value) {
			return true
		}
	}
	for _, e := range v.Effects {
		if strings.HasSuffix(e.Name, ".DisableKeepAlives") && !isZero(e.Value) {
			return true
		}
	}
	return false
}

// connected are the kinds of systems whose clients hold connections of their own.
// Those of HTTP APIs share the transport of net/http unless they are told otherwise.
var connected = []string{"database", "cache", "messaging", "search", "rpc", "coordination"}

// overHTTP are the SDKs whose clients are handed their HTTP client, and with it the
// connections: the configuration holds it, or net/http shares its own.
var overHTTP = []string{
	"net-http", "aws-sdk-go-v1", "aws-sdk-go-v2", "azcore", "azure-autorest", "google-api-go", "huaweicloud-sdk-go-v3", "ibm-go-sdk-core",
	"oci-go-sdk", "tencentcloud-sdk-go",
}

// clientTypes end the names of the types that hold connections.
var clientTypes = []string{
	"Client", "DB", "Conn", "ClientConn", "Connection", "Pool", "Cluster", "Session", "Producer", "Consumer", "Reader", "Writer",
	"SyncProducer", "AsyncProducer", "ConsumerGroup", "Engine", "Driver",
}

// makesConnections: a constructor of a client that holds connections.
func (p *program) makesConnections(c *gosrc.Call) bool {
	pkg, name := catalog.SplitSymbol(c.Callee)
	if c.Method || c.Callee == "" || p.declared(c.Callee) || !strings.Contains(pkg, ".") && pkg != "database/sql" {
		return false
	}
	lib := p.cat.Package(pkg)
	grpc := pkg == "google.golang.org/grpc" && (name == "NewClient" || name == "Dial" || name == "DialContext")
	if !grpc && (lib == nil || lib.System.Embedded || !slices.Contains(connected, lib.System.Kind) && lib.NamedBy != catalog.NamedByDriver) {
		return false
	}
	if lib != nil && slices.Contains(overHTTP, lib.SDK) {
		return false
	}
	made := p.cat.Result(c.Callee)
	if len(c.Results) > 0 {
		made = c.Results[0]
	}
	made = made[strings.LastIndexByte(made, '.')+1:]
	if slices.Contains(c.Params, "database/sql.DB") || slices.Contains(c.Params, "google.golang.org/grpc.ClientConnInterface") || slices.Contains(c.Params, "net/http.Client") {
		return false // over connections that are made elsewhere
	}
	for _, verb := range []string{"New", "Open", "Dial", "Connect", "MustOpen", "MustConnect"} {
		if strings.HasPrefix(name, verb) {
			return grpc || slices.ContainsFunc(clientTypes, func(t string) bool { return strings.HasSuffix(made, t) })
		}
	}
	return false
}

// is matches the values that hold what the maker made.
func (m maker) is() func(*gosrc.Value) bool {
	return func(v *gosrc.Value) bool {
		return m.value != nil && v == m.value || m.call != nil && v.Kind == gosrc.Result && v.Call == m.call && v.Index == 0
	}
}

// keeper follows a client to where it ends: kept in a field, a variable of a package
// or a container, or gone with the functions that it returns.
type keeper struct {
	p    *program
	seen map[any]bool
	kept bool
}

// maxFate bounds how far a client is followed.
const maxFate = 6

// fate follows, in function f, what a predicate matches.
func (k *keeper) fate(f *gosrc.Func, is func(*gosrc.Value) bool, depth int) (ends []*gosrc.Func) {
	if depth > maxFate || k.kept {
		k.kept = true // not known, so no claim
		return nil
	}
	if k.stored(f, is, depth) {
		k.kept = true
		return nil
	}
	out := []*gosrc.Func{}
	if !k.returned(f, is) {
		return append(out, f)
	}
	callers := k.p.callers[f]
	if len(callers) == 0 {
		k.kept = true // who calls it is not seen
		return nil
	}
	for _, c := range callers {
		if k.seen[c] {
			continue
		}
		k.seen[c] = true
		out = append(out, k.fate(c.Fn, func(v *gosrc.Value) bool { return v.Kind == gosrc.Result && v.Call == c && v.Index == 0 }, depth+1)...)
	}
	return out
}

// holds: a value is the thing, or a literal, list or choice with the thing in it.
func holds(v *gosrc.Value, is func(*gosrc.Value) bool, depth int) bool {
	if v == nil || depth > 4 {
		return false
	}
	if is(v) {
		return true
	}
	for _, a := range v.Args {
		if holds(a, is, depth+1) {
			return true
		}
	}
	for _, f := range v.Fields {
		if holds(f.Value, is, depth+1) {
			return true
		}
	}
	return v.Kind == gosrc.Result && taken(v.Call, is, depth) || v.Kind == gosrc.Element && holds(v.X, is, depth+1)
}

// taken: a constructor is given the thing; what it makes has it inside.
func taken(c *gosrc.Call, is func(*gosrc.Value) bool, depth int) bool {
	name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
	if !strings.HasPrefix(name, "New") && !strings.HasPrefix(name, "With") {
		return false
	}
	return slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool { return holds(a, is, depth+1) })
}

func (k *keeper) returned(f *gosrc.Func, is func(*gosrc.Value) bool) bool {
	for _, ret := range f.Returns {
		for _, v := range ret {
			if v.Type != "error" && holds(v, is, 0) {
				return true
			}
		}
	}
	return false
}

// stored: the thing is put where it outlives the function, by the function or by one
// that it is handed to. Fields of a library's options are no such place.
func (k *keeper) stored(f *gosrc.Func, is func(*gosrc.Value) bool, depth int) bool {
	for _, st := range f.Pkg.Stores {
		pkg := packageOf(st.Symbol)
		if k.p.byPath[pkg] != nil && holds(st.Value, is, 0) {
			return true
		}
	}
	for fn := f; fn != nil; fn = fn.Parent {
		for _, c := range fn.Calls {
			if k.handedOn(c, is, depth) {
				return true
			}
		}
		for _, lit := range f.Pkg.Funcs {
			if lit.Lit && lit.Parent == fn && lit != f && k.captured(lit, fn, is) {
				return true
			}
		}
	}
	return false
}

// captured: a literal that is not run on the spot uses the thing, or gives it out.
func (k *keeper) captured(lit, fn *gosrc.Func, is func(*gosrc.Value) bool) bool {
	for _, c := range fn.Calls {
		if c.Func != nil && c.Func.Kind == gosrc.Closure && c.Func.Fn == lit && !c.Go {
			return false
		}
	}
	return k.returned(lit, is) || slices.ContainsFunc(lit.Calls, func(c *gosrc.Call) bool {
		return holds(c.Recv, is, 0) || slices.ContainsFunc(c.Args, func(a *gosrc.Value) bool { return holds(a, is, 0) })
	})
}

func (k *keeper) handedOn(c *gosrc.Call, is func(*gosrc.Value) bool, depth int) bool {
	for i, a := range c.Args {
		if !holds(a, is, 0) {
			continue
		}
		targets := k.p.targets(c)
		name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
		if len(targets) == 0 {
			if c.Callee == "" || c.Interface || slices.Contains([]string{"Store", "LoadOrStore", "Set", "Add", "Put", "Register", "Serve"}, name) || c.Go {
				return true
			}
			continue
		}
		for _, t := range targets {
			key := paramKey{t, i}
			if k.seen[key] {
				continue
			}
			k.seen[key] = true
			param := func(v *gosrc.Value) bool { return v.Kind == gosrc.Param && v.Fn == t && v.Index == i }
			if depth >= maxFate || k.stored(t, param, depth+1) {
				return true
			}
		}
	}
	return false
}

// waits climbs from a function to the request or message that waits for it.
func (g *entryGraph) waits(f *gosrc.Func) (EntryKind, *gosrc.Func) {
	seen := map[*gosrc.Func]bool{f: true}
	queue := []*gosrc.Func{f}
	for len(queue) > 0 && len(seen) < maxAbove {
		at := queue[0]
		queue = queue[1:]
		switch kind := g.kind(at); kind {
		case EntryHTTP, EntryGRPC, EntryConsumer:
			return kind, at
		case "":
		default:
			continue
		}
		for _, up := range g.ways(at) {
			if !up.async && !seen[up.f] {
				seen[up.f] = true
				queue = append(queue, up.f)
			}
		}
	}
	return "", nil
}
