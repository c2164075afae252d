package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// Config is a configuration file that was read, as seen from a folder that is
// scanned. The nil Config sets nothing.
type Config struct {
	File
	// Name is the file's path from the scanned folder, for people.
	Name string
	// prefix leads from the folder of the file to the scanned one.
	prefix  string
	catalog *catalog.Catalog
	source  []byte
}

// maxBytes is more than any configuration has.
const maxBytes = 1 << 20

// Find looks for the file in a folder and those above it, up to the root of the
// repository (which has .git) or of the file system; "" where there is none.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		file := filepath.Join(dir, FileName)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file, nil
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || filepath.Dir(dir) == dir {
			return "", nil
		}
		dir = filepath.Dir(dir)
	}
}

// Load reads a file for the scan of a folder. Mistakes in it are Problems.
func Load(file, scanned string) (*Config, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	root, err := filepath.Abs(scanned)
	if err != nil {
		return nil, err
	}
	name, err := filepath.Rel(root, abs)
	if err != nil { // on another drive
		name = filepath.Base(abs)
	}
	prefix, err := filepath.Rel(filepath.Dir(abs), root)
	if err != nil {
		prefix = "."
	}
	info, err := os.Stat(abs)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file", file)
	}
	if err == nil && info.Size() > maxBytes {
		return nil, fmt.Errorf("%s is over %d MiB", file, maxBytes>>20)
	}
	src, err := os.ReadFile(abs)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot read the configuration %s: %w", file, err)
	}
	c, err := Parse(filepath.ToSlash(name), src, os.DirFS(filepath.Dir(abs)))
	if err != nil {
		return nil, err
	}
	c.prefix = filepath.ToSlash(prefix)
	return c, nil
}

// Parse reads the content of a file. name is what messages call it, beside the file
// system that the catalog's folder is looked up in.
func Parse(name string, src []byte, beside fs.FS) (*Config, error) {
	c := &Config{Name: name, prefix: ".", source: src}
	d := &decoder{name: name}
	docs, err := yamlnode.Parse(src)
	switch {
	case err != nil:
		var ye *yamlnode.Error
		line := 0
		if errors.As(err, &ye) {
			line, err = ye.Line, errors.New(ye.Message)
		}
		return nil, Problems{{scanners.Position{File: name, Line: line}, err.Error()}}
	case len(docs) > 1:
		d.fault(docs[1], "a second document; one file is one document")
	case len(docs) == 1:
		d.decode(docs[0], reflect.ValueOf(&c.File).Elem(), "", "")
	}
	for _, step := range []func(){func() { c.check(d) }, func() { c.addCatalog(d, beside) }} {
		if len(d.problems) == 0 {
			step()
		}
	}
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b Problem) int { return a.Compare(b.Position) })
		return nil, d.problems
	}
	return c, nil
}

// check finds what the types cannot say.
func (c *Config) check(d *decoder) {
	at := func(line int, format string, args ...any) {
		d.problems = append(d.problems, Problem{scanners.Position{File: d.name, Line: line}, fmt.Sprintf(format, args...)})
	}
	seen := map[string]bool{}
	for _, p := range c.Policies {
		if seen[p.Name.Text] {
			at(p.Name.Line, "policies: a second policy has the name %s", p.Name.Text)
		}
		seen[p.Name.Text] = true
		if q := p.Require; !q.Timeout.Set && !q.Monitoring && !q.Retry && !q.Breaker {
			at(p.Line, "policies.require: demands nothing; timeout, monitoring, retry and breaker can be demanded")
		}
	}
	for _, s := range c.Suppressions {
		if strings.TrimSpace(s.Reason) == "" {
			at(s.Line, "suppressions.reason: says nothing")
		}
		if len(s.Path) == 0 && len(s.Integration) == 0 {
			at(s.Line, "suppressions: path or integration is missing; rules: switches a rule off everywhere")
		}
	}
}

// addCatalog lays the additions over the shipped catalog.
func (c *Config) addCatalog(d *decoder, beside fs.FS) {
	a := c.Catalog
	if a.Folder.Text == "" && len(a.Systems)+len(a.SDKs)+len(a.Toolkits) == 0 {
		return
	}
	more := &catalog.Catalog{}
	at := scanners.Position{File: d.name, Line: a.Folder.Line}
	if a.Folder.Text != "" {
		dir := path.Clean(a.Folder.Text)
		if info, err := fs.Stat(beside, dir); err != nil || !info.IsDir() {
			d.problems = append(d.problems, Problem{at, "catalog.folder: there is no folder " + quoted(a.Folder.Text) + " beside this file"})
			return
		}
		sub, err := fs.Sub(beside, dir)
		if err == nil {
			more, err = catalog.Decode(sub)
		}
		for _, e := range unjoined(err) {
			d.problems = append(d.problems, Problem{at, "catalog: " + path.Join(dir, e.Error())})
		}
		if err != nil {
			return
		}
	}
	more.Systems = append(more.Systems, a.Systems...)
	more.Toolkits = append(more.Toolkits, a.Toolkits...)
	for _, s := range a.SDKs {
		if more.SDKs == nil {
			more.SDKs = map[string]*catalog.SDK{}
		}
		more.SDKs[s.Name] = s
	}
	var err error
	c.catalog, err = catalog.Shipped().With(more)
	for _, e := range unjoined(err) {
		d.problems = append(d.problems, Problem{at, "catalog: " + e.Error()})
	}
}

// unjoined lists the errors that one is joined of.
func unjoined(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, unjoined(e)...)
		}
		return out
	}
	return []error{err}
}

// Source is all that the configuration was read from, and whether that is so: a folder
// of catalog files is not in it.
func (c *Config) Source() (string, bool) {
	if c == nil {
		return "", true
	}
	return c.Name + "\x00" + c.prefix + "\x00" + string(c.source), c.Catalog.Folder.Text == ""
}

// System is what the scan goes by: the shipped catalog with the team's additions.
func (c *Config) System() *catalog.Catalog {
	if c == nil || c.catalog == nil {
		return catalog.Shipped()
	}
	return c.catalog
}

// path is a file of the scan, from the folder of the configuration.
func (c *Config) path(file string) string { return path.Join(c.prefix, file) }

// Keeps reports whether a file of the scan is read.
func (c *Config) Keeps(file string) bool {
	if c == nil {
		return true
	}
	name := c.path(file)
	if anyMatches(c.Paths.Exclude, name) {
		return false
	}
	base := path.Base(name)
	return len(c.Paths.Include) == 0 || base == "go.mod" || base == "go.work" || anyMatches(c.Paths.Include, name)
}
