package catalog

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

//go:embed entries frameworks retired sdks toolkits webhooks
var shipped embed.FS

// Catalog is the loaded knowledge with its indexes. It is read-only after Load
// and safe for use by several goroutines.
type Catalog struct {
	Systems  []*System
	SDKs     map[string]*SDK
	Toolkits []*Toolkit
	// Frameworks are in the order of their names.
	Frameworks []*Framework
	Webhooks   []*Webhook
	// Retired are in the order of their names.
	Retired []*Retired

	retired map[string]*Retired // by package pattern
	bySlug  map[string]*System
	index
}

// Shipped returns the catalog that intscan ships. It panics on a fault in it,
// which the package's test rules out.
var Shipped = sync.OnceValue(func() *Catalog {
	c, err := Load(shipped)
	if err != nil {
		panic("the shipped catalog is broken: " + err.Error())
	}
	return c
})

// Load reads a catalog from a file system with the folders entries, sdks, toolkits,
// frameworks and retired. The error joins every fault found, each with its file.
func Load(fsys fs.FS) (*Catalog, error) {
	c, err := Decode(fsys)
	if err != nil {
		return nil, err
	}
	return c, c.build()
}

// Decode reads the files without looking at how they fit together. What it gives is
// of use to With alone.
func Decode(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{SDKs: map[string]*SDK{}, bySlug: map[string]*System{}, retired: map[string]*Retired{}}
	err := errors.Join(
		loadDir(fsys, "entries", func(name string, s *System) error {
			c.Systems = append(c.Systems, s)
			c.bySlug[s.Slug] = s
			return sameName(name, s.Slug)
		}),
		loadDir(fsys, "sdks", func(name string, s *SDK) error {
			c.SDKs[s.Name] = s
			return sameName(name, s.Name)
		}),
		loadDir(fsys, "toolkits", func(name string, t *Toolkit) error {
			c.Toolkits = append(c.Toolkits, t)
			return errors.Join(sameName(name, t.Name), t.validate())
		}),
		loadDir(fsys, "webhooks", func(name string, w *Webhook) error {
			c.Webhooks = append(c.Webhooks, w)
			return errors.Join(sameName(name, w.Provider), w.validate())
		}),
		loadDir(fsys, "frameworks", func(name string, f *Framework) error {
			c.Frameworks = append(c.Frameworks, f)
			return errors.Join(sameName(name, f.Name), f.validate())
		}),
		loadDir(fsys, "retired", func(name string, r *Retired) error {
			c.Retired = append(c.Retired, r)
			for _, p := range r.Packages {
				c.retired[p] = r
			}
			return errors.Join(sameName(name, r.Name), r.validate())
		}),
	)
	return c, err
}

// build checks the catalog as a whole and makes its indexes.
func (c *Catalog) build() error {
	if err := c.validate(); err != nil {
		return err
	}
	c.index = newIndex(c)
	c.addFrameworks(c.Frameworks)
	return nil
}

// System returns the entry of a slug, or nil.
func (c *Catalog) System(slug string) *System { return c.bySlug[slug] }

func sameName(file, name string) error {
	if name != file {
		return fmt.Errorf("declares %q; file and name must agree", name)
	}
	return nil
}

func loadDir[T any](fsys fs.FS, dir string, add func(name string, v *T) error) error {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		name, ok := strings.CutSuffix(e.Name(), ".yaml")
		if !ok || e.IsDir() {
			errs = append(errs, fmt.Errorf("%s: stray file; only NAME.yaml belongs here", file))
			continue
		}
		b, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		v := new(T)
		dec := yaml.NewDecoder(bytes.NewReader(b))
		dec.KnownFields(true)
		if err := dec.Decode(v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		if err := dec.Decode(new(T)); !errors.Is(err, io.EOF) {
			errs = append(errs, fmt.Errorf("%s: more than one document", file))
		}
		if err := add(name, v); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		}
	}
	return errors.Join(errs...)
}

func (c *Catalog) validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	owner := map[string]string{}
	claim := func(what, value, slug string) {
		key := what + " " + value
		if other, taken := owner[key]; taken && other != slug {
			fault("entries/%s.yaml: %s %q is claimed by %s too", slug, what, value, other)
		}
		owner[key] = slug
	}
	for _, s := range c.Systems {
		switch {
		case s.Name == "":
			fault("entries/%s.yaml: no name", s.Slug)
		case !slices.Contains(Kinds, s.Kind):
			fault("entries/%s.yaml: unknown kind %q", s.Slug, s.Kind)
		}
		if s.Speaks != "" && c.bySlug[s.Speaks] == nil {
			fault("entries/%s.yaml: speaks %q, which is no system", s.Slug, s.Speaks)
		}
		for _, h := range s.Match.Hosts {
			claim("host", h, s.Slug)
			if strings.ContainsAny(h, "/:") {
				fault("entries/%s.yaml: host %q must be a bare DNS name", s.Slug, h)
			}
		}
		for _, h := range s.Match.Paths {
			claim("path", h, s.Slug)
			if host, element, ok := strings.Cut(h, "/"); !ok || host == "" || element == "" || strings.ContainsAny(element, "/?") {
				fault("entries/%s.yaml: path %q must be a host and one element", s.Slug, h)
			}
		}
		for _, i := range s.Match.Images {
			claim("image", i, s.Slug)
		}
		for _, e := range s.Match.Schemes {
			claim("scheme", e, s.Slug)
		}
		for _, e := range s.Match.Env {
			claim("env word", e, s.Slug)
			if e != strings.ToUpper(e) {
				fault("entries/%s.yaml: env word %q must be upper case", s.Slug, e)
			}
		}
		for i := range s.Libraries {
			l := &s.Libraries[i]
			if err := c.validateLibrary(l); err != nil {
				fault("entries/%s.yaml: library %d %w", s.Slug, i+1, err)
			}
			for _, p := range l.Packages {
				claim("package", p, s.Slug)
			}
			for _, d := range l.Drivers {
				claim("sql driver", d, s.Slug)
			}
		}
	}
	return errors.Join(errs...)
}

func (c *Catalog) validateLibrary(l *Library) error {
	switch {
	case len(l.Packages) == 0:
		return errors.New("lists no packages")
	case l.SDK != "" && c.SDKs[l.SDK] == nil:
		return fmt.Errorf("has the sdk %q, which has no file in sdks/", l.SDK)
	case !slices.Contains([]Direction{"", Outbound, Inbound, Both}, l.Direction):
		return fmt.Errorf("has the unknown direction %q", l.Direction)
	case !slices.Contains([]NamedBy{"", NamedByHost, NamedByDriver, NamedByProvider, NamedByFolder}, l.NamedBy):
		return fmt.Errorf("has the unknown named_by %q", l.NamedBy)
	}
	return nil
}
