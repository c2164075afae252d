package detect

import (
	"cmp"
	"path"
	"regexp"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
)

// shortSymbol is a symbol for people, with the package as code writes it:
// "redis.Client.Get" for "github.com/redis/go-redis/v9.Client.Get". A type that is not
// known is left out.
func shortSymbol(symbol string) string {
	pkg, name := catalog.SplitSymbol(symbol)
	if pkg == "" || name == "" {
		return symbol[strings.LastIndexByte(symbol, '/')+1:]
	}
	return packageName(pkg) + "." + strings.TrimPrefix(name, "?.")
}

// ShortCall is a call as people write it, for the Call of a CallSite:
// "redis.Client.Get" for "(*github.com/redis/go-redis/v9.Client).Get".
func ShortCall(call string) string {
	if rest, ok := strings.CutPrefix(call, "("); ok {
		call = strings.Replace(strings.TrimLeft(rest, "*"), ")", "", 1)
	}
	return shortSymbol(call)
}

var (
	majorElement = regexp.MustCompile(`/v[0-9]+$`)
	// What authors put around a name so that a repository is found, and leave out of
	// the package clause.
	aroundName = regexp.MustCompile(`^(go-|golang-)|(\.v[0-9]+|[-.]go|[-.]golang)+$`)
)

// packageName is the name that a package most likely has, by its import path.
func packageName(importPath string) string {
	base := path.Base(majorElement.ReplaceAllString(importPath, ""))
	if name := aroundName.ReplaceAllString(base, ""); name != "" {
		base = name
	}
	if i := strings.LastIndexByte(base, '.'); i >= 0 && i < len(base)-1 {
		base = base[i+1:]
	}
	return base
}

// Label is what people call the integration. Instances of one system that the
// repository names apart have names of their own.
func (in *Integration) Label() string { return cmp.Or(in.Name, in.ID) }

// LabelOf is the label of the integration with an ID, nil where there is none: a host
// has its name in its ID.
func LabelOf(in *Integration, id string) string {
	if in == nil {
		return strings.TrimPrefix(id, "http:")
	}
	return in.Label()
}
