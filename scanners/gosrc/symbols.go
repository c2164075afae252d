package gosrc

import (
	"fmt"
	"go/types"
	"path"
	"strings"
)

// typeSymbol names a type: pointers, type arguments and aliases are dropped. It
// is "" for types without a name, "[]T" and "map" forms give their element.
func typeSymbol(t types.Type) string {
	for range 10 {
		switch x := types.Unalias(t).(type) {
		case *types.Pointer:
			t = x.Elem()
		case *types.Named:
			return objectSymbol(x.Origin().Obj())
		case *types.Basic:
			if x.Kind() == types.Invalid {
				return ""
			}
			return x.Name()
		case *types.Slice:
			t = x.Elem()
		case *types.Array:
			t = x.Elem()
		case *types.Map:
			t = x.Elem()
		case *types.Chan:
			t = x.Elem()
		case *types.TypeParam:
			return ""
		default:
			return ""
		}
	}
	return ""
}

// paramSymbol is typeSymbol, but that it tells a parameter, or rest of parameters, that
// takes anything from one of a type without a name.
func paramSymbol(t types.Type) string {
	elem := t
	if rest, ok := t.(*types.Slice); ok {
		elem = rest.Elem()
	}
	if i, ok := types.Unalias(elem).(*types.Interface); ok && i.Empty() {
		return "any"
	}
	return typeSymbol(t)
}

func objectSymbol(o types.Object) string {
	if o == nil {
		return ""
	}
	if o.Pkg() == nil {
		return o.Name()
	}
	return o.Pkg().Path() + "." + o.Name()
}

// funcSymbol names a function or method by where it is declared.
func funcSymbol(f *types.Func) string {
	f = f.Origin()
	sig, _ := f.Type().(*types.Signature)
	if sig != nil && sig.Recv() != nil {
		if r := typeSymbol(sig.Recv().Type()); r != "" {
			return r + "." + f.Name()
		}
		if f.Pkg() != nil {
			return f.Pkg().Path() + ".interface." + f.Name()
		}
		return f.Name()
	}
	return objectSymbol(f)
}

// fieldSymbol names the field that a selection reaches, by the struct type that
// declares it.
func (s *summarizer) fieldSymbol(sel *types.Selection) string {
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		st := structOf(t)
		if st == nil || i >= st.NumFields() {
			return ""
		}
		t = st.Field(i).Type()
	}
	return s.fieldOf(t, sel.Obj().(*types.Var))
}

// fieldOf names a field of type t; fields of unnamed structs by their position.
func (s *summarizer) fieldOf(t types.Type, v *types.Var) string {
	switch named := typeSymbol(t); {
	case named != "":
		return named + "." + v.Name()
	case v.Pkg() == nil:
		return ""
	case isStd(v.Pkg().Path()) && firstElement(v.Pkg().Path()) != firstElement(s.pkg.Path):
		// The standard library is read once for all trees, with positions of its own.
		return v.Pkg().Path() + ".@." + v.Name()
	}
	at := position(s.fset, v.Pos())
	return fmt.Sprintf("%s.@%s:%d:%d.%s", v.Pkg().Path(), path.Base(at.File), at.Line, at.Column, v.Name())
}

func structOf(t types.Type) *types.Struct {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if t == nil {
		return nil
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

// displayName is how people write a function: "(*net/http.Client).Do".
func displayName(f *types.Func) string {
	return strings.ReplaceAll(f.FullName(), "command-line-arguments.", "")
}
