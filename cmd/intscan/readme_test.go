package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const readmeFile = "../../README.md"

// The blocks of the README that tests read: what to type, and what it prints.
var (
	readmeCommands = regexp.MustCompile("(?s)<!-- commands -->\n```sh\n(.*?)```\n<!-- /commands -->")
	readmeOutput   = regexp.MustCompile("(?s)(<!-- output: intscan ([^\n]*) -->\n```text\n)(.*?)(```\n<!-- /output -->)")
)

func readReadme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestReadmeCommands checks that the two commands of the README do what they say:
// the first is run here, the second is the one that runs this test.
func TestReadmeCommands(t *testing.T) {
	block := readmeCommands.FindStringSubmatch(readReadme(t))
	if block == nil {
		t.Fatal("README.md has no block of commands")
	}
	freshMachine(t)
	ran := 0
	for line := range strings.Lines(block[1]) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		switch words := strings.Fields(line); {
		case len(words) > 3 && words[0] == "go" && words[1] == "run" && words[2] == "./cmd/intscan":
			t.Chdir(filepath.Dir(readmeFile))
			runFine(t, words[3:]...)
			ran++
		case len(words) == 2 && words[0] == "make":
			if _, err := exec.LookPath("make"); err != nil {
				t.Logf("make is not installed; %q was not tried", line)
				continue
			}
			if out, err := exec.Command("make", "-n", words[1]).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
			ran++
		default:
			t.Errorf("cannot check the command %q", line)
		}
	}
	if ran == 0 {
		t.Error("no command was tried")
	}
}

// TestReadmeOutput keeps the output shown in the README what it is today, on a
// machine on which nothing was built yet.
func TestReadmeOutput(t *testing.T) {
	readme := readReadme(t)
	freshMachine(t)
	t.Chdir(filepath.Dir(readmeFile))
	if !readmeOutput.MatchString(readme) {
		t.Fatal("README.md shows no output")
	}
	got := readmeOutput.ReplaceAllStringFunc(readme, func(block string) string {
		part := readmeOutput.FindStringSubmatch(block)
		return part[1] + portable(runFine(t, strings.Fields(part[2])...)) + part[4]
	})
	if *update {
		if err := os.WriteFile(filepath.Base(readmeFile), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(readme, got); diff != "" {
		t.Errorf("README.md is out of date; go test ./cmd/intscan -update rewrites it (-want +got):\n%s", diff)
	}
}
