package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README and the pages in .github/docs are run: each is one session of one shell,
// in an empty folder, in the order of its blocks.
//
//	<!-- file: NAME -->   the code block that follows is written to the file NAME
//	<!-- run -->          the lines of the code block that begin with "$ " are run; the
//	                      lines between them are what they print. A command that fails
//	                      is followed by "$ echo $?".
//	<!-- quietly ... -->  what the reader has done already, or need not see; it must
//	                      print nothing. $REPO is this repository. "exit 77" says that
//	                      the page cannot be run on this machine.
const pagesDir = "../../.github/docs"

var pageBlock = regexp.MustCompile("(?ms)^<!-- (?:run|file: (?P<file>[^\n]+)) -->\n```\\w*\n(?P<body>.*?)^```$|^<!-- quietly\n(?P<quietly>.*?)^-->$")

// step is one command of a page, or what stands for one.
type step struct {
	script     string
	command    string // as the page shows it; "" where the page shows none
	start, end int    // of the output shown
}

func TestPages(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the pages are sessions of a POSIX shell")
	}
	for _, tool := range []string{"sh", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	pages, err := filepath.Glob(filepath.Join(pagesDir, "*.md"))
	if err != nil || len(pages) < 8 {
		t.Fatalf("%d pages found, want at least 8 (%v)", len(pages), err)
	}
	freshMachine(t)
	for _, page := range append(pages, readmeFile) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			want := string(b)
			got := replayed(t, want)
			if *update {
				if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the page is out of date; go test ./cmd/intscan -run Pages -update rewrites it (-want +got):\n%s", diff)
			}
		})
	}
}

// replayed is the page with what its commands print today.
func replayed(t *testing.T, page string) string {
	t.Helper()
	steps := stepsOf(page)
	results := session(t, steps)
	var b strings.Builder
	at := 0
	for i, s := range steps {
		output, failed := results[i].output, results[i].status != 0
		if s.command == "" {
			if output != "" || failed {
				t.Errorf("what the page does quietly ends with %d and prints %q:\n%s", results[i].status, output, s.script)
			}
			continue
		}
		if failed && (i+1 == len(steps) || steps[i+1].command != "echo $?") {
			t.Errorf("%q fails (%d) and the page does not say so with \"$ echo $?\":\n%s", s.command, results[i].status, output)
		}
		b.WriteString(page[at:s.start] + output)
		at = s.end
	}
	return b.String() + page[at:]
}

func stepsOf(page string) []step {
	var steps []step
	for _, m := range pageBlock.FindAllStringSubmatchIndex(page, -1) {
		group := func(name string) string {
			if i := 2 * pageBlock.SubexpIndex(name); m[i] >= 0 {
				return page[m[i]:m[i+1]]
			}
			return ""
		}
		switch file := group("file"); {
		case file != "":
			steps = append(steps, step{script: fmt.Sprintf("mkdir -p \"$(dirname '%s')\" && cat > '%s' <<'end of the file'\n%send of the file\n", file, file, group("body"))})
		case group("quietly") != "":
			steps = append(steps, step{script: group("quietly")})
		default:
			steps = append(steps, commandsOf(group("body"), m[2*pageBlock.SubexpIndex("body")])...)
		}
	}
	return steps
}

// commandsOf reads a block of commands and output, which lies at offset in its page.
func commandsOf(block string, offset int) []step {
	var steps []step
	continued := false
	for line := range strings.Lines(block) {
		offset += len(line)
		switch command, ok := strings.CutPrefix(line, "$ "); {
		case ok:
			steps = append(steps, step{script: command, command: strings.TrimSpace(command), start: offset, end: offset})
			continued = strings.HasSuffix(command, "\\\n")
		case continued:
			last := &steps[len(steps)-1]
			last.script += line
			last.start, last.end = offset, offset
			continued = strings.HasSuffix(line, "\\\n")
		case len(steps) > 0:
			steps[len(steps)-1].end = offset
		}
	}
	return steps
}

type result struct {
	output string
	status int
}

// session runs the steps in one shell. Between two it prints a separator with the
// status of the one that ended, and hands this status on.
func session(t *testing.T, steps []step) []result {
	t.Helper()
	const separator = "\x1e"
	var script strings.Builder
	for _, s := range steps {
		script.WriteString(s.script + "\nstatus=$?; printf '\\036%d\\036' $status; (exit $status)\n")
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir, home := t.TempDir(), t.TempDir()
	cmd := exec.Command("sh", "-c", "exec 2>&1\n"+script.String())
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "REPO="+repo, "HOME="+home, "PWD="+dir, "LC_ALL=C.UTF-8", "XDG_CACHE_HOME="+home, "TMPDIR="+home,
		"GIT_CONFIG_SYSTEM="+os.DevNull,
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com",
		"GIT_AUTHOR_DATE=2026-01-05T09:00:00Z", "GIT_COMMITTER_DATE=2026-01-05T09:00:00Z",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=init.defaultBranch", "GIT_CONFIG_VALUE_0=main")
	out, err := cmd.CombinedOutput()
	parts := strings.Split(string(out), separator)
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == 77 {
		t.Skipf("the page cannot be run here: %s", parts[len(parts)-1])
	}
	if len(parts) != 2*len(steps)+1 {
		t.Fatalf("the shell ended (%v) after %d of %d steps:\n%s", err, len(parts)/2, len(steps), out)
	}
	var results []result
	for pair := range slices.Chunk(parts[:2*len(steps)], 2) {
		status, err := strconv.Atoi(pair[1])
		if err != nil {
			t.Fatalf("the output holds the separator itself: %q", pair[0])
		}
		output := strings.NewReplacer(dir, "~", home, "~", repo, "~").Replace(portable(pair[0]))
		if output != "" && !strings.HasSuffix(output, "\n") {
			output += "\n"
		}
		results = append(results, result{output, status})
	}
	return results
}
