package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/cache"
)

var update = flag.Bool("update", false, "rewrite the golden files, those of the scripts and the README among them")

func TestMain(m *testing.M) {
	if os.Getenv(cache.Variable) == "" {
		os.Setenv(cache.Variable, "off") // tests of the cache name a folder
	}
	testscript.Main(m, map[string]func(){"intscan": main})
}

// TestScripts runs the command as a whole: each archive in testdata/script is a
// folder with files, commands, what they print and how they end.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// exits CODE COMMAND... runs the command and checks its exit code.
			"exits": exits,
			// lines FILE N checks how many lines a file has.
			"lines": lines,
		},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func lines(ts *testscript.TestScript, _ bool, args []string) {
	if got := strings.Count(ts.ReadFile(args[0]), "\n"); len(args) != 2 || args[1] != itoa(got) {
		ts.Fatalf("%s has %d lines, want %v", args[0], got, args[1:])
	}
}

func itoa(n int) string { return joinInts([]int{n}) }

// withScan replaces the scan for one test.
func withScan(t *testing.T, f func(context.Context, plan.Options) (*plan.Report, error)) {
	t.Helper()
	old := scan
	scan = f
	t.Cleanup(func() { scan = old })
}

func TestPanicIsAnInternalError(t *testing.T) {
	withScan(t, func(context.Context, plan.Options) (*plan.Report, error) { panic("index out of range\nin the scanner") })
	var stdout, stderr bytes.Buffer
	code := Run(context.Background(), []string{"."}, &stdout, &stderr)
	if code != exitFault {
		t.Errorf("exit code %d, want %d", code, exitFault)
	}
	want := "intscan: internal error: index out of range in the scanner; please report this with what you scanned\n"
	if diff := cmp.Diff(want, stderr.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
	if stdout.Len() > 0 {
		t.Errorf("half a report was written: %q", stdout.String())
	}
}

func TestInterrupt(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for _, heeds := range []bool{true, false} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		withScan(t, func(ctx context.Context, _ plan.Options) (*plan.Report, error) {
			cancel()
			if !heeds {
				<-release
			}
			<-ctx.Done()
			return nil, ctx.Err()
		})
		var stdout, stderr bytes.Buffer
		start := time.Now()
		if code := Run(ctx, []string{"."}, &stdout, &stderr); code != exitInterrupted {
			t.Errorf("scan that heeds the interrupt %v: exit code %d, want %d", heeds, code, exitInterrupted)
		}
		if took := time.Since(start); took > 5*grace {
			t.Errorf("took %s to stop", took)
		}
	}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
}

func TestBrokenPipeIsQuiet(t *testing.T) {
	var stderr bytes.Buffer
	if code := Run(context.Background(), []string{t.TempDir()}, closedPipe{}, &stderr); code != exitFine || stderr.Len() > 0 {
		t.Errorf("exit code %d, stderr %q, want 0 and nothing", code, stderr.String())
	}
}

func TestProgressShowsTheStageAndCleansUp(t *testing.T) {
	var w bytes.Buffer
	p := &progress{}
	p.stage("reading\x1b[31m Go code")
	p.start(&w, 0)
	time.Sleep(20 * time.Millisecond)
	p.stop()
	got := w.String()
	if !strings.Contains(got, "⠋ reading[31m Go code") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("got %q, want the stage without control characters and the line cleared at the end", got)
	}
}

func TestProgressOfAShortScanShowsNothing(t *testing.T) {
	var w bytes.Buffer
	p := &progress{}
	p.start(&w, time.Hour)
	p.stop()
	if w.Len() > 0 {
		t.Errorf("got %q, want nothing", w.String())
	}
}

func TestOutputIsWrittenAsAWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	if err := os.WriteFile(file, []byte("old, and longer than the new content"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := writeFile(file, []byte("new")); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(file)
	if err != nil || string(b) != "new" {
		t.Errorf("got %q, %v; want new", b, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
