package detect

import "github.com/intscan/intscan/scanners/gosrc"

// way is a call string: the calls by which the functions around a value were
// entered, the innermost first. A parameter met on a way is what that very call
// passes. The nil way is any way: a parameter is what any caller passes.
type way struct {
	fn   *gosrc.Func // the function entered
	call *gosrc.Call // by this call
	up   *way        // the way to the function that makes the call
	made *way        // of a literal: the way to the function that it is written in
	long int         // how many calls, counted along the longest
}

// maxWay bounds the calls in a way. What lies before them is any way.
const maxWay = 6

// located is a value and the way by which it was reached.
type located struct {
	v   *gosrc.Value
	way *way
}

// enter is the way on into a function. Equal ways are one, so that they compare as
// pointers.
func (p *program) enter(c *gosrc.Call, f *gosrc.Func, up, made *way) *way {
	if up.passes(f) {
		up = nil // a recursion: each turn of it is any turn
	}
	if made.passes(f) {
		made = nil
	}
	up, made = p.shorten(up, maxWay-1), p.shorten(made, maxWay-1)
	key := way{fn: f, call: c, up: up, made: made}
	if known := p.wayOf[key]; known != nil {
		return known
	}
	w := key
	w.long = 1 + max(up.length(), made.length())
	p.wayOf[key] = &w
	return &w
}

// waysInto counts the ways by which a search has entered each function. There are as
// many as paths through the calls; after a few of them it is entered on any way.
type waysInto map[*gosrc.Func]int

const maxWaysInto = 4

func (n waysInto) enter(p *program, c *gosrc.Call, f *gosrc.Func, up, made *way) *way {
	if n[f]++; n[f] > maxWaysInto {
		return nil
	}
	return p.enter(c, f, up, made)
}

// shorten drops what lies before the innermost n calls.
func (p *program) shorten(w *way, n int) *way {
	switch {
	case w == nil || n == 0:
		return nil
	case w.long <= n:
		return w
	}
	return p.enter(w.call, w.fn, p.shorten(w.up, n-1), p.shorten(w.made, n-1))
}

func (w *way) length() int {
	if w == nil {
		return 0
	}
	return w.long
}

// passes: the function is entered on the way.
func (w *way) passes(f *gosrc.Func) bool {
	return w != nil && (w.fn == f || w.up.passes(f) || w.made.passes(f))
}

// frame is the way at which a function was entered, seen from inside it or from a
// literal in it; nil where that is not known.
func (w *way) frame(f *gosrc.Func) *way {
	for w != nil && w.fn != f {
		if !w.fn.Lit {
			return nil
		}
		w = w.made
	}
	return w
}
