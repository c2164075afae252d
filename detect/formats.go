package detect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// Formats is what data looks like on its way in and out, and where it is changed
// and checked.
type Formats struct {
	Codings     []Coding     `json:"codings"`
	Mappers     []Mapper     `json:"mappers"`
	Validations []Validation `json:"validations"`
}

// Coding is a format that is read or written beside the calls of an integration, or
// in the handlers of inbound requests and messages.
type Coding struct {
	scanners.Position        // the first place
	Integration       string `json:"integration"`
	Inbound           bool   `json:"inbound"`
	Format            string `json:"format"`
	Does              string `json:"does"` // encode, decode, both
	Library           string `json:"library"`
	Count             int    `json:"count"`
}

// Mapper is a function that turns one type into another, by its name and types.
type Mapper struct {
	scanners.Position
	Function string `json:"function"`
	From     string `json:"from"`
	To       string `json:"to"`
	// Library is the mapping library called; "" for code of the repository's own.
	Library string `json:"library"`
}

// Validation is a place where input is checked.
type Validation struct {
	scanners.Position
	Kind     string `json:"kind"` // library, method
	Library  string `json:"library"`
	Call     string `json:"call"`
	Function string `json:"function"`
	// Inbound: the place is a handler of requests or messages.
	Inbound bool `json:"inbound"`
}

func (g *planFacts) formats() Formats {
	codings := map[Coding]*Coding{}
	f := Formats{Codings: []Coding{}, Mappers: []Mapper{}, Validations: []Validation{}}
	g.eachFunc(func(fn *gosrc.Func) {
		for _, c := range fn.Calls {
			k := g.known(c.Callee)
			for _, p := range slices.Concat(k.of("encoding"), k.of("binding")) {
				g.coding(codings, c, p.What, p.Name)
			}
			for _, p := range k.of("validation") {
				f.Validations = append(f.Validations, Validation{Position: c.At, Kind: "library", Library: p.Name, Call: shortSymbol(c.Callee), Function: fn.Name, Inbound: g.inbound(fn)})
			}
			for _, p := range k.of("mapping") {
				f.Mappers = append(f.Mappers, Mapper{Position: c.At, Function: fn.Name, Library: p.Name})
			}
			if v, ok := g.ownValidation(c); ok {
				f.Validations = append(f.Validations, v)
			}
		}
		if m, ok := g.mapper(fn); ok {
			f.Mappers = append(f.Mappers, m)
		}
	})
	g.generatedCodings(codings)
	for _, c := range codings {
		f.Codings = append(f.Codings, *c)
	}
	slices.SortFunc(f.Codings, func(a, b Coding) int {
		return cmp.Or(cmp.Compare(a.Integration, b.Integration), a.Position.Compare(b.Position), cmp.Compare(a.Format, b.Format), cmp.Compare(a.Does, b.Does), cmp.Compare(a.Library, b.Library))
	})
	slices.SortFunc(f.Mappers, func(a, b Mapper) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Library, b.Library))
	})
	slices.SortFunc(f.Validations, func(a, b Validation) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Library, b.Library))
	})
	return f
}

// coding counts one encoder or decoder for each side that it serves: the
// integrations called in its function, or in functions called from there with what
// it made; else the inbound side, where its function handles that.
func (g *planFacts) coding(codings map[Coding]*Coding, c *gosrc.Call, format, library string) {
	does := codingOf(c.Callee)
	sides := map[string]bool{}
	for _, s := range g.sitesAround(c.Fn) {
		if g.carriesFormat(s) {
			sides[s.id] = true
		}
	}
	if len(sides) == 0 && !g.inbound(c.Fn) {
		for _, other := range c.Fn.Calls {
			for _, t := range g.p.targets(other) {
				for _, s := range g.inFunc[t] {
					if g.carriesFormat(s) {
						sides[s.id] = true
					}
				}
			}
		}
	}
	if len(sides) == 0 {
		if !g.inbound(c.Fn) {
			return
		}
		note(codings, Coding{Inbound: true, Format: format, Does: does, Library: library}, c.At)
	}
	for id := range sides {
		note(codings, Coding{Integration: id, Format: format, Does: does, Library: library}, c.At)
	}
}

func note(codings map[Coding]*Coding, key Coding, at scanners.Position) {
	old := codings[key]
	if old == nil {
		first := key
		first.Position, first.Count = at, 1
		codings[key] = &first
		return
	}
	old.Count++
	if at.Compare(old.Position) < 0 {
		old.Position = at
	}
}

// carriesFormat: SQL databases take rows, generated clients protobuf and many
// protocols bytes of their own, whatever is encoded beside their calls.
func (g *planFacts) carriesFormat(s *site) bool {
	if s.lib == nil || g.isSQL(s.system) {
		return false
	}
	switch g.byID[s.id].Kind {
	case "network", "observability", "rpc", "secrets", "coordination":
		return false
	}
	return true
}

