package detect

import (
	"slices"

	"github.com/intscan/intscan/scanners/gosrc"
)

// element follows an element of lists and maps, which may be any of theirs.
func (w *flowWalk) element(h *hop, depth int) {
	lists, known := w.p.flow(h.v.X, h.way)
	if !known {
		w.cut = true
		return
	}
	seen := map[located]bool{}
	for _, o := range lists {
		if o.v.Kind != gosrc.List {
			w.leaf(o.located, h)
			continue
		}
		w.members(o.located, h, seen, depth+1)
	}
}

// members follows the elements of a list, each once: a list that grows by append
// holds its earlier states over and over.
func (w *flowWalk) members(list located, h *hop, seen map[located]bool, depth int) {
	for _, a := range list.v.Args {
		if l := (located{a, list.way}); !seen[l] {
			seen[l] = true
			w.member(l, h, seen, depth)
		}
	}
}

// member follows an element of a list. One that is a list itself was passed on with
// "opts...", or grew by append: its elements are those of the whole.
func (w *flowWalk) member(l located, h *hop, seen map[located]bool, depth int) {
	if l.v.Kind == gosrc.List {
		w.members(l, h, seen, depth+1)
		return
	}
	switch l.v.Kind {
	case gosrc.Param, gosrc.Union, gosrc.Field, gosrc.Result:
		inner, known := w.p.flow(l.v, l.way)
		lists := known && len(inner) > 0 && depth < maxOriginDepth
		for _, o := range inner {
			lists = lists && o.v.Kind == gosrc.List && o.v != l.v
		}
		if lists {
			for _, o := range inner {
				w.members(o.located, h, seen, depth+1)
			}
			return
		}
		if known && len(inner) == 0 {
			return // opts..., of which there are none
		}
	}
	w.follow(l, h, depth+1)
}

// field follows a field of the instances that it is read from. Where one of them is
// not known, it may be any.
func (w *flowWalk) field(h *hop, depth int) {
	whole, known := w.instances(h.v, h.way)
	switch {
	case known:
	case w.p.passedNil(h.located):
		w.leaf(located{&gosrc.Value{Kind: gosrc.Nil, Type: h.v.Type, At: h.v.At}, nil}, h)
		return
	default:
		w.anyInstance(h, depth)
		return
	}
	var found []contents
	for _, o := range whole {
		c := w.p.read(o, h.v.Name)
		if len(c.sets) == 0 && c.filled {
			w.anyInstance(h, depth)
			return
		}
		found = append(found, c)
	}
	for _, c := range found {
		h.inner = append(h.inner, c.inner...)
		h.filled = h.filled || c.filled
	}
	for _, c := range found {
		if len(c.sets) == 0 {
			w.leaf(located{&gosrc.Value{Kind: gosrc.Nil, Type: h.v.Type, At: h.v.At}, nil}, h)
		}
		for _, set := range c.sets {
			if set.v.Kind == gosrc.Nil && len(c.sets) > 1 {
				continue
			}
			w.follow(set.located, h, depth+1)
		}
	}
}

// instances are the structs that a field is read from, where all of them are known.
func (w *flowWalk) instances(v *gosrc.Value, at *way) ([]origin, bool) {
	if v.X == nil || v.Name == "" {
		return nil, false
	}
	os, known := w.p.flow(v.X, at)
	if !known {
		return nil, false
	}
	var out []origin
	for _, o := range os {
		switch {
		case o.v.Kind == gosrc.Nil:
		case o.v.Kind != gosrc.Composite:
			return nil, false
		case w.p.hasField(o.v.Type, v.Name, 0):
			out = append(out, o)
		}
	}
	return out, len(out) > 0
}

// passedNil: a field of a parameter for which all calls on the way pass nil: what is
// made of it is not run then.
func (p *program) passedNil(l located) bool {
	if l.v.X == nil || l.v.X.Kind != gosrc.Param || l.v.X.Index < 0 {
		return false
	}
	os, known := p.flow(l.v.X, l.way)
	return known && len(os) > 0 && !slices.ContainsFunc(os, func(o origin) bool {
		return o.v.Kind != gosrc.Nil || o.v.Text == "" // the zero value of a struct is no nil
	})
}

// ofLibrary follows a field of a library's struct: to what the repository puts there,
// and else to what the struct comes from. What is put into other structs of the type
// says nothing of it.
func (w *flowWalk) ofLibrary(h *hop, depth int) bool {
	v := h.v
	if v.X == nil || w.p.declared(v.Name) || len(w.p.stores[v.Name]) == 0 {
		return false
	}
	os, known := w.p.flow(v.X, h.way)
	if !known || len(os) == 0 {
		return false
	}
	for _, o := range os {
		for _, set := range w.p.read(o, v.Name).sets {
			w.follow(set.located, h, depth+1)
		}
		if o.v.Kind != gosrc.Composite {
			w.follow(o.located, h, depth+1)
		}
	}
	return true
}

// anyInstance follows a field by its declaration.
func (w *flowWalk) anyInstance(h *hop, depth int) {
	h.byName, h.inner = true, nil
	v := h.v
	if v.X != nil && v.X.Kind == gosrc.Field && w.p.declared(v.X.Name) && len(w.p.stores[v.X.Name]) == 0 {
		// config.Redis.ReadTimeout, where code never sets config.Redis: it is
		// decoded from configuration, and what code puts into other values of the
		// same type says nothing of it.
		w.leaf(h.located, h)
		return
	}
	if w.ofLibrary(h, depth) {
		return
	}
	if len(w.p.stores[v.Name]) > 0 {
		w.stored(h, depth)
		return
	}
	if v.X != nil && !w.p.declared(v.Name) && v.X.Kind != gosrc.Opaque && (v.Type == "" || w.p.cat.Package(packageOf(v.Type)) == nil) {
		// A field of a library's result (resp.Body, cfg.Client) is followed to the
		// result. A service of a client (client.MergeRequests) is not: its type
		// tells more than what made the client.
		before := len(w.out)
		w.follow(located{v.X, h.way}, h, depth+1)
		if len(w.out) > before {
			return
		}
	}
	w.leaf(h.located, h)
}
