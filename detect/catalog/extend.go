package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// With returns the catalog with what a team adds to it. A system that the catalog
// has is not replaced: the libraries and marks of the addition join its own.
// Nothing else may have the name of what is there.
func (c *Catalog) With(more *Catalog) (*Catalog, error) {
	out := &Catalog{
		Systems: slices.Clone(c.Systems), SDKs: maps.Clone(c.SDKs), Toolkits: slices.Clone(c.Toolkits),
		Frameworks: slices.Clone(c.Frameworks), Webhooks: slices.Clone(c.Webhooks), Retired: slices.Clone(c.Retired),
		bySlug: maps.Clone(c.bySlug), retired: maps.Clone(c.retired),
	}
	var errs []error
	for _, s := range more.Systems {
		errs = append(errs, out.addSystem(s))
	}
	for _, name := range slices.Sorted(maps.Keys(more.SDKs)) {
		errs = append(errs, taken("sdks", name, out.SDKs[name] != nil))
		out.SDKs[name] = more.SDKs[name]
	}
	var err error
	out.Toolkits, err = joined("toolkits", out.Toolkits, more.Toolkits, func(t *Toolkit) string { return t.Name })
	errs = append(errs, err)
	out.Frameworks, err = joined("frameworks", out.Frameworks, more.Frameworks, func(f *Framework) string { return f.Name })
	errs = append(errs, err)
	out.Webhooks, err = joined("webhooks", out.Webhooks, more.Webhooks, func(w *Webhook) string { return w.Provider })
	errs = append(errs, err)
	out.Retired, err = joined("retired", out.Retired, more.Retired, func(r *Retired) string { return r.Name })
	errs = append(errs, err)
	for _, r := range more.Retired {
		for _, p := range r.Packages {
			out.retired[p] = r
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, out.build()
}

func taken(dir, name string, is bool) error {
	if !is {
		return nil
	}
	return fmt.Errorf("%s/%s.yaml: the catalog has one of this name; choose another", dir, name)
}

func joined[T any](dir string, have, more []*T, name func(*T) string) ([]*T, error) {
	var errs []error
	for _, v := range more {
		errs = append(errs, taken(dir, name(v), slices.ContainsFunc(have, func(h *T) bool { return name(h) == name(v) })))
	}
	return append(have, more...), errors.Join(errs...)
}

// addSystem adds a system, or the libraries and marks of one that is there already.
func (c *Catalog) addSystem(s *System) error {
	old := c.bySlug[s.Slug]
	if old == nil {
		c.Systems = append(c.Systems, s)
		c.bySlug[s.Slug] = s
		return nil
	}
	if cmp.Or(s.Name, old.Name) != old.Name || cmp.Or(s.Kind, old.Kind) != old.Kind {
		return fmt.Errorf("entries/%s.yaml: the catalog has this system as %s, a %s; leave name and kind out to add to it, or choose another slug", s.Slug, old.Name, old.Kind)
	}
	sum := *old
	sum.Libraries = slices.Concat(old.Libraries, s.Libraries)
	sum.Match = Match{
		Images: slices.Concat(old.Match.Images, s.Match.Images), Hosts: slices.Concat(old.Match.Hosts, s.Match.Hosts),
		Paths:   slices.Concat(old.Match.Paths, s.Match.Paths),
		Schemes: slices.Concat(old.Match.Schemes, s.Match.Schemes), Env: slices.Concat(old.Match.Env, s.Match.Env),
		Folders: slices.Concat(old.Match.Folders, s.Match.Folders), Ports: slices.Concat(old.Match.Ports, s.Match.Ports),
	}
	c.Systems[slices.Index(c.Systems, old)] = &sum
	c.bySlug[s.Slug] = &sum
	return nil
}
