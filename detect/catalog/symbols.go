package catalog

import "strings"

// SplitSymbol separates the import path of a symbol from the rest:
// "github.com/redis/go-redis/v9.Client.Get" gives "Client.Get". The last element of
// a path may have dots of its own ("gopkg.in/yaml.v3", "github.com/nats-io/nats.go").
func SplitSymbol(symbol string) (pkg, rest string) {
	slash := strings.LastIndexByte(symbol, '/')
	parts := strings.Split(symbol[slash+1:], ".")
	n := 1
	if len(parts) >= 3 && (isVersion(parts[1]) || dottedName(parts[1]) && isUpper(parts[2])) {
		n = 2
	}
	n = min(n, len(parts))
	return symbol[:slash+1] + strings.Join(parts[:n], "."), strings.Join(parts[n:], ".")
}

func isVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

func dottedName(s string) bool {
	switch s {
	case "go", "io", "com", "dev", "js", "net", "org":
		return true
	}
	return false
}

func isUpper(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }

// Matches reports whether a symbol is in a list of the catalog. Entries are
// relative to the symbol's own package or absolute; "Type.*" takes all methods of
// a type, "New*" all names with a prefix.
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

func matchName(want, symbol, rest string) bool {
	want, _, _ = strings.Cut(want, "=")
	if rest == "" {
		return want == symbol
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

// Toolkitted reports whether the symbol's package belongs to a toolkit.
func (c *Catalog) Toolkitted(symbol string) bool {
	pkg, _ := SplitSymbol(symbol)
	return len(c.toolkits(pkg)) > 0
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