func codingOf(callee string) string {
	name := callee[strings.LastIndexByte(callee, '.')+1:]
	for _, w := range []string{"Unmarshal", "Decode", "Read", "Parse", "Get", "Bind", "ShouldBind", "NativeFrom", "BodyParser", "Body"} {
		if strings.HasPrefix(name, w) {
			return "decode"
		}
	}
	return "encode"
}

// generatedCodings: generated gRPC clients and handlers speak protobuf.
func (g *planFacts) generatedCodings(codings map[Coding]*Coding) {
	for _, s := range g.sites {
		if s.lib == nil && s.sdk != nil && s.sdk.Name == "grpc" {
			note(codings, Coding{Integration: s.id, Format: "protobuf", Does: "both", Library: "generated gRPC client"}, s.at())
		}
	}
	for _, e := range g.r.EntryPoints {
		if e.Kind == EntryGRPC {
			note(codings, Coding{Inbound: true, Format: "protobuf", Does: "both", Library: "generated gRPC server"}, e.Position)
		}
	}
}

// ownValidation: a Validate method of the repository's own types, called while
// input is handled.
func (g *planFacts) ownValidation(c *gosrc.Call) (Validation, bool) {
	if !c.Method || !g.p.declared(c.Callee) {
		return Validation{}, false
	}
	switch c.Callee[strings.LastIndexByte(c.Callee, '.')+1:] {
	case "Validate", "ValidateAll", "ValidateWithContext":
	default:
		return Validation{}, false
	}
	if !g.inbound(c.Fn) {
		return Validation{}, false
	}
	return Validation{Position: c.At, Kind: "method", Call: shortSymbol(c.Callee), Function: c.Fn.Name, Inbound: true}, true
}

// mapper tells a mapping function by its name and by types that differ: ToDomain(m
// Model) Order, (m Model) ToDomain() Order, orderFromRow(row) Order.
func (g *planFacts) mapper(f *gosrc.Func) (Mapper, bool) {
	if f.Lit || f.Symbol == "" || len(f.Returns) == 0 || g.generator(f.At.File, f.Pkg) != "" {
		return Mapper{}, false
	}
	name := f.Symbol[strings.LastIndexByte(f.Symbol, '.')+1:]
	if !mapperName(name) && !strings.Contains(name, "To") && !strings.Contains(name, "From") {
		return Mapper{}, false
	}
	to := g.ownResult(f)
	from := ""
	for _, p := range f.Params {
		if from == "" && (g.p.declared(p) || strings.Contains(p, "/") && p != "context.Context") {
			from = p
		}
	}
	if from == "" && len(f.Params) == 0 {
		from = f.Recv
	}
	if to == "" || from == "" || to == from || packageOf(from) == "net/http" || !mapperName(name) && !infixMapper(name, from, to) {
		return Mapper{}, false
	}
	return Mapper{Position: f.At, Function: f.Name, From: shortSymbol(from), To: shortSymbol(to)}, true
}

// ownResult is the type of a function's first result where it is a named type with
// a package.
func (g *planFacts) ownResult(f *gosrc.Func) string {
	for _, ret := range f.Returns {
		if len(ret) > 0 && ret[0].Kind != gosrc.Nil && strings.Contains(ret[0].Type, ".") && g.p.types[ret[0].Type] != nil {
			return ret[0].Type
		}
	}
	return ""
}

func mapperName(name string) bool {
	for _, w := range []string{"To", "From", "Map", "Convert", "As", "Transform"} {
		rest, ok := strings.CutPrefix(name, w)
		if !ok {
			rest, ok = strings.CutPrefix(name, strings.ToLower(w))
		}
		if ok && (rest == "" && len(w) > 3 || rest != "" && rest[0] >= 'A' && rest[0] <= 'Z') {
			return true
		}
	}
	return false
}

// infixMapper: modelToOrder, orderFromRow, where the words around name the types.
func infixMapper(name, from, to string) bool {
	if i := strings.LastIndex(name, "To"); i > 0 && i+2 < len(name) && isUpperByte(name[i+2]) && !isUpperByte(name[i-1]) {
		return namesType(name[i+2:], to) && !strings.HasPrefix(name, "New")
	}
	if i := strings.LastIndex(name, "From"); i > 0 && i+4 < len(name) && isUpperByte(name[i+4]) {
		return namesType(name[i+4:], from) && namesType(strings.TrimPrefix(strings.ToLower(name[:i]), "new"), to)
	}
	return false
}

// layerWords name the layer of a type, not the type.
var layerWords = map[string]bool{"pb": true, "proto": true, "model": true, "models": true, "dto": true, "domain": true, "entity": true, "api": true, "db": true, "row": true, "response": true, "request": true}

func namesType(word, symbol string) bool {
	word, typ := strings.ToLower(word), strings.ToLower(typeName(symbol))
	return layerWords[word] || strings.Contains(typ, word) || strings.HasPrefix(word, typ)
}

func isUpperByte(b byte) bool { return b >= 'A' && b <= 'Z' }
