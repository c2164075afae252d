package rules

import (
	"cmp"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

// maxWays bounds how many ways to set a protection a remedy names.
const maxWays = 2

// example says how the very library of the cause's calls is given the protection,
// and shows it where the catalog has code for it. Both are "" where the catalog does
// not know.
func (v *view) example(c *cause, pick func(*catalog.Behaviour) *catalog.Property) (remedy, code string) {
	call := c.sites[0].Call
	pkg, _ := catalog.SplitSymbol(call)
	if pkg == "net/http" {
		return "", "" // of net/http the rules themselves speak
	}
	lib := v.library(call)
	if lib == nil {
		if sdk := v.cat.SDKOf(pkg); sdk != nil { // a package of no system: gorm
			return "", pick(&sdk.Behaviour).ExampleFor(pkg)
		}
		return "", ""
	}
	own := pick(&lib.Behaviour)
	code = own.ExampleFor(pkg)
	if own.Remedy != "" {
		return own.Remedy, code
	}
	ways := spelled(own.By, pkg)
	if sdk := v.cat.SDKs[lib.SDK]; sdk != nil {
		shared := pick(&sdk.Behaviour)
		if len(own.By) == 0 {
			code = cmp.Or(code, shared.ExampleFor(pkg))
		}
		if len(sdk.Packages) > 0 {
			ways = append(ways, spelled(shared.By, sdk.Packages[0])...)
		}
	}
	ways = nearest(ways, c.sites[0].Client)
	if len(ways) > 0 && ways[0] == boundedClient {
		code = cmp.Or(code, "client := &http.Client{Timeout: 10 * time.Second}")
	}
	return sentence(ways), code
}

// boundedClient is the way of the libraries that are given a client of net/http.
const boundedClient = "http.Client.Timeout"

// library is what the catalog knows of the library that a call belongs to.
func (v *view) library(call string) *catalog.LibraryRef {
	if lib := v.cat.Symbol(call); lib != nil {
		return lib
	}
	pkg, _ := catalog.SplitSymbol(call)
	return v.cat.Package(pkg)
}

// reachable: the package belongs to the standard library or to the project whose
// package is called. What another project has for it, a gateway or a framework around
// the library, is no way to set it here.
func reachable(symbol, pkg string) bool {
	of, _ := catalog.SplitSymbol(symbol)
	return !strings.Contains(strings.SplitN(of, "/", 2)[0], ".") || project(of) == project(pkg)
}

// project is the part of an import path that names the repository: on hosts of many
// owners host, owner and name, else host and name.
func project(pkg string) string {
	parts := strings.Split(pkg, "/")
	n := 2
	if slices.Contains([]string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "golang.org"}, parts[0]) {
		n = 3
	}
	return strings.Join(parts[:min(len(parts), n)], "/")
}

// spelled writes symbols of a package as code does; prefixes, wildcards and types that
// are not exported are no names that a person could type.
func spelled(symbols []string, pkg string) []string {
	var out []string
	for _, s := range symbols {
		if strings.ContainsAny(s, "*=") {
			continue
		}
		if !strings.Contains(s, "/") && !strings.HasPrefix(s, "context.") {
			s = strings.TrimSuffix(pkg, "/...") + "." + s
		}
		if _, name := catalog.SplitSymbol(s); !token.IsExported(name) || !reachable(s, pkg) {
			continue
		}
		if short := detect.ShortCall(s); !slices.Contains(out, short) {
			out = append(out, short)
		}
	}
	return out
}

// nearest are the ways that fit what the client is made of, if any do: of
// redis.Options and redis.ClusterOptions the one in use.
func nearest(ways []string, client []detect.Step) []string {
	var fit []string
	for _, w := range ways {
		typ := w[:max(strings.LastIndexByte(w, '.'), 0)]
		if slices.ContainsFunc(client, func(s detect.Step) bool { return s.What == typ }) {
			fit = append(fit, w)
		}
	}
	if len(fit) > 0 {
		ways = fit
	}
	return ways[:min(len(ways), maxWays)]
}

// sentence tells a person to set the first way, or the other.
func sentence(ways []string) string {
	var parts []string
	for _, w := range ways {
		parts = append(parts, order(w))
	}
	if len(parts) == 0 {
		return ""
	}
	s := strings.Join(parts, ", or ")
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// bounding: the names of operations that take a bound of their own, as others of their
// kind do not: fasthttp's Client.DoTimeout.
var bounding = regexp.MustCompile(`^(Do|Get|Flush|Receive|Request|Wait)(With)?(Timeout|Deadline)$`)

// order is what to do with a symbol: pass an option, call a method, set a field.
func order(symbol string) string {
	pkg, name, _ := strings.Cut(symbol, ".")
	if !token.IsIdentifier(pkg) {
		pkg = "" // an import path's last element that names no package
	}
	of := func(name string) string { return strings.TrimPrefix(pkg+"."+name, ".") }
	typ, member, isMember := strings.Cut(name, ".")
	method := member[strings.LastIndexByte(member, '.')+1:]
	switch {
	case symbol == boundedClient:
		return "give it an http.Client with a Timeout"
	case !isMember && strings.HasPrefix(name, "New"):
		return "use " + of(name)
	case !isMember:
		return "pass " + of(name)
	case method == member && (strings.HasPrefix(method, "With") || strings.HasPrefix(method, "Set") || bounding.MatchString(method)):
		return "call " + method + " of " + of(typ)
	}
	return "set " + member + " in " + of(typ)
}
