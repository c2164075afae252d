package catalog

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Practice is a library that shows how a repository works, not what it talks to: a
// test double, an encoder, a validator, an error tracker, a migration tool. The
// plan names what is there; no verdict hangs on it.
type Practice struct {
	Topic string `yaml:"-"`
	Name  string `yaml:"name"`
	// What tells apart the practices of one topic: the format of an encoder, the
	// kind of a test double.
	What     string   `yaml:"what"`
	Packages []string `yaml:"packages"`
	// Uses are the symbols that prove it, as in Library; without them the import does.
	Uses []string `yaml:"uses"`
	// Systems are the slugs that it stands for, Kinds the kinds of systems.
	Systems []string `yaml:"systems"`
	Kinds   []string `yaml:"kinds"`
}

// Proves reports that a symbol of the practice's packages shows it in use.
func (p *Practice) Proves(symbol string) bool {
	return len(p.Uses) == 0 || Matches(p.Uses, symbol)
}

// Naming is a place where code names a table, bucket, topic or the like.
type Naming struct {
	System string `yaml:"-"`
	// Kind is what is named: table, collection, bucket, topic, queue, ...
	Kind string `yaml:"kind"`
	// Access is what is done with it: read, write, define, publish, consume, or use
	// where the place alone does not tell.
	Access string `yaml:"access"`
	// At are absolute symbols: functions and methods whose argument number Arg names
	// it, or struct fields.
	At  []string `yaml:"at"`
	Arg *int     `yaml:"arg"`
	// Model: not the argument's value names it but its type.
	Model bool `yaml:"model"`
}

// Practices is what the folders practices and naming hold, indexed.
type Practices struct {
	All      []*Practice
	Naming   map[string][]*Naming // by function or field
	packages map[string][]*Practice
	trees    map[string][]*Practice
}

//go:embed practices naming
var shippedPractices embed.FS

// ShippedPractices returns what intscan ships. It panics on a fault, which the
// package's test rules out.
var ShippedPractices = sync.OnceValue(func() *Practices {
	p, err := LoadPractices(shippedPractices, Shipped())
	if err != nil {
		panic("the shipped practices are broken: " + err.Error())
	}
	return p
})

type practiceFile struct {
	Topic     string      `yaml:"topic"`
	Libraries []*Practice `yaml:"libraries"`
}

type namingFile struct {
	System string    `yaml:"system"`
	Names  []*Naming `yaml:"names"`
}

// LoadPractices reads the folders practices and naming of a file system; cat says
// which systems there are.
func LoadPractices(fsys fs.FS, cat *Catalog) (*Practices, error) {
	p := &Practices{Naming: map[string][]*Naming{}, packages: map[string][]*Practice{}, trees: map[string][]*Practice{}}
	return p, errors.Join(
		loadDir(fsys, "practices", func(name string, f *practiceFile) error {
			for _, l := range f.Libraries {
				l.Topic = f.Topic
				p.add(l)
			}
			return errors.Join(sameName(name, f.Topic), checkPractices(f, cat))
		}),
		loadDir(fsys, "naming", func(name string, f *namingFile) error {
			for _, n := range f.Names {
				n.System = f.System
				for _, symbol := range n.At {
					p.Naming[symbol] = append(p.Naming[symbol], n)
				}
			}
			return errors.Join(sameName(name, f.System), checkNaming(f, cat))
		}),
	)
}

func (p *Practices) add(l *Practice) {
	p.All = append(p.All, l)
	for _, pkg := range l.Packages {
		if tree, ok := strings.CutSuffix(pkg, "/..."); ok {
			p.trees[tree] = append(p.trees[tree], l)
		} else {
			p.packages[pkg] = append(p.packages[pkg], l)
		}
	}
}

// Of lists the practices of an import path: those that name the very package, or
// else the nearest folder above it.
func (p *Practices) Of(importPath string) []*Practice {
	if ps := p.packages[importPath]; ps != nil {
		return ps
	}
	for dir := importPath; dir != ""; dir = parent(dir) {
		if ps := p.trees[dir]; ps != nil {
			return ps
		}
	}
	return nil
}

func checkPractices(f *practiceFile, cat *Catalog) error {
	var errs []error
	for _, l := range f.Libraries {
		if l.Name == "" || len(l.Packages) == 0 {
			errs = append(errs, fmt.Errorf("%q has no name or no packages", l.Name))
		}
		for _, s := range l.Systems {
			if cat.System(s) == nil {
				errs = append(errs, fmt.Errorf("%s: %q is no system", l.Name, s))
			}
		}
		for _, k := range l.Kinds {
			if !slices.Contains(Kinds, k) {
				errs = append(errs, fmt.Errorf("%s: %q is no kind of systems", l.Name, k))
			}
		}
	}
	return errors.Join(errs...)
}

var accesses = []string{"read", "write", "define", "publish", "consume", "use"}

func checkNaming(f *namingFile, cat *Catalog) error {
	var errs []error
	if f.System != AnyDatabase && f.System != AnyQueue && cat.System(f.System) == nil {
		errs = append(errs, fmt.Errorf("%q is no system", f.System))
	}
	for _, n := range f.Names {
		if n.Kind == "" || len(n.At) == 0 || !slices.Contains(accesses, n.Access) {
			errs = append(errs, fmt.Errorf("%v: needs a kind, places and an access (one of %s)", n.At, strings.Join(accesses, ", ")))
		}
		for _, symbol := range n.At {
			if !isAbsolute(symbol) {
				errs = append(errs, fmt.Errorf("%q must have the import path before it", symbol))
			}
		}
	}
	return errors.Join(errs...)
}

// The naming files of libraries behind which one of several systems stands.
const (
	AnyDatabase = "sql"
	AnyQueue    = "queue"
)
