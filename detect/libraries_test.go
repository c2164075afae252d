package detect_test

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/fixtures"
)

// An archive of fixtures/libraries is a small repository that calls one client
// library with and without each of the protections that the catalog knows of it.
// Its name is that of the catalog's file:
//
//	SLUG.txtar           entries/SLUG.yaml
//	sdk-NAME.txtar       sdks/NAME.yaml
//	toolkit-NAME.txtar   toolkits/NAME.yaml
//
// Its go.mod requires the real modules that the code imports, each in a version
// that the catalog cites; what those require in turn need not stand there. The
// lines are labelled as in fixtures/verdicts, and the answers are held to the same
// labels twice: with an empty module cache, and (with the flag -modules, which
// downloads) with the libraries' declarations. The archive's comment may hold
//
//	known: REASON                   intscan is wrong there, and should answer otherwise
//	known without modules: REASON   it is wrong without the declarations, right with them
//
// A known fault that is none any more fails the test.
const libraryFixtures = "../fixtures/libraries"

// leastLibraries guards against a folder that has gone missing.
const leastLibraries = 150

var withModules = flag.Bool("modules", false, "scan fixtures/libraries with the real modules that they require; downloads them")

// TestLibraries scans each archive and compares its call sites with the labels.
func TestLibraries(t *testing.T) {
	if !*withModules {
		offline(t, t.TempDir())
	}
	for _, a := range archivesIn(t, libraryFixtures, leastLibraries) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			scan := a.scanned
			known := a.known
			switch {
			case *withModules:
				scan = a.scannedWithModules
			case known == "":
				known = a.line("known without modules: ")
			}
			diff := cmp.Diff(a.wanted(t), scan(t))
			switch {
			case known == "" && diff != "":
				t.Errorf("%s: call sites (-want +got):\n%s", a.file, diff)
			case known != "" && diff == "":
				t.Errorf("%s: all answers are right now: drop its line \"known: %s\"", a.file, known)
			case known != "":
				t.Logf("known fault: %s (-want +got):\n%s", known, diff)
			}
		})
	}
}

// TestEveryLibraryHasAFixture holds that each file of the catalog that knows how
// calls behave is shown by an archive. MISSING.txt names those that are not yet;
// it can only become shorter.
func TestEveryLibraryHasAFixture(t *testing.T) {
	wanted := filesWithCallKnowledge()
	missing := strings.Fields(readFile(t, filepath.Join(libraryFixtures, "MISSING.txt")))
	if !slices.IsSorted(missing) {
		t.Error("MISSING.txt is not sorted")
	}
	has := map[string]bool{}
	for _, a := range archivesIn(t, libraryFixtures, leastLibraries) {
		has[a.name] = true
		if !slices.Contains(wanted, a.name) {
			t.Errorf("%s is named for no file of the catalog that has call knowledge", a.file)
		}
	}
	for _, name := range wanted {
		listed := slices.Contains(missing, name)
		switch {
		case !has[name] && !listed:
			t.Errorf("%s.txtar is missing: the catalog says how its calls behave, and no archive shows it", name)
		case has[name] && listed:
			t.Errorf("%s has an archive: take it off MISSING.txt", name)
		}
	}
	for _, name := range missing {
		if !slices.Contains(wanted, name) {
			t.Errorf("MISSING.txt names %s, which the catalog has no call knowledge of", name)
		}
	}
}

// filesWithCallKnowledge are the names of the archives that there should be.
func filesWithCallKnowledge() []string {
	cat := catalog.Shipped()
	var out []string
	for _, s := range cat.Systems {
		if slices.ContainsFunc(s.Libraries, judgesCalls) {
			out = append(out, s.Slug)
		}
	}
	for name := range cat.SDKs {
		out = append(out, "sdk-"+name)
	}
	for _, t := range cat.Toolkits {
		out = append(out, "toolkit-"+t.Name)
	}
	slices.Sort(out)
	return out
}

// judgesCalls: the library's entry says more of its calls than that they are some.
func judgesCalls(l catalog.Library) bool {
	says := func(p catalog.Property) bool {
		return len(p.By)+len(p.Off)+len(p.DSN)+len(p.Defaults) > 0
	}
	return l.SDK != "" || l.Context != "" || says(l.Timeout) || says(l.Retry) || says(l.Monitoring)
}

// line is what follows a mark in the archive's comment; "" where it is not there.
func (a archive) line(mark string) string {
	for line := range strings.Lines(string(a.Comment)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), mark); ok {
			return rest
		}
	}
	return ""
}

// scannedWithModules is what intscan answers where the required modules are in the
// machine's module cache.
func (a archive) scannedWithModules(t *testing.T) answers {
	t.Helper()
	dir := t.TempDir()
	fixtures.Unpack(t, a.Archive, dir)
	mods, err := filepath.Glob(filepath.Join(dir, "go.mod"))
	if err != nil || len(mods) == 0 {
		t.Fatalf("%s: no go.mod at its top: %v", a.file, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "mod", "download")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: go mod download: %v\n%s", a.file, err, out)
	}
	return a.scanned(t)
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
