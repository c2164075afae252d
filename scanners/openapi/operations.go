package openapi

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// methods are the keys of a path item that are operations. OpenAPI 3.2 added query.
var methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true, "options": true,
	"head": true, "patch": true, "trace": true, "query": true,
}

// maxCallbacks is how deep callbacks of callbacks are read.
const maxCallbacks = 3

// origin says where a path item was come upon.
type origin struct {
	path              string
	webhook, callback bool
	depth             int // of callbacks
	via               *scanners.Position
}

func (d *description) readOperations() {
	d.pathItems(d.root.get("paths"), origin{})
	for _, key := range []string{"webhooks", "x-webhooks"} { // the second is how 3.0 has them
		d.pathItems(d.root.get(key), origin{webhook: true})
	}
}

// pathItems reads a map of path items: the paths, the webhooks, or one callback.
func (d *description) pathItems(items place, o origin) {
	o.via = via(items, o.via)
	for _, e := range d.entries(d.store.resolve(items)) {
		if e.isExtension() || e.name() == "$ref" {
			continue
		}
		o.path = cleanPath(e.name())
		d.pathItem(e.value, o)
	}
}

// via is the position of a place's $ref, or what already led here.
func via(p place, before *scanners.Position) *scanners.Position {
	if ref, node := refOf(p); ref != "" && before == nil {
		at := p.at(node)
		return &at
	}
	return before
}

// pathItem reads the operations of one path item: those written beside a $ref of
// it, then those that it refers to.
func (d *description) pathItem(item place, o origin) {
	done := map[string]bool{}
	for range maxHops {
		for _, e := range d.entries(item) {
			if !methods[e.name()] || done[e.name()] || !e.value.isMapping() {
				continue
			}
			done[e.name()] = true
			d.operation(item, e, o)
		}
		for _, e := range d.entries(item.get("additionalOperations")) {
			if !e.isExtension() && !done[e.name()] && e.value.isMapping() {
				done[e.name()] = true
				d.operation(item, e, o)
			}
		}
		ref, _ := refOf(item)
		if ref == "" {
			return
		}
		o.via = via(item, o.via)
		next, f := d.store.target(item, ref, maxHops)
		if f != nil {
			return
		}
		item = next
	}
}

func (d *description) operation(item place, e entry, o origin) {
	p := e.value
	if d.budget -= size(p) + size(item); d.budget < 0 {
		return
	}
	op := Operation{
		Position: item.at(e.key), Via: o.via,
		Method: strings.ToUpper(e.name()), Path: o.path, Webhook: o.webhook, Callback: o.callback,
		ID: p.get("operationId").text(), Tags: d.texts(p.get("tags")), Deprecated: p.get("deprecated").isTrue(),
		Servers: d.servers(p.get("servers")),
	}
	if op.Servers == nil {
		op.Servers = d.servers(item.get("servers"))
	}
	d.security(p, &op)
	if d.swagger {
		d.swaggerTypes(p, item, &op)
	} else {
		op.RequestTypes = sorted(d.names(d.store.resolve(p.get("requestBody")).get("content")))
	}
	d.responses(p, &op)
	d.ops = append(d.ops, op)
	if o.depth >= maxCallbacks {
		return
	}
	for _, cb := range d.entries(d.store.resolve(p.get("callbacks"))) {
		if !cb.isExtension() {
			d.pathItems(cb.value, origin{callback: true, webhook: o.webhook, depth: o.depth + 1, via: o.via})
		}
	}
}

func (d *description) texts(p place) []string {
	d.budget -= len(p.items())
	return p.texts()
}

// security reads the requirements of an operation, which take the place of the
// document's where there are any, even an empty list.
func (d *description) security(p place, op *Operation) {
	list := p.get("security")
	if !list.isSequence() {
		list = d.root.get("security")
		op.SecurityInherited = len(list.items()) > 0
	} else if len(list.items()) == 0 {
		op.SecurityNone = true
	}
	for _, requirement := range list.items() {
		names := d.names(requirement)
		if len(names) == 0 && requirement.isMapping() {
			op.SecurityOptional = true
		}
		op.Security = append(op.Security, names...)
	}
	op.Security = sorted(op.Security)
}

func (d *description) responses(p place, op *Operation) {
	var types []string
	for _, e := range d.entries(d.store.resolve(p.get("responses"))) {
		code := e.name()
		if e.isExtension() || code == "$ref" {
			continue
		}
		op.Responses = append(op.Responses, code)
		op.Has429 = op.Has429 || code == "429"
		op.Has5xx = op.Has5xx || strings.HasPrefix(code, "5")
		op.HasDefault = op.HasDefault || code == "default"
		if !d.swagger {
			types = append(types, d.names(d.store.resolve(e.value).get("content"))...)
		}
	}
	op.Responses = sorted(op.Responses)
	if !d.swagger {
		op.ResponseTypes = sorted(types)
	}
}

// swaggerTypes reads the media types of 2.0, which the document gives for all
// operations that do not give their own.
func (d *description) swaggerTypes(p, item place, op *Operation) {
	own := func(key string) []string {
		if list := p.get(key); list.isSequence() {
			return sorted(d.texts(list))
		}
		return sorted(d.texts(d.root.get(key)))
	}
	op.ResponseTypes = own("produces")
	if d.takesBody(p) || d.takesBody(item) {
		op.RequestTypes = own("consumes")
	}
}

func (d *description) takesBody(p place) bool {
	list := p.get("parameters").items()
	d.budget -= len(list)
	return slices.ContainsFunc(list, func(param place) bool {
		in := d.store.resolve(param).get("in").text()
		return in == "body" || in == "formData"
	})
}

// sorted sorts a list of names and drops repetitions.
func sorted(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
