package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// returnsError: the function returns the error of the call, as it is or wrapped.
func returnsError(f *gosrc.Func, c *gosrc.Call) bool {
	return slices.ContainsFunc(f.Returns, func(values []*gosrc.Value) bool {
		return len(values) > 0 && errorOf(values[len(values)-1], c, 0)
	})
}

// maxWrapping bounds how often an error is wrapped.
const maxWrapping = 4

// errorOf: the value is the call's error, or was made of it.
func errorOf(v *gosrc.Value, c *gosrc.Call, depth int) bool {
	if v == nil || depth > maxWrapping {
		return false
	}
	in := func(a *gosrc.Value) bool { return errorOf(a, c, depth+1) }
	switch v.Kind {
	case gosrc.Result:
		return v.Call == c || v.Call != nil && (slices.ContainsFunc(v.Call.Args, in) || v.Call.Callee == "error.Error" && in(v.Call.Recv))
	case gosrc.Union, gosrc.List:
		return slices.ContainsFunc(v.Args, in)
	}
	return false
}

// keptTo: the function returns something, but after the call's failure nothing else
// than nil: "if err != nil { log.Print(err) }; return nil".
func keptTo(f *gosrc.Func, c *gosrc.Call) bool {
	if !c.Error || !returnsAny(f) {
		return false
	}
	return !slices.ContainsFunc(f.Returns, func(values []*gosrc.Value) bool {
		return len(values) > 0 && !knownBefore(values[len(values)-1], c)
	})
}

// knownBefore: the value is nil, or the result of a call that was over by then.
func knownBefore(v *gosrc.Value, c *gosrc.Call) bool {
	switch v.Kind {
	case gosrc.Nil:
		return true
	case gosrc.Result:
		return v.Call != nil && v.Call != c && v.Call.At.Compare(c.At) < 0 && v.Call.At.File == c.At.File && v.Call.Error
	case gosrc.Union:
		return !slices.ContainsFunc(v.Args, func(a *gosrc.Value) bool { return !knownBefore(a, c) })
	}
	return false
}
