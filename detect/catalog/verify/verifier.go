package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/semver"

	"github.com/intscan/intscan/scanners"
)

// verifier checks claims and keeps the faults.
type verifier struct {
	fetch  fetcher
	std    string              // the standard library's source
	goVer  string              // and its version
	newest map[string]string   // version of each module in which symbols are looked up
	older  []map[string]string // cited versions in which a symbol may have existed
	// refused are modules that a proxy may not serve. What is cited of one that cannot
	// be had is not checked; it was read in the tagged source of its repository.
	refused map[string]bool

	apis     map[string]*api
	missing  map[string]error
	faults   []string
	doubtful []string
	skipped  map[string]bool // Go versions cited and not installed
	cited    int             // lines compared
	unread   map[string]int  // cited lines of refused modules that could not be had
	symbols  int             // symbols found
	compiled int             // examples that type-check
}

func (v *verifier) fault(format string, args ...any) {
	v.faults = append(v.faults, fmt.Sprintf(format, args...))
}

// unavailable keeps the first reason for which a module could not be had.
func (v *verifier) unavailable(mod string, err error) {
	if v.missing == nil {
		v.missing = map[string]error{}
	}
	if v.missing[mod] == nil {
		v.missing[mod] = err
	}
}

func (v *verifier) verify(c claims) {
	v.fetch = remembered(v.fetch)
	v.prefetch(c)
	for _, x := range c.citations {
		v.citation(x)
	}
	before := v.before()
	for _, s := range c.symbols {
		switch v.everExisted(s, before) {
		case yes:
			v.symbols++
		case no:
			v.fault("%s: no %s in %s", s.where, s.name, strings.Join(s.packages, ", "))
		case unknown:
			v.doubtful = append(v.doubtful, s.where+": "+s.name)
		}
	}
	v.examples(c.examples)
	for mod, err := range v.missing {
		if v.refused[mod] {
			continue
		}
		v.fault("modules: %s %s: %v", mod, v.newest[mod], err)
	}
	slices.Sort(v.faults)
	v.faults = slices.Compact(v.faults)
}

// prefetch downloads what will be read, some at a time; errors come back later,
// where each version is used.
func (v *verifier) prefetch(c claims) {
	want := map[[2]string]bool{}
	for _, x := range c.citations {
		for _, at := range x.Cite {
			if version, _, ok := strings.Cut(at, "/"); ok && x.Module != "std" {
				want[[2]string{x.Module, version}] = true
			}
		}
	}
	for _, s := range c.symbols {
		for _, pkg := range s.packages {
			if mod := moduleOf(strings.TrimSuffix(pkg, "/..."), v.newest); mod != "" {
				want[[2]string{mod, v.newest[mod]}] = true
			}
		}
	}
	var wg sync.WaitGroup
	for m := range want {
		wg.Go(func() { _, _ = v.fetch(m[0], m[1]) })
	}
	wg.Wait()
}

var goVersion = regexp.MustCompile(`^go1\.\d+(\.\d+)?$`)

// citation checks one default: its form, then each line it cites.
func (v *verifier) citation(x citation) {
	if x.Value == "" || x.Module == "" || x.From == "" || x.Until == "" || x.Text == "" || len(x.Cite) == 0 {
		v.fault("%s: a default needs value, module, from, until, cite and text", x)
		return
	}
	if x.Module != "std" && semver.Compare(x.From, x.Until) > 0 {
		v.fault("%s: from %s is newer than until %s", x, x.From, x.Until)
	}
	read := map[string]bool{}
	for _, at := range x.Cite {
		version, file, line, err := parseCite(at)
		if err != nil {
			v.fault("%s: %v", x, err)
			return
		}
		read[version] = true
		v.line(x, version, file, line)
	}
	for _, need := range []string{x.From, x.Until} {
		if !read[need] {
			v.fault("%s: no citation in %s, which the range names", x, need)
		}
	}
}

// parseCite splits VERSION/FILE:LINE.
func parseCite(at string) (version, file string, line int, err error) {
	version, rest, ok := strings.Cut(at, "/")
	colon := strings.LastIndexByte(rest, ':')
	if !ok || colon < 0 {
		return "", "", 0, fmt.Errorf("citation %q: want VERSION/FILE:LINE", at)
	}
	line, err = strconv.Atoi(rest[colon+1:])
	if err != nil || line < 1 || !semver.IsValid(version) && !goVersion.MatchString(version) {
		return "", "", 0, fmt.Errorf("citation %q: want VERSION/FILE:LINE", at)
	}
	return version, rest[:colon], line, nil
}

// line compares one cited line. Of the standard library only the installed version
// is there to read.
func (v *verifier) line(x citation, version, file string, line int) {
	var dir string
	if x.Module == "std" {
		if version != v.goVer && !strings.HasPrefix(v.goVer, version+".") {
			if v.skipped == nil {
				v.skipped = map[string]bool{}
			}
			v.skipped[version] = true
			return
		}
		dir = v.std
	} else {
		var err error
		dir, err = v.fetch(x.Module, version)
		if err != nil && v.refused[x.Module] {
			if v.unread == nil {
				v.unread = map[string]int{}
			}
			v.unread[x.Module]++
			return
		}
		if err != nil {
			v.fault("%s: %v", x, err)
			return
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path.Clean("/"+file))))
	if err != nil {
		v.fault("%s: %s has no file %s", x, version, file)
		return
	}
	lines := strings.Split(string(b), "\n")
	if line > len(lines) {
		v.fault("%s: %s/%s has %d lines, line %d is cited", x, version, file, len(lines), line)
		return
	}
	if !strings.Contains(fold(lines[line-1]), fold(x.Text)) {
		v.fault("%s: %s/%s:%d is %q, not %q", x, version, file, line, fold(lines[line-1]), fold(x.Text))
		return
	}
	v.cited++
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// report prints a line a fault, then the counts.
func (v *verifier) report(out io.Writer, verbose bool) {
	for _, f := range v.faults {
		fmt.Fprintln(out, f)
	}
	if verbose {
		for _, d := range v.doubtful {
			fmt.Fprintln(out, "not checked:", d)
		}
	}
	for _, version := range slices.Sorted(maps.Keys(v.skipped)) {
		fmt.Fprintf(out, "std of %s: not checked, the installed Go is %s\n", version, v.goVer)
	}
	for _, mod := range slices.Sorted(maps.Keys(v.unread)) {
		fmt.Fprintf(out, "%s: not checked, it could not be had: %s\n", mod, scanners.Count(v.unread[mod], "cited line"))
	}
	fmt.Fprintf(out, "%d cited lines and %d symbols found, %d examples type-checked, %d symbols not checked, %d faults\n",
		v.cited, v.symbols, v.compiled, len(v.doubtful), len(v.faults))
}
