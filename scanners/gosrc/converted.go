package gosrc

import (
	"go/types"
	"strings"
)

// converted keeps the named type of a conversion: that of a constant with it
// (time.Duration(5)), that of a function beside it (http.HandlerFunc(f)).
func (s *summarizer) converted(v *Value, t types.Type) *Value {
	sym := typeSymbol(t)
	switch {
	case sym == "":
	case v.Kind == Const:
		c := *v
		c.Type = sym
		return &c
	default:
		if v.Kind == FuncRef && s.pkg.Module != "" && strings.HasPrefix(sym, s.pkg.Module) {
			c := *v
			c.Type = sym
			v = &c
		}
		if s.pkg.Converted == nil {
			s.pkg.Converted = map[string][]*Value{}
		}
		s.pkg.Converted[sym] = append(s.pkg.Converted[sym], v)
	}
	return v
}
