package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/revision"
)

type hook struct {
	ID, Language, Entry, Files string
	PassFilenames              bool `yaml:"pass_filenames"`
	RequireSerial              bool `yaml:"require_serial"`
}

func readHooks(t *testing.T) []hook {
	t.Helper()
	b, err := os.ReadFile("../../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []hook
	if err := yaml.Unmarshal(b, &hooks); err != nil {
		t.Fatal(err)
	}
	return hooks
}

// TestHooks: a hook and its variants run the same, by commands that there are.
func TestHooks(t *testing.T) {
	entries := map[string]string{}
	for _, h := range readHooks(t) {
		if h.PassFilenames || !h.RequireSerial {
			t.Errorf("%s: a scan takes the repository, once", h.ID)
		}
		id := strings.TrimSuffix(strings.TrimSuffix(h.ID, "-system"), "-docker")
		_, args, _ := strings.Cut(h.Entry, " ")
		if entries[id] == "" {
			entries[id] = args
		}
		if entries[id] != args {
			t.Errorf("%s runs %q, another variant %q", h.ID, args, entries[id])
		}
	}
	for id, args := range entries {
		t.Run(id, func(t *testing.T) {
			words := append(strings.Fields(args), "--help")
			runFine(t, words...)
		})
	}
}

// TestHookFiles: whatever file a report names, a change of it starts the hook.
func TestHookFiles(t *testing.T) {
	if diff := cmp.Diff(revision.Files, readHooks(t)[0].Files); diff != "" {
		t.Errorf("what the hooks start on is not what matters of a revision (-want +got):\n%s", diff)
	}
	pattern := regexp.MustCompile(revision.Files)
	freshMachine(t)
	seen := map[string]bool{}
	note := func(file string) {
		if seen[file] = true; file != "" && !pattern.MatchString(file) {
			t.Errorf("a report names %s, and a change of it starts no hook", file)
		}
	}
	dirs, err := filepath.Glob(filepath.Join(fixtureDir, "*", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, readme := range dirs {
		r, err := plan.Scan(context.Background(), plan.Options{Dir: filepath.Dir(readme)})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range r.Integrations {
			for _, e := range in.Evidence {
				note(e.File)
			}
		}
		for _, f := range r.Findings {
			note(f.File)
		}
		for _, s := range r.Services {
			note(s.File)
		}
	}
	if len(seen) < 30 {
		t.Errorf("only %d files were named", len(seen))
	}
	for name, want := range map[string]bool{
		"a/b.go": true, "go.work": true, "vendor/modules.txt": true, "deploy/Dockerfile.api": true, "api.Dockerfile": true,
		".env": true, ".env.local": true, "prod.env": true, "env.example": true, "conf/app.yaml.dist": true, ".envrc": true, "main.tf": true,
		"README.md": false, "logo.png": false, "docs/environment.md": false, "LICENSE": false,
	} {
		if got := pattern.MatchString(name); got != want {
			t.Errorf("a change of %s starts the hook: %v, want %v", name, got, want)
		}
	}
}

// TestPreCommitBuildsHook lets pre-commit itself build the hook from this source and
// stop a commit with it.
func TestPreCommitBuildsHook(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("builds intscan")
	}
	for _, tool := range []string{"pre-commit", "git", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	goEnv := func(name string) string {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return name + "=" + strings.TrimSpace(string(out))
	}
	home, repo := t.TempDir(), t.TempDir()
	cmd := exec.Command("sh", "-ec", `
for f in go.mod go.sum .pre-commit-hooks.yaml cmd detect plan scanners fixtures; do cp -r "$SOURCE/$f" .; done
git init -q && git add -A && git commit -q -m hooks && git tag v0.1.0
mkdir shop && cd shop && git init -q && cp -r "$SOURCE/.github/docs/example/." . && git add -A && git commit -q -m one
printf 'repos:\n- repo: %s\n  rev: v0.1.0\n  hooks:\n  - id: intscan\n' "$HOOKS" > .pre-commit-config.yaml
pre-commit install > /dev/null && git add .pre-commit-config.yaml && git commit -q -m two
sed 's/package carrier/package main/' carrier/carrier.go > second.go
sed -i.bak 's/:= carrier.New/:= New/; /example.com.quotes.carrier/d' main.go && git add main.go second.go
git commit -q -m three && exit 1
git commit -q --no-verify -m three`)
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Dir = repo
	cmd.Env = append(os.Environ(), "SOURCE="+source, "HOOKS="+repo, "HOME="+home, "XDG_CACHE_HOME="+home, goEnv("GOCACHE"), goEnv("GOMODCACHE"), goEnv("GOPROXY"),
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "timeout-http-client") || !strings.Contains(string(out), "Gate failed") {
		t.Errorf("the hook did not say what is wrong:\n%s", out)
	}
}
