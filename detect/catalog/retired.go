package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// Retired is a library that its makers have given up or replaced, with the place
// where they say so.
type Retired struct {
	Name string `yaml:"retired"`
	// Packages are import paths, as in Library.
	Packages []string `yaml:"packages"`
	// Element, when set, narrows Packages to paths with this element ("mgmt").
	Element string `yaml:"element"`
	// Since is the day, or the version, with which that was said, where it is known.
	Since string `yaml:"since"`
	// Successor is the module to go on with, or a word on what to do instead.
	Successor string `yaml:"successor"`
	// Why completes "it is retired: ".
	Why string `yaml:"why"`
	// Module, Cite and Text are the source, as in Default; one place is enough.
	Module string `yaml:"module"`
	Cite   string `yaml:"cite"` // VERSION/FILE:LINE
	Text   string `yaml:"text"`
}

// Citation is the source in the form in which the catalog's facts are verified.
func (r *Retired) Citation() Default {
	version, _, _ := strings.Cut(r.Cite, "/")
	return Default{Value: "retired", Module: r.Module, From: version, Until: version, Cite: []string{r.Cite}, Text: r.Text}
}

func (r *Retired) validate() error {
	var errs []error
	for _, f := range []struct{ name, value string }{
		{"successor", r.Successor}, {"why", r.Why}, {"module", r.Module}, {"cite", r.Cite}, {"text", r.Text},
	} {
		if f.value == "" {
			errs = append(errs, fmt.Errorf("no %s", f.name))
		}
	}
	if len(r.Packages) == 0 {
		errs = append(errs, errors.New("lists no packages"))
	}
	return errors.Join(errs...)
}

// RetiredLibrary returns the retired library that an import path belongs to, or nil.
func (c *Catalog) RetiredLibrary(importPath string) *Retired {
	if r := c.retired[importPath]; r != nil {
		return r
	}
	for p := importPath; p != ""; p = parent(p) {
		if r := c.retired[p+"/..."]; r != nil && (r.Element == "" || strings.Contains(importPath+"/", "/"+r.Element+"/")) {
			return r
		}
	}
	return nil
}
