package rules_test

import (
	"cmp"
	"context"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
)

// Each rule has an archive fixtures/rules/RULE.txtar with three repositories:
//
//	fires/...   the rule fires exactly on the lines that end in "want RULE"
//	silent/...  a twin on which it does not
//	fixed/...   files that replace or join those of fires: the rule's own remedy
//	            applied, after which it is silent
//
// The mark stands in a comment of whatever language the file has. A line may be
// marked by several rules; marks of other rules are compared by their archives.

const ruleFixtures = "../../fixtures/rules"

func TestRules(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, "../../fixtures/modules"))
	for _, rule := range rules.All() {
		t.Run(rule.ID, func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(filepath.Join(ruleFixtures, rule.ID+".txtar"))
			if err != nil {
				t.Fatalf("each rule has a fixture: %v", err)
			}
			fires, silent, fixed := part(a, "fires"), part(a, "silent"), part(a, "fixed")
			if len(fires) == 0 || len(silent) == 0 || len(fixed) == 0 {
				t.Fatal("the archive needs files under fires/, silent/ and fixed/")
			}
			wanted := marks(fires, rule.ID)
			if len(wanted) == 0 {
				t.Fatalf("no line under fires/ ends in \"want %s\"", rule.ID)
			}
			if diff := gocmp.Diff(wanted, lines(findings(t, fires, rule.ID))); diff != "" {
				t.Errorf("fires (-want +got):\n%s", diff)
			}
			for _, f := range findings(t, fires, rule.ID) {
				if f.Message == "" || f.Remediation == "" || f.Why == "" || f.Fingerprint == "" || f.Anchor == "" {
					t.Errorf("a field of the finding is empty: %+v", f)
				}
				if f.Severity.Rank() < rule.Severity.Rank() {
					t.Errorf("severity %s is graver than the rule's %s", f.Severity, rule.Severity)
				}
			}
			if got := lines(findings(t, silent, rule.ID)); len(got) > 0 {
				t.Errorf("silent: fires on %v", got)
			}
			maps.Copy(fires, fixed)
			if got := lines(findings(t, fires, rule.ID)); len(got) > 0 {
				t.Errorf("fixed: still fires on %v", got)
			}
		})
	}
}

// TestFixturesHaveRules keeps archives of rules that are gone out of the tree.
func TestFixturesHaveRules(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(ruleFixtures, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, ok := rules.Lookup(strings.TrimSuffix(filepath.Base(file), ".txtar")); !ok {
			t.Errorf("%s is no rule's fixture", file)
		}
	}
}

// TestDeclarations holds every rule to the form that its readers rely on.
func TestDeclarations(t *testing.T) {
	id := regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if !id.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("%s: an ID is in kebab case and belongs to one rule", r.ID)
		}
		seen[r.ID] = true
		for _, text := range []string{r.Rationale, r.Remedy, r.Silent} {
			if !strings.HasSuffix(text, ".") {
				t.Errorf("%s: rationale, remedy and silence are sentences: %q", r.ID, text)
			}
		}
		if cmp.Or(r.Title, "?") == "?" || strings.HasSuffix(r.Title, ".") || r.Since == "" || r.Example == "" {
			t.Errorf("%s: title (no full stop), since and example are needed", r.ID)
		}
		if !slices.Contains(rules.Categories, r.Category) || r.Severity.Rank() >= len(rules.Severities) {
			t.Errorf("%s: category %q, severity %q", r.ID, r.Category, r.Severity)
		}
	}
}

// part is the files of one folder of an archive, by their path below it.
func part(a *txtar.Archive, folder string) map[string][]byte {
	out := map[string][]byte{}
	for _, f := range a.Files {
		if rest, ok := strings.CutPrefix(f.Name, folder+"/"); ok {
			out[rest] = f.Data
		}
	}
	return out
}

func marks(files map[string][]byte, rule string) []place {
	var out []place
	for name, data := range files {
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			_, wants, ok := strings.Cut(strings.TrimRight(line, "\n"), "want ")
			if ok && slices.Contains(strings.Fields(wants), rule) {
				out = append(out, place{path.Clean(name), n})
			}
		}
	}
	return sorted(out)
}

type place struct {
	File string
	Line int
}

func sorted(ps []place) []place {
	slices.SortFunc(ps, func(a, b place) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line)) })
	return ps
}

func lines(fs []rules.Finding) []place {
	var out []place
	for _, f := range fs {
		out = append(out, place{f.File, f.Line})
	}
	return sorted(out)
}

// findings are those of one rule in a repository of the given files.
func findings(t *testing.T, files map[string][]byte, rule string) []rules.Finding {
	t.Helper()
	dir := t.TempDir()
	unpack(t, files, dir)
	r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var out []rules.Finding
	for _, f := range r.Findings {
		if f.Rule == rule {
			out = append(out, f)
		}
	}
	return out
}

func unpack(t *testing.T, files map[string][]byte, dir string) {
	t.Helper()
	a := &txtar.Archive{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: files[name]})
	}
	fixtures.Unpack(t, a, dir)
}

// TestHeedlessRemedy: nobody is told to give a deadline to a client that ignores it.
func TestHeedlessRemedy(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, "../../fixtures/modules"))
	a, err := txtar.ParseFile(filepath.Join(ruleFixtures, "timeout-broker.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range findings(t, part(a, "fires"), "timeout-broker") {
		got[f.Integration] = strings.Contains(f.Remediation, "beside a timer") && strings.Contains(f.Example, "time.After")
	}
	if diff := gocmp.Diff(map[string]bool{"kafka": false, "mqtt": false, "rabbitmq": true}, got); diff != "" {
		t.Errorf("told to wait beside a timer (-want +got):\n%s", diff)
	}
}
