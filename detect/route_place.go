package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners/gosrc"
)

// place is where a router stands among others: what its routes' paths begin with
// and whose middleware they share. The last of the keys is the router's own.
type place struct {
	prefix, method string
	keys           []any
}

// packageRouter is the key of the router that a package's functions register on.
type packageRouter string

const (
	maxPlaces     = 40
	maxPlaceDepth = 24
)

// registeredOn are the places of the router that a registration is made on, with
// what a chain of calls around it adds.
func (r *router) registeredOn(reg registering, f *frame) []place {
	recv := reg.call.Recv
	if reg.as.Router > 0 {
		recv = at(reg.call, reg.as.Router)
	}
	var out []place
	for _, pl := range r.chosen(r.placesOf(recv, f, reg.fw, 0)) {
		for _, full := range r.mountedAt(pl, 0) {
			out = append(out, r.chained(reg.call, full, f))
		}
	}
	return out
}

// chosen leaves out the router that generated code makes where it is given none.
func (r *router) chosen(all []place) []place {
	var out []place
	for _, pl := range all {
		c, ok := pl.keys[0].(*gosrc.Call)
		if !ok || !generatedFile(c) || len(r.mounts[c]) > 0 {
			out = append(out, pl)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// chained takes in what is called on the result of a registration:
// r.HandleFunc(path, h).Methods("GET").
func (r *router) chained(c *gosrc.Call, pl place, f *frame) place {
	for _, next := range r.after[c] {
		fw, symbol := r.framework(next)
		if fw == nil {
			continue
		}
		if as := fw.Find(fw.Groups, symbol); as != nil {
			pl = r.within(pl, next, as, f)
		}
		pl = r.chained(next, pl, f)
	}
	return pl
}

// within is a place in the group that a call opens.
func (r *router) within(pl place, c *gosrc.Call, as *catalog.Registration, f *frame) place {
	out := place{prefix: pl.prefix, method: pl.method, keys: append(slices.Clip(pl.keys), c)}
	if v := at(c, as.Path); v != nil {
		if ts := r.texts(v, f, 0); len(ts) > 0 {
			out.prefix = joinPath(out.prefix, ts[0])
		}
	}
	if m := fixedMethod(c, as); m != "" {
		out.method = m
	} else if v := at(c, as.MethodAt); v != nil {
		if ts := r.texts(v, f, 0); len(ts) > 0 {
			out.method = ts[0]
		}
	}
	return out
}

// placesOf finds where a router stands. One that is passed in from several places
// has several.
func (r *router) placesOf(v *gosrc.Value, f *frame, fw *catalog.Framework, depth int) []place {
	if v == nil {
		return []place{{keys: []any{packageRouter(fw.Name)}}}
	}
	v = r.resolve(v, f)
	if v == nil || depth > maxPlaceDepth {
		return nil
	}
	if f == nil {
		if out, ok := r.places[v]; ok {
			return out
		}
	}
	if r.busy[v] {
		return nil
	}
	r.busy[v] = true
	out := r.placesAnew(v, f, fw, depth)
	delete(r.busy, v)
	if len(out) > maxPlaces {
		out = out[:maxPlaces]
	}
	if f == nil && depth == 0 {
		r.places[v] = out
	}
	return out
}

func (r *router) placesAnew(v *gosrc.Value, f *frame, fw *catalog.Framework, depth int) []place {
	var out []place
	switch v.Kind {
	case gosrc.Result:
		return r.madePlaces(v, f, fw, depth)
	case gosrc.Param:
		if v.Index < 0 && r.p.declared(v.Type) {
			return []place{{keys: []any{v.Type}}} // a router of the repository's own
		}
		for _, to := range r.p.passed[v.Fn] {
			out = append(out, r.bodyPlaces(to, fw, depth)...)
		}
		for _, c := range r.p.callers[v.Fn] {
			if a := argument(c, v); a != nil && r.p.scope[c.Fn.Pkg] == ScopeRuntime && r.live(c.Fn) {
				out = append(out, r.placesOf(a, nil, fw, depth+1)...)
			}
		}
		if len(out) == 0 {
			return []place{{keys: []any{paramKey{v.Fn, v.Index}}}}
		}
		return uniquePlaces(out)
	case gosrc.Composite:
		return []place{{keys: []any{v}}}
	}
	for _, o := range r.p.origins(v) {
		if o != v && o.Kind != gosrc.Nil {
			out = append(out, r.placesOf(o, nil, fw, depth+1)...)
		}
	}
	if len(out) == 0 && v.Name != "" {
		return []place{{keys: []any{v.Name}}}
	}
	if len(out) == 0 {
		return []place{{keys: []any{v}}}
	}
	return uniquePlaces(out)
}

// madePlaces are those of what a call gives.
func (r *router) madePlaces(v *gosrc.Value, f *frame, fw *catalog.Framework, depth int) []place {
	c := v.Call
	var out []place
	if of, symbol := r.framework(c); of != nil {
		as := of.Find(of.Groups, symbol)
		recv := c.Recv
		if as != nil && as.Router > 0 {
			recv = at(c, as.Router)
		}
		if recv == nil {
			return []place{{keys: []any{c}}}
		}
		for _, pl := range r.placesOf(recv, f, of, depth+1) {
			if as != nil {
				pl = r.within(pl, c, as, f)
			}
			out = append(out, pl)
		}
		return out
	}
	if strings.HasPrefix(c.Callee, "?.") && c.Recv != nil {
		return r.placesOf(c.Recv, f, fw, depth+1) // a step of a chain that adds nothing known
	}
	for _, target := range r.p.targets(c) {
		for _, ret := range target.Returns {
			if v.Index < len(ret) && ret[v.Index].Kind != gosrc.Nil {
				out = append(out, r.placesOf(ret[v.Index], &frame{call: c, fn: target, up: f}, fw, depth+1)...)
			}
		}
	}
	if len(out) > 0 {
		return uniquePlaces(out)
	}
	for _, o := range r.p.origins(v) {
		if o != v {
			out = append(out, r.placesOf(o, nil, fw, depth+1)...)
		}
	}
	if len(out) > 0 {
		return uniquePlaces(out)
	}
	return []place{{keys: []any{c}}}
}

// bodyPlaces: a function given to r.Route("/path", func(r chi.Router) {...}) is
// called with the router of that group.
func (r *router) bodyPlaces(to passedTo, fw *catalog.Framework, depth int) []place {
	of, symbol := r.framework(to.call)
	if of == nil {
		return nil
	}
	as := of.Find(of.Groups, symbol)
	if as == nil || catalog.Arg(as.Body, len(to.call.Args)) != to.index {
		return nil
	}
	var out []place
	for _, pl := range r.placesOf(to.call.Recv, nil, of, depth+1) {
		out = append(out, r.within(pl, to.call, as, nil))
	}
	return out
}

// mountedAt puts a place into the routers that its root is mounted in.
func (r *router) mountedAt(pl place, depth int) []place {
	if len(pl.keys) == 0 || depth > 6 {
		return []place{pl}
	}
	ms := r.mounts[pl.keys[0]]
	if len(ms) == 0 {
		return []place{pl}
	}
	var out []place
	for _, m := range ms {
		for _, outer := range r.registeredOn(m.by, m.f) {
			next := place{prefix: pl.prefix, method: pl.method, keys: slices.Concat(outer.keys, pl.keys)}
			switch {
			case m.strips:
				next.prefix = joinPath(joinPath(outer.prefix, r.mountPath(m)), pl.prefix)
			case m.stripped != "":
				next.prefix = joinPath(m.stripped, pl.prefix)
			}
			out = append(out, next)
		}
	}
	return uniquePlaces(out)
}

func (r *router) mountPath(m mount) string {
	v := at(m.by.call, m.by.as.Path)
	if v == nil {
		return ""
	}
	for _, t := range r.texts(v, m.f, 0) {
		_, path := splitPattern(t)
		return path
	}
	return ""
}

func uniquePlaces(all []place) []place {
	var out []place
	for _, pl := range all {
		if !slices.ContainsFunc(out, func(o place) bool {
			return o.prefix == pl.prefix && o.method == pl.method && slices.Equal(o.keys, pl.keys)
		}) {
			out = append(out, pl)
		}
		if len(out) == maxPlaces {
			break
		}
	}
	return out
}
