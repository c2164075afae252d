package catalog

import (
	"slices"
	"strings"
)

// SplitSymbol separates the import path of a symbol from the rest:
// "github.com/redis/go-redis/v9.Client.Get" gives "Client.Get". The last element of
// a path may have dots of its own ("gopkg.in/yaml.v3", "github.com/nats-io/nats.go").
func SplitSymbol(symbol string) (pkg, rest string) {
	start := strings.LastIndexByte(symbol, '/') + 1
	dot := strings.IndexByte(symbol[start:], '.')
	if dot < 0 {
		return symbol, ""
	}
	end := start + dot
	for {
		next := strings.IndexByte(symbol[end+1:], '.')
		if next < 0 {
			break
		}
		part := symbol[end+1 : end+1+next]
		if !isVersion(part) && !(dottedName(part) && hasUpperPart(symbol[end+1:])) {
			break
		}
		end += 1 + next
	}
	return symbol[:end], symbol[end+1:]
}

// hasUpperPart: an exported name follows, so what stands before may be the path.
func hasUpperPart(s string) bool {
	for {
		dot := strings.IndexByte(s, '.')
		if dot < 0 {
			return isUpper(s)
		}
		s = s[dot+1:]
		if isUpper(s) {
			return true
		}
	}
}

func isVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

func dottedName(s string) bool {
	switch s {
	case "go", "io", "com", "dev", "js", "net", "org", "mqtt", "golang":
		return true
	}
	return false
}

func isUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// Matches reports whether a symbol is in a list of the catalog. Entries are
// relative to the symbol's own package or absolute; "Type.*" takes all methods of
// a type, "*.Execute" a method of any type, "New*" all names with a prefix.
func Matches(list []string, symbol string) bool {
	if len(list) == 0 || symbol == "" {
		return false
	}
	_, rest := SplitSymbol(symbol)
	for _, want := range list {
		if matchName(want, symbol, rest) {
			return true
		}
	}
	return false
}

// For are the defaults that hold for an operation, which goes by these names.
func (p *Property) For(names ...string) []Default {
	among := func(list []string) bool {
		return len(list) == 0 || slices.ContainsFunc(names, func(n string) bool { return Matches(list, n) })
	}
	if !among(p.Only) {
		return nil
	}
	if !slices.ContainsFunc(p.Defaults, func(d Default) bool { return len(d.Only) > 0 }) {
		return p.Defaults
	}
	var out []Default
	for _, d := range p.Defaults {
		if among(d.Only) {
			out = append(out, d)
		}
	}
	return out
}

// Concerns reports whether what switches the property off does so for an operation.
func (p *Property) Concerns(off, operation string) bool {
	for entry, only := range p.OffOnly {
		if Matches([]string{entry}, off) {
			return Matches(only, operation)
		}
	}
	return true
}

// Decision is what a list of operations says of a symbol.
type Decision int

// The decisions.
const (
	Undecided Decision = iota
	Yes
	No
)

// Operation decides by the lists whether one of the names, all of one function, is
// an operation. An exact entry decides before a wildcard.
func (b *Behaviour) Operation(names ...string) Decision {
	for _, wild := range []bool{false, true} {
		for _, n := range names {
			switch {
			case matchKind(b.NotOperations, n, wild):
				return No
			case matchKind(b.Operations, n, wild):
				return Yes
			}
		}
	}
	return Undecided
}

// Called ends the name of an operation that is no call of the function, but of what it
// returns: Client.Endpoint()(ctx, request).
const Called = "()"

// AnyType reports that all methods of some type are operations ("Logical.*").
func (b *Behaviour) AnyType() bool {
	return slices.ContainsFunc(b.Operations, func(op string) bool { return strings.HasSuffix(op, ".*") })
}

// ByName reports that methods of a name are operations, whatever their type
// ("*.Execute"): what the other methods make is sent by those.
func (b *Behaviour) ByName() bool {
	return slices.ContainsFunc(b.Operations, func(op string) bool { return strings.HasPrefix(op, "*.") })
}

// matchKind matches only the wildcards of a list, or only the rest.
func matchKind(list []string, symbol string, wild bool) bool {
	_, rest := SplitSymbol(symbol)
	for _, want := range list {
		if strings.Contains(want, "*") == wild && matchName(want, symbol, rest) {
			return true
		}
	}
	return false
}

func matchName(want, symbol, rest string) bool {
	want, _, _ = strings.Cut(want, "=")
	if method, ok := strings.CutPrefix(rest, "?."); ok {
		return matchMethod(want, method)
	}
	if rest == "" {
		return want == symbol
	}
	if method, ok := strings.CutPrefix(want, "*."); ok {
		return strings.HasSuffix(rest, "."+method)
	}
	if prefix, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(rest, prefix) || strings.Contains(prefix, "/") && strings.HasPrefix(symbol, prefix)
	}
	if prefix, ok := strings.CutSuffix(want, "."); ok {
		return rest == prefix || strings.HasPrefix(rest, want)
	}
	return want == rest || want == symbol
}

// Protects returns the toolkit with the given role whose list (chosen by pick)
// has the symbol, or nil.
func (c *Catalog) Protects(role Role, symbol string, pick func(*Toolkit) []string) *Toolkit {
	pkg, _ := SplitSymbol(symbol)
	for _, t := range c.toolkits(pkg) {
		if t.Role == role && Matches(pick(t), symbol) {
			return t
		}
	}
	return nil
}

// ToolkitOf returns the toolkit with the given role that the symbol's package belongs
// to, or nil.
func (c *Catalog) ToolkitOf(role Role, symbol string) *Toolkit {
	pkg, _ := SplitSymbol(symbol)
	for _, t := range c.toolkits(pkg) {
		if t.Role == role {
			return t
		}
	}
	return nil
}

// Toolkitted reports whether the symbol's package belongs to a toolkit. That the
// messages of a client library can be handed back makes it none.
func (c *Catalog) Toolkitted(symbol string) bool {
	pkg, _ := SplitSymbol(symbol)
	return slices.ContainsFunc(c.toolkits(pkg), func(t *Toolkit) bool { return len(t.Requeues) == 0 })
}

func (x *index) toolkits(pkg string) []*Toolkit {
	if ts := x.tools[pkg]; ts != nil {
		return ts
	}
	for p := pkg; p != ""; p = parent(p) {
		if ts := x.toolTrees[p]; ts != nil {
			return ts
		}
	}
	return nil
}

// matchMethod matches a method of a value whose type is not known ("?.Write") by
// its name alone.
func matchMethod(want, method string) bool {
	_, name := SplitSymbol(want)
	if !isAbsolute(want) {
		name = want
	}
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return false
	}
	name = name[dot+1:]
	if prefix, ok := strings.CutSuffix(name, "*"); ok {
		return prefix != "" && strings.HasPrefix(method, prefix)
	}
	return name == method
}

// Symbol returns the library that claims a symbol of another package by its
// absolute name (the net package belongs to DNS, TCP and UDP by its functions).
func (x *index) Symbol(symbol string) *LibraryRef { return x.symbols[symbol] }

// isAbsolute: an entry with its import path before it.
func isAbsolute(entry string) bool {
	pkg, rest := SplitSymbol(entry)
	return rest != "" && pkg != "" && pkg != "*" && !isUpper(pkg[strings.LastIndexByte(pkg, '/')+1:])
}
