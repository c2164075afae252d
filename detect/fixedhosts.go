package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// FixedHost is a literal address in production code that belongs to one environment
// or to a private network, with nothing that could override it.
type FixedHost struct {
	scanners.Position
	Integration string `json:"integration"`
	Host        string `json:"host"`
	Function    string `json:"function"`
	// Why says what ties the host to one place: a word of it, or its network.
	Why   string `json:"why"`
	Calls []Step `json:"calls"`
}

// fixedHosts finds them by the calls whose addresses are all literals.
func (p *program) fixedHosts(sites []*site) []FixedHost {
	defaults := p.defaultTexts()
	found := map[scanners.Position]*FixedHost{}
	for _, s := range sites {
		if !p.atWork(s.call.Fn) || len(s.peers) != 1 || !p.onlyLiterals(s) {
			continue
		}
		a := s.peers[0]
		why := tied(a.host)
		if why == "" || a.at.File == "" || defaults[a.at] {
			continue
		}
		f := found[a.at]
		if f == nil {
			f = &FixedHost{Position: a.at, Integration: s.id, Host: a.host, Function: s.call.Fn.Name, Why: why}
			found[a.at] = f
		}
		f.Calls = append(f.Calls, Step{s.call.At, shortSymbol(s.symbol)})
	}
	out := []FixedHost{}
	for _, f := range found {
		slices.SortFunc(f.Calls, func(a, b Step) int { return a.Position.Compare(b.Position) })
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b FixedHost) int { return a.Position.Compare(b.Position) })
	return out
}

// environmentWords name one environment in a host.
var environmentWords = map[string]bool{
	"dev": true, "development": true, "staging": true, "stage": true, "stg": true, "uat": true, "qa": true, "preprod": true, "prod": true, "production": true, "int": true,
}

// tied says what ties a host to one environment or network; "" for nothing.
func tied(host string) string {
	if isLocal(host) || isExample(host) {
		return ""
	}
	if internalHost(host) {
		return "a name of a private network"
	}
	labels := strings.Split(host, ".")
	for _, label := range labels[:max(0, len(labels)-2)] {
		for w := range strings.SplitSeq(label, "-") {
			if environmentWords[w] {
				return "\"" + w + "\" names one environment"
			}
		}
	}
	return ""
}

// onlyLiterals: no part of the call's address comes from anywhere but the code.
func (p *program) onlyLiterals(s *site) bool {
	for _, a := range s.call.Args {
		if as, known := p.addresses(a); len(as) > 0 && !known {
			return false
		}
	}
	return true
}

// defaultTexts are where the defaults of flags, viper keys and tags stand, which a
// deployment overrides.
func (p *program) defaultTexts() map[scanners.Position]bool {
	out := map[scanners.Position]bool{}
	for _, t := range p.tags {
		out[t.At] = true
	}
	for _, vs := range p.viperDefaults {
		for _, v := range vs {
			out[v.At] = true
		}
	}
	p.everyCall(func(c *gosrc.Call) {
		if pkg := packageOf(c.Callee); pkg == "flag" || pkg == "github.com/spf13/pflag" || strings.HasPrefix(pkg, "github.com/urfave/cli") {
			for _, a := range c.Args {
				for _, o := range p.origins(a) {
					out[o.At] = true
				}
			}
		}
	})
	return out
}
