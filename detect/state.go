package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// assignThroughPointers: connect(&s.conn) puts into the field what the function
// assigns to its parameter.
func (p *program) assignThroughPointers() {
	p.everyCall(func(c *gosrc.Call) {
		p.configDefault(c)
		f := p.funcs[c.Callee]
		if f == nil || len(f.ParamStores) == 0 {
			return
		}
		for i, a := range c.Args {
			for _, v := range f.ParamStores[i] {
				switch a.Kind {
				case gosrc.Field, gosrc.Global:
					p.putThrough(a, v, c)
				case gosrc.Nil, gosrc.Composite:
					p.through[a] = append(p.through[a], v)
				}
			}
		}
	})
}

// putThrough notes what a call puts into the field or variable whose address it is
// given.
func (p *program) putThrough(to, v *gosrc.Value, c *gosrc.Call) {
	p.stores[to.Name] = append(p.stores[to.Name], gosrc.Store{Symbol: to.Name, Value: v, At: c.At, Fn: c.Fn})
	if to.Kind == gosrc.Field {
		p.puts = append(p.puts, gosrc.Effect{Kind: gosrc.EffectField, Name: to.Name, Value: v, On: to.X, At: c.At})
	}
}

// configDefault notes the defaults that flags and viper keys are declared with:
// flag.DurationVar(&cfg.Timeout, "timeout", 5*time.Second, ""), viper.SetDefault.
func (p *program) configDefault(c *gosrc.Call) {
	pkg, name := catalog.SplitSymbol(c.Callee)
	switch pkg {
	case "flag", "github.com/spf13/pflag":
		name = name[strings.LastIndexByte(name, '.')+1:]
		at := 2
		if strings.HasSuffix(name, "VarP") {
			at = 3
		}
		if !strings.HasSuffix(name, "Var") && !strings.HasSuffix(name, "VarP") || at >= len(c.Args) {
			return
		}
		switch v := c.Args[0]; v.Kind {
		case gosrc.Field, gosrc.Global:
			p.putThrough(v, c.Args[at], c)
		case gosrc.Nil:
			p.through[v] = append(p.through[v], c.Args[at])
		}
	case viperPackage:
		if strings.HasSuffix(name, "SetDefault") && len(c.Args) == 2 && c.Args[0].Kind == gosrc.Const {
			key := strings.ToLower(c.Args[0].Text)
			p.viperDefaults[key] = append(p.viperDefaults[key], c.Args[1])
		}
	case "database/sql":
		if name == "Register" && len(c.Args) == 2 {
			for _, o := range p.origins(c.Args[0]) {
				if o.Kind == gosrc.Const {
					p.sqlDrivers[o.Text] = append(p.sqlDrivers[o.Text], c.Args[1])
				}
			}
		}
	case koanfPackage + "/providers/confmap":
		if name == "Provider" && len(c.Args) > 0 {
			for _, f := range c.Args[0].Fields {
				key := strings.ToLower(f.Name)
				p.viperDefaults[key] = append(p.viperDefaults[key], f.Value)
			}
		}
	}
}

// declaredDefault is the default behind a value that a flag or viper gives.
func (p *program) declaredDefault(c *gosrc.Call) []*gosrc.Value {
	pkg, name := catalog.SplitSymbol(c.Callee)
	name = name[strings.LastIndexByte(name, '.')+1:]
	switch {
	case (pkg == "flag" || pkg == "github.com/spf13/pflag") && len(c.Args) >= 3:
		switch strings.TrimSuffix(name, "P") {
		case "Duration", "String", "Int", "Int64", "Uint", "Bool", "Float64", "StringSlice":
			if strings.HasSuffix(name, "P") && len(c.Args) > 3 {
				return c.Args[2:3]
			}
			return c.Args[1:2]
		}
	case pkg == viperPackage && strings.HasPrefix(name, "Get") && len(c.Args) == 1 && c.Args[0].Kind == gosrc.Const:
		return p.viperDefaults[strings.ToLower(c.Args[0].Text)]
	}
	return nil
}

// packageStates finds what the repository sets for whole library packages.
func (p *program) packageStates() {
	p.globalsOf, p.settersOf = map[string][]string{}, map[string][]*gosrc.Call{}
	for _, symbol := range sortedKeys(p.stores) {
		pkg, name := catalog.SplitSymbol(symbol)
		if !strings.Contains(name, ".") && p.byPath[pkg] == nil {
			p.globalsOf[pkg] = append(p.globalsOf[pkg], symbol)
		}
	}
	taken := map[*gosrc.Call]bool{} // as an argument of another call, as options are
	p.eachCall(func(c *gosrc.Call) {
		for _, a := range c.Args {
			if a.Kind == gosrc.Result {
				taken[a.Call] = true
			}
		}
	})
	p.eachCall(func(c *gosrc.Call) {
		pkg, name := catalog.SplitSymbol(c.Callee)
		if !taken[c] && !strings.Contains(name, ".") && p.byPath[pkg] == nil && packageSetter(c) && p.cat.Package(pkg) != nil {
			p.settersOf[pkg] = append(p.settersOf[pkg], c)
		}
	})
}

// packageSetter: functions that set something for their whole package are named for
// it and give back nothing. A constructor or an option is for one client only.
func packageSetter(c *gosrc.Call) bool {
	if c.Method || c.Callee == "" || !setter(c.Callee) {
		return false
	}
	name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
	for _, makes := range []string{"New", "With", "Wrap", "Option", "Timeout", "Retry", "Apply"} {
		if strings.HasPrefix(name, makes) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Results, func(t string) bool { return t != "error" })
}
