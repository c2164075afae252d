package main

import (
	"bytes"
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
)

var (
	mutations   = flag.Int("mutations", 60, "how many damaged trees TestMutations scans")
	mutateSeed  = flag.Uint64("mutate-seed", 1, "what TestMutations begins its random numbers with")
	mutateFirst = flag.Int("mutate-first", 0, "the number of the tree that TestMutations begins with: one that failed can be run alone")
	realRepos   = flag.String("repos", os.Getenv("INTSCAN_TEST_REPOS"), "folders of repositories; TestMutations takes files of theirs, TestFingerprintsAreStable all of them")
)

// mutationLimit is far above what a scan of a few files takes on a busy machine.
const mutationLimit = 2 * time.Minute

// TestMutations: whatever happens to the files of a repository, a scan ends in time,
// with a documented exit code and a report that decodes, and a second scan prints the
// same bytes.
func TestMutations(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(fixtureDir, "modules")))
	sources := mutationSources(t)
	for n := *mutateFirst; n < *mutateFirst+*mutations; n++ {
		t.Run(itoa(n), func(t *testing.T) {
			r := rand.New(rand.NewPCG(*mutateSeed, uint64(n)))
			dir := mutationDir(t)
			source := sources[r.IntN(len(sources))]
			files := source.lay(t, r, dir)
			damaged := damage(t, r, dir, files)
			defer func() {
				if t.Failed() {
					t.Logf("%s: %s", source.name, strings.Join(damaged.log, ", "))
				}
			}()
			checkMutation(t, dir, damaged, mutationArgs[r.IntN(len(mutationArgs))])
		})
	}
}

// mutationArgs are the ways in which a damaged tree is scanned.
var mutationArgs = [][]string{{}, {}, {}, {"--mode", "syntax"}, {"--inventory"}, {"--strict", "--fail-on", "low"}, {"--fail-on-drift"}}

func mutationDir(t *testing.T) string {
	// Below a short name: a socket's path has at most 104 bytes.
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	dir = filepath.Join(dir, "r")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func checkMutation(t *testing.T, dir string, damaged damaged, args []string) {
	args = append(slices.Clone(args), "--format", "json", dir)
	code, out, errs := runLimited(t, args)
	again, out2, errs2 := runLimited(t, args)
	if code != again || out != out2 || errs != errs2 {
		t.Errorf("a second scan ends or prints otherwise: exit code %d, then %d (-first +second):\n%s", code, again, cmp.Diff(out+errs, out2+errs2))
	}
	switch {
	case code == exitUsage && damaged.settings && strings.Count(errs, "\n") == 1:
		return // what the person set cannot be read, which one line tells
	case code != exitFine && code != exitFindings && code != exitIncomplete:
		t.Fatalf("intscan %s: exit code %d: %s", strings.Join(args, " "), code, errs)
	}
	report := decode(t, out)
	if report.Schema == "" {
		t.Error("the report has no schema")
	}
	for _, d := range report.Diagnostics {
		if strings.Contains(d.Message, "failed and its files were not read") || strings.Contains(d.Message, "runtime error") {
			t.Errorf("a scanner panicked: %s", d.Message)
		}
		damaged.tell = slices.DeleteFunc(damaged.tell, func(file string) bool { return file == d.File })
	}
	if len(damaged.tell) > 0 {
		t.Errorf("no diagnostic of %s in %+v", strings.Join(damaged.tell, ", "), report.Diagnostics)
	}
}

// runLimited runs the command; one that hangs shows where.
func runLimited(t *testing.T, args []string) (code int, stdout, stderr string) {
	t.Helper()
	done := make(chan struct{})
	var out, errs bytes.Buffer
	go func() {
		defer close(done)
		code = Run(context.Background(), args, &out, &errs)
	}()
	select {
	case <-done:
	case <-time.After(mutationLimit):
		pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		t.Fatalf("intscan %s runs for more than %s", strings.Join(args, " "), mutationLimit)
	}
	return code, out.String(), errs.String()
}

// damaged is what was done to a tree.
type damaged struct {
	log      []string
	tell     []string // files of which a diagnostic must tell
	settings bool     // a file that the scan is set up by is among them, or the folder itself
}

// damage changes one to three of the files.
func damage(t *testing.T, r *rand.Rand, dir string, files []string) damaged {
	var d damaged
	times := 1 + r.IntN(3)
	for range times {
		file, m := files[r.IntN(len(files))], mutators[r.IntN(len(mutators))]
		if !m.mutate(t, r, filepath.Join(dir, filepath.FromSlash(file))) {
			continue
		}
		d.log = append(d.log, m.name+" "+file)
		d.settings = d.settings || slices.Contains([]string{".intscan.yaml", lockFile}, filepath.Base(file)) ||
			m.name == "folder to file" || m.name == "folder closed" && !strings.Contains(file, "/")
		if m.told && times == 1 && isRead(file) {
			d.tell = append(d.tell, file)
		}
	}
	return d
}

// isRead: every scan looks into the file.
func isRead(file string) bool {
	for part := range strings.SplitSeq(file, "/") {
		if part == "vendor" || part == "testdata" || part == "node_modules" || strings.HasPrefix(part, "_") || strings.HasPrefix(part, ".") {
			return false
		}
	}
	return strings.HasSuffix(file, ".go")
}
