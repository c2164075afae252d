package detect

import "github.com/intscan/intscan/scanners/gosrc"

// findConverted notes, for the repository's function types that have methods, the
// functions that become one: by a conversion, handler(s.list), or where one is asked
// for, route("/list", s.list). What calls such a method is often a library.
func (p *program) findConverted() {
	p.converted = map[string][]*gosrc.Value{}
	for _, pkg := range p.pkgs {
		if p.scope[pkg] != ScopeRuntime {
			continue
		}
		for _, symbol := range sortedKeys(pkg.Converted) {
			if p.functionType(symbol) {
				p.converted[symbol] = append(p.converted[symbol], pkg.Converted[symbol]...)
			}
		}
	}
	p.eachCall(func(c *gosrc.Call) {
		for i, a := range c.Args {
			if (a.Kind == gosrc.FuncRef || a.Kind == gosrc.Closure) && i < len(c.Params) && p.functionType(c.Params[i]) {
				p.converted[c.Params[i]] = append(p.converted[c.Params[i]], a)
			}
		}
	})
}

// functionType: a type of the repository that has methods and is neither an interface
// nor a struct. Functions that are given for it are of that type.
func (p *program) functionType(symbol string) bool {
	t := p.types[symbol]
	return t != nil && !t.Interface && len(t.Methods) > 0
}

// convertedTo are the functions that the receiver of a method may be, where only
// libraries call the method.
func (p *program) convertedTo(v *gosrc.Value) []*gosrc.Value {
	if v.Index >= 0 || v.Fn == nil {
		return nil
	}
	return p.converted[v.Fn.Recv]
}

// behindMethod: what is handed out is of a function type of the repository's, whose
// method is called and calls the function.
func (p *program) behindMethod(f *gosrc.Func, to passedTo) bool {
	return to.index < len(to.call.Args) && p.functionType(to.call.Args[to.index].Type) && len(p.callers[f]) > 0
}
