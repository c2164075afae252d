package detect_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// An archive of fixtures/verdicts is a small repository. A line that holds a
// call site ends in a comment that says what intscan must answer there:
//
//	resp, err := c.http.Do(req) // want timeout=absent retry=absent monitoring=absent
//
// What a comment leaves out is not compared; "system=SLUG" and "timeout.value=30s"
// may be added, and breaker, bulkhead, ratelimit and fallback. "// want none" in a
// file says that it has no call site. In a file with any such comment, sites without
// one are surplus.
//
// The archive's own comment says what it is about, and may hold these lines:
//
//	known: REASON   intscan is wrong there and should answer otherwise; the
//	                runner reports that, and fails once the answers are right
//	syntax: same    the answers must hold with an empty module cache too

const (
	verdictFixtures = "../fixtures/verdicts"
	moduleFixtures  = "../fixtures/modules"
)

// TestVerdicts scans each archive with stand-ins of the libraries that it uses
// in the module cache.
func TestVerdicts(t *testing.T) {
	offline(t, stubCache(t))
	for _, a := range archives(t) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			diff := cmp.Diff(a.wanted(t), a.scanned(t))
			switch {
			case a.known == "" && diff != "":
				t.Errorf("%s: call sites (-want +got):\n%s", a.file, diff)
			case a.known != "" && diff == "":
				t.Errorf("%s: all answers are right now: drop its line \"known: %s\"", a.file, a.known)
			case a.known != "":
				t.Logf("known fault: %s (-want +got):\n%s", a.known, diff)
			}
		})
	}
}

// TestVerdictsWithoutModules scans the same archives on a machine that has none of
// the libraries. Precision is lost there; archives marked "syntax: same" lose none.
func TestVerdictsWithoutModules(t *testing.T) {
	if testing.Short() {
		t.Skip("scans every archive a second time")
	}
	offline(t, t.TempDir())
	same, differ := 0, 0
	for _, a := range archives(t) {
		t.Run(a.name, func(t *testing.T) {
			diff := cmp.Diff(a.wanted(t), a.scanned(t))
			switch {
			case diff == "":
				same++
			case a.syntaxSame && a.known == "":
				t.Errorf("%s: call sites (-want +got):\n%s", a.file, diff)
			default:
				differ++
				t.Logf("without declarations (-want +got):\n%s", diff)
			}
		})
	}
	t.Logf("%d archives are answered the same without any library's declarations, %d otherwise", same, differ)
}

// offline makes the go command see the given module cache and nothing else.
func offline(t *testing.T, cache string) {
	t.Helper()
	fixtures.Offline(t, cache)
}

// stubCache is a module cache of stand-ins.
func stubCache(t *testing.T) string {
	t.Helper()
	return fixtures.ModuleCache(t, moduleFixtures)
}

type archive struct {
	*txtar.Archive
	file, name string
	known      string
	syntaxSame bool
}

func archives(t *testing.T) []archive {
	t.Helper()
	return archivesIn(t, verdictFixtures, 30)
}

// archivesIn reads the archives of a folder, which has at least so many.
func archivesIn(t *testing.T, folder string, least int) []archive {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < least {
		t.Fatalf("%d archives found in %s, want at least %d", len(files), folder, least)
	}
	var out []archive
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e := archive{Archive: a, file: file, name: strings.TrimSuffix(filepath.Base(file), ".txtar")}
		for line := range strings.Lines(string(a.Comment)) {
			line = strings.TrimSpace(line)
			if why, ok := strings.CutPrefix(line, "known: "); ok {
				e.known = why
			}
			e.syntaxSame = e.syntaxSame || line == "syntax: same"
		}
		out = append(out, e)
	}
	return out
}

// answers are call sites by file and line, each with what is compared of it.
type answers map[string][]string

var wantComment = regexp.MustCompile(`// want (.*)$`)

// wants reads the comments: by file, then by line, what each site there must be.
func (a archive) wants(t *testing.T) map[string]map[int][]map[string]string {
	t.Helper()
	out := map[string]map[int][]map[string]string{}
	for _, f := range a.Files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			m := wantComment.FindStringSubmatch(line)
			if m == nil || !strings.HasSuffix(f.Name, ".go") {
				continue
			}
			if out[f.Name] == nil {
				out[f.Name] = map[int][]map[string]string{}
			}
			if m[1] == "none" {
				continue
			}
			// Several sites on one line are told apart by semicolons.
			for part := range strings.SplitSeq(m[1], ";") {
				w := map[string]string{}
				for field := range strings.FieldsSeq(part) {
					key, value, ok := strings.Cut(field, "=")
					if !ok || !slices.Contains(wantKeys, key) {
						t.Fatalf("%s: %s:%d: %q is no field of a want comment", a.file, f.Name, i+1, field)
					}
					w[key] = value
				}
				out[f.Name][i+1] = append(out[f.Name][i+1], w)
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s wants nothing", a.file)
	}
	return out
}

var wantKeys = []string{
	"timeout", "retry", "monitoring", "breaker", "bulkhead", "ratelimit", "fallback", "system",
	"timeout.value", "retry.value", "monitoring.value",
}

// wanted is what the comments ask for.
func (a archive) wanted(t *testing.T) answers {
	out := answers{}
	for file, lines := range a.wants(t) {
		for line, sites := range lines {
			key := fmt.Sprintf("%s:%d", file, line)
			for _, w := range sites {
				out[key] = append(out[key], written(slices.Sorted(maps.Keys(w)), w))
			}
			slices.Sort(out[key])
		}
	}
	return out
}

// scanned is what intscan answers, of each site as much as its line asks for.
func (a archive) scanned(t *testing.T) answers {
	t.Helper()
	dir := t.TempDir()
	fixtures.Unpack(t, a.Archive, dir)
	r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	wants := a.wants(t)
	out := answers{}
	for _, s := range r.CallSites {
		lines, checked := wants[s.File]
		if !checked {
			continue
		}
		got := map[string]string{
			"timeout": string(s.Timeout.Verdict), "retry": string(s.Retry.Verdict), "monitoring": string(s.Monitoring.Verdict), "system": s.System,
			"timeout.value": s.Timeout.Value, "retry.value": s.Retry.Value, "monitoring.value": s.Monitoring.Value,
			"breaker": string(s.Breaker.Verdict), "bulkhead": string(s.Bulkhead.Verdict), "ratelimit": string(s.RateLimit.Verdict), "fallback": string(s.Fallback.Verdict),
		}
		key := fmt.Sprintf("%s:%d", s.File, s.Line)
		keys := []string{"timeout", "retry", "monitoring", "system"}
		if w := lines[s.Line]; len(w) > 0 {
			keys = slices.Sorted(maps.Keys(w[min(len(out[key]), len(w)-1)]))
		}
		out[key] = append(out[key], written(keys, got))
	}
	for _, sites := range out {
		slices.Sort(sites)
	}
	return out
}

func written(keys []string, values map[string]string) string {
	var parts []string
	for _, k := range keys {
		parts = append(parts, k+"="+values[k])
	}
	return strings.Join(parts, " ")
}
