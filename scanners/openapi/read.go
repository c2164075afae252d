package openapi

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

var (
	knownVersion = regexp.MustCompile(`^(2\.0|3(\.[0-2](\.\d+)?)?)([-+].*)?$`)
	anyVersion   = regexp.MustCompile(`^\d+(\.\d+){0,2}([-+].*)?$`)
)

// readDocument adds what one document holds to the result, if it is an OpenAPI one.
func readDocument(ctx context.Context, tree reader, doc *document, r *result) {
	root := place{doc, doc.root}
	key, value := root.find("openapi")
	if key == nil || !anyVersion.MatchString(value.text()) {
		key, value = root.find("swagger")
	}
	spec := value.text()
	if key == nil || !anyVersion.MatchString(spec) {
		return
	}
	at := root.at(key)
	if !hasSections(root) {
		// A configuration file may well have a key "swagger: 5.1.0".
		if knownVersion.MatchString(spec) {
			r.add(scanners.SeverityInfo, at, "has an OpenAPI version but no info, paths or components; not taken for an API")
		}
		return
	}
	if !knownVersion.MatchString(spec) {
		r.add(scanners.SeverityWarning, at, "OpenAPI version %s is not known; read as if it were 3.1", shown(spec))
	}

	st := newStore(tree, doc)
	check := newChecker(st)
	check.check(ctx, root)
	d := &description{store: st, root: root, swagger: strings.HasPrefix(spec, "2"), budget: workBudget}
	api := d.read()
	api.Position, api.Spec = at, spec
	r.apis = append(r.apis, api)
	r.diags = append(r.diags, check.finish(at)...)
	switch {
	case d.budget < 0:
		r.add(scanners.SeverityWarning, at, "only a part of the description was read: it repeats itself through aliases or references beyond measure")
	case check.depth > maxRefDepth:
		r.add(scanners.SeverityInfo, at, "not checked for validity: references lead through one another more than %d times", maxRefDepth)
	case check.bad == 0: // kin-openapi gives up at the first bad reference
		r.toValidate = append(r.toValidate, unchecked{d, api})
	}
}

func hasSections(root place) bool {
	return slices.ContainsFunc([]string{"info", "paths", "components", "definitions", "webhooks"}, func(name string) bool {
		return root.get(name).isMapping()
	})
}

// workBudget bounds the entries looked at in one description. Aliases and
// references let a small file say the same large thing a million times.
const workBudget = 2_000_000

// description reads one OpenAPI document.
type description struct {
	store   *store
	root    place
	swagger bool // 2.0
	budget  int
	ops     []Operation
}

// section is a part of the document that may be kept in another file as a whole.
func (d *description) section(p place, name string) place { return d.store.resolve(p.get(name)) }

// entries are those of a place, paid for from the budget.
func (d *description) entries(p place) []entry {
	if d.budget < 0 {
		return nil
	}
	es := p.entries()
	d.budget -= len(es) + 1
	return es
}

func (d *description) names(p place) []string {
	var out []string
	for _, e := range d.entries(p) {
		if !e.isExtension() {
			out = append(out, e.name())
		}
	}
	return out
}

func (d *description) read() API {
	info := d.section(d.root, "info")
	api := API{Title: info.get("title").text(), Version: info.get("version").text()}
	schemes, schemas := d.root.get("securityDefinitions"), d.root.get("definitions")
	if !d.swagger {
		components := d.section(d.root, "components")
		schemes, schemas = components.get("securitySchemes"), components.get("schemas")
	}
	api.SecuritySchemes = d.securitySchemes(d.store.resolve(schemes))
	api.Schemas = d.names(d.store.resolve(schemas))
	slices.Sort(api.Schemas)
	if d.swagger {
		api.Servers = swaggerServers(d.root)
	} else {
		api.Servers = d.servers(d.root.get("servers"))
	}
	d.readOperations()
	api.Operations = d.ops
	return api
}

func (d *description) securitySchemes(schemes place) []SecurityScheme {
	var out []SecurityScheme
	for _, e := range d.entries(schemes) {
		if e.isExtension() {
			continue
		}
		s := d.store.resolve(e.value)
		scheme := SecurityScheme{
			Position: schemes.at(e.key), Name: e.name(),
			Type: s.get("type").text(), Scheme: s.get("scheme").text(), In: s.get("in").text(),
			OpenIDConnect: endpoint(s.get("openIdConnectUrl").text()),
		}
		if name := s.get("flow").text(); name != "" { // 2.0 has one flow, in the scheme itself
			scheme.Flows = []Flow{flow(name, s)}
		}
		for _, f := range d.entries(s.get("flows")) {
			if f.isExtension() {
				continue
			}
			scheme.Flows = append(scheme.Flows, flow(f.name(), f.value))
			scheme.HasRefresh = scheme.HasRefresh || f.value.get("refreshUrl").text() != ""
		}
		slices.SortFunc(scheme.Flows, func(a, b Flow) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, scheme)
	}
	slices.SortFunc(out, func(a, b SecurityScheme) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func flow(name string, p place) Flow {
	return Flow{
		Name:          name,
		Authorization: endpoint(p.get("authorizationUrl").text()),
		Token:         endpoint(p.get("tokenUrl").text()),
	}
}
