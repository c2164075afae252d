package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v4"
)

// TestRuns runs the scripts of the GitHub Action and the GitLab component as their
// systems do.
func TestRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("runners that have bash")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "runs"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			for _, v := range []string{
				"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com",
				"GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com", "REPO=" + repo, "GITHUB_ACTION_PATH=" + repo,
				"RUNNER_TEMP=" + filepath.Join(env.WorkDir, "runner"), "GITHUB_OUTPUT=" + filepath.Join(env.WorkDir, "outputs"),
				"GITHUB_STEP_SUMMARY=" + filepath.Join(env.WorkDir, "summary.md"), "GITHUB_REPOSITORY=example/shop",
			} {
				name, value, _ := strings.Cut(v, "=")
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "gitlab": gitlab},
	})
}

// gitlab FILE NAME=VALUE... writes the script of the component's job to FILE, with the
// inputs filled in as GitLab does.
func gitlab(ts *testscript.TestScript, _ bool, args []string) {
	c, err := readComponent(filepath.Join(ts.Getenv("REPO"), ".gitlab", "intscan.yml"))
	ts.Check(err)
	values := map[string]string{}
	for name, in := range c.inputs {
		values[name] = fmt.Sprint(in["default"])
	}
	for _, a := range args[1:] {
		name, value, _ := strings.Cut(a, "=")
		if _, ok := values[name]; !ok {
			ts.Fatalf("the component has no input %s", name)
		}
		values[name] = value
	}
	var jobs map[string]struct {
		Variables map[string]string
		Script    []string
	}
	ts.Check(yaml.Unmarshal(gitlabInput.ReplaceAllFunc(c.jobs, func(m []byte) []byte {
		return []byte(values[string(gitlabInput.FindSubmatch(m)[1])])
	}), &jobs))
	job := jobs[values["job"]]
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(job.Variables)) {
		fmt.Fprintf(&b, "%s='%s'\n", name, job.Variables[name])
	}
	b.WriteString("set -e\n" + strings.Join(job.Script, "\n") + "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}

var gitlabInput = regexp.MustCompile(`\$\[\[ *inputs\.([a-z-]+) *\]\]`)

type component struct {
	inputs map[string]map[string]any
	jobs   []byte
}

func readComponent(file string) (c component, err error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	head, jobs, ok := bytes.Cut(b, []byte("\n---\n"))
	if !ok {
		return c, fmt.Errorf("%s has no two documents", file)
	}
	var spec struct {
		Spec struct{ Inputs map[string]map[string]any }
	}
	err = yaml.Unmarshal(head, &spec)
	return component{spec.Spec.Inputs, jobs}, err
}

// TestComponentInputs: each input of the GitLab component is used, none is used that
// there is not.
func TestComponentInputs(t *testing.T) {
	c, err := readComponent("../../.gitlab/intscan.yml")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range gitlabInput.FindAllSubmatch(c.jobs, -1) {
		used[string(m[1])] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(c.inputs)), slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("inputs (-declared +used):\n%s", diff)
	}
}

// TestActionInputs holds the action's inputs against what its steps and scripts use and
// what its page lists.
func TestActionInputs(t *testing.T) {
	b, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]struct{ Description, Default string }
		Runs   struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(b, &action); err != nil {
		t.Fatal(err)
	}
	declared := slices.Sorted(maps.Keys(action.Inputs))
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllSubmatch(b, -1) {
		used[string(m[1])] = true
	}
	if diff := cmp.Diff(declared, slices.Sorted(maps.Keys(used))); diff != "" {
		t.Errorf("inputs (-declared +used):\n%s", diff)
	}
	page, err := os.ReadFile(filepath.Join(pagesDir, "github-actions.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range declared {
		row := fmt.Sprintf("| `%s` | `%s` | %s |\n", name, action.Inputs[name].Default, action.Inputs[name].Description)
		if !strings.Contains(string(page), strings.ReplaceAll(row, "``", "")) {
			t.Errorf("the page on GitHub Actions lacks the row\n%s", row)
		}
	}
	script := regexp.MustCompile(`\.github/action/[a-z]+\.sh`)
	for _, s := range action.Runs.Steps {
		name := script.FindString(s.Run)
		if name == "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		for v := range s.Env {
			if v != "GH_TOKEN" && !bytes.Contains(text, []byte(v)) {
				t.Errorf("%s does not read %s, which its step sets", name, v)
			}
		}
	}
}
