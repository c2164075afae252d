package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const readmeFile = "../../README.md"

// readmeCommands is the block that says how to try intscan out of a clone.
var readmeCommands = regexp.MustCompile("(?s)<!-- commands -->\n```sh\n(.*?)```\n<!-- /commands -->")

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
