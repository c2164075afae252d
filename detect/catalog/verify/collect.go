package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
)

// claims are all that the catalog says which sources can confirm or refute.
type claims struct {
	citations []citation
	symbols   []symbol
	examples  []example
}

// citation is one default and where in the catalog it stands.
type citation struct {
	where string // "entries/redis.yaml: timeout"
	catalog.Default
}

// symbol is one name and the packages in which a relative one may be declared.
type symbol struct {
	where    string
	name     string
	packages []string
}

func collect(cat *catalog.Catalog) claims {
	var c claims
	users := map[string][]string{} // packages of the libraries that share an SDK
	for _, s := range cat.Systems {
		for i := range s.Libraries {
			l := &s.Libraries[i]
			pkgs := l.Packages
			if sdk := cat.SDKs[l.SDK]; sdk != nil {
				users[l.SDK] = append(users[l.SDK], l.Packages...)
				pkgs = slices.Concat(pkgs, sdk.Packages)
			}
			c.behaviour("entries/"+s.Slug+".yaml", &l.Behaviour, pkgs)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cat.SDKs)) {
		sdk := cat.SDKs[name]
		c.behaviour("sdks/"+name+".yaml", &sdk.Behaviour, slices.Concat(sdk.Packages, users[name]))
	}
	for _, r := range cat.Retired {
		c.citations = append(c.citations, citation{"retired/" + r.Name + ".yaml: source", r.Citation()})
	}
	for _, f := range cat.Frameworks {
		file := "frameworks/" + f.Name + ".yaml"
		c.names(file+": serves", f.Serves, f.Packages)
		c.property(file+": header", &f.Header, f.Packages)
	}
	for _, t := range cat.Toolkits {
		file := "toolkits/" + t.Name + ".yaml"
		c.names(file+": runs", t.Runs, t.Packages)
		c.names(file+": wraps", t.Wraps, t.Packages)
		c.names(file+": records", t.Records, t.Packages)
		c.names(file+": entries", t.Entries, t.Packages)
		c.names(file+": requeues", t.Requeues, t.Packages)
		c.names(file+": accepts", t.Accepts, t.Packages)
		c.names(file+": starts", t.Starts, t.Packages)
		c.property(file+": timeout", &t.Timeout, t.Packages)
		c.property(file+": retry", &t.Retry, t.Packages)
		for _, p := range t.Policies {
			c.names(file+": policies", p.By, t.Packages)
			c.citations = append(c.citations, citation{file + ": policies", p.Default})
		}
	}
	return c
}

func (c *claims) behaviour(file string, b *catalog.Behaviour, pkgs []string) {
	c.names(file+": operations", b.Operations, pkgs)
	c.names(file+": not_operations", b.NotOperations, pkgs)
	c.names(file+": hooks", b.Hooks, pkgs)
	c.names(file+": context_by", b.ContextBy, pkgs)
	for _, from := range slices.Sorted(maps.Keys(b.Results)) {
		c.names(file+": results", []string{from, strings.TrimLeft(b.Results[from], "*[]")}, pkgs)
	}
	for _, p := range []struct {
		name string
		*catalog.Property
	}{
		{"timeout", &b.Timeout}, {"retry", &b.Retry}, {"monitoring", &b.Monitoring},
		{"connect", &b.Connect}, {"pool", &b.Pool}, {"backoff", &b.Backoff},
	} {
		c.property(file+": "+p.name, p.Property, pkgs)
		c.shown(file+": "+p.name, p.Property, pkgs)
	}
}

func (c *claims) property(where string, p *catalog.Property, pkgs []string) {
	c.names(where+".by", p.By, pkgs)
	c.names(where+".off", p.Off, pkgs)
	c.names(where+".only", p.Only, pkgs)
	for _, off := range slices.Sorted(maps.Keys(p.OffOnly)) {
		c.names(where+".off_only", append([]string{off}, p.OffOnly[off]...), pkgs)
	}
	for _, d := range p.Defaults {
		c.names(where+".only", d.Only, pkgs)
		c.citations = append(c.citations, citation{where, d})
	}
}

// shown takes in the examples of a property.
func (c *claims) shown(where string, p *catalog.Property, pkgs []string) {
	if p.Example != "" {
		c.examples = append(c.examples, example{where + ".example", p.Example, pkgs, p.By, p.DSN})
	}
	for _, pkg := range slices.Sorted(maps.Keys(p.Examples)) {
		c.examples = append(c.examples, example{where + ".examples " + pkg, p.Examples[pkg], append([]string{pkg}, pkgs...), p.By, p.DSN})
	}
}

func (c *claims) names(where string, names, pkgs []string) {
	for _, n := range names {
		n, _, _ = strings.Cut(strings.TrimSuffix(n, catalog.Called), "=")
		c.symbols = append(c.symbols, symbol{where, n, pkgs})
	}
}

// matching keeps what stands in files whose name matches.
func (c claims) matching(re *regexp.Regexp) claims {
	file := func(where string) string { f, _, _ := strings.Cut(where, ":"); return f }
	return claims{
		citations: slices.DeleteFunc(slices.Clone(c.citations), func(x citation) bool { return !re.MatchString(file(x.where)) }),
		symbols:   slices.DeleteFunc(slices.Clone(c.symbols), func(x symbol) bool { return !re.MatchString(file(x.where)) }),
		examples:  slices.DeleteFunc(slices.Clone(c.examples), func(x example) bool { return !re.MatchString(file(x.where)) }),
	}
}

func (x citation) String() string { return fmt.Sprintf("%s %s (%s)", x.where, x.Value, x.Module) }
