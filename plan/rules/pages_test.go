package rules_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/rules"
)

// rulesPage shows every rule with a finding and its cure. SARIF and
// `intscan explain` point to its headings.
const rulesPage = "RULES.md"

var update = flag.Bool("update", false, "rewrite "+rulesPage)

// TestPage keeps the rules' page what the declarations and the fixtures say: a
// finding as it is printed for the fixture's fires/, and the change to its fixed/.
func TestPage(t *testing.T) {
	fixtures.Offline(t, fixtures.ModuleCache(t, "../../fixtures/modules"))
	all := rules.All()
	parts := make([]string, len(all))
	var wait sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, rule := range all {
		wait.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			parts[i] = ruleText(t, rule)
		})
	}
	wait.Wait()
	got := pageHead(all)
	for i, rule := range all {
		if i == 0 || all[i-1].Category != rule.Category {
			got += "\n## " + title(rule.Category) + "\n"
		}
		got += parts[i]
	}
	if *update {
		if err := os.WriteFile(rulesPage, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatalf("%v (go test ./plan/rules -update writes it)", err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date; go test ./plan/rules -update rewrites it (-want +got):\n%s", rulesPage, diff)
	}
}

func title(c rules.Category) string { return strings.ToUpper(string(c[:1])) + string(c[1:]) }

func pageHead(all []rules.Rule) string {
	var b strings.Builder
	b.WriteString(`<!-- Written by go test ./plan/rules -update from the rules' declarations and fixtures; do not edit. -->
# Rules

A rule fires only on what the files show to be absent; where the code cannot tell, it is
silent. The severity below is the gravest that a rule gives: a finding's own is one
step lower where no request waits for the call, and one where little hangs on the other
side. Each rule is shown with a finding as ` + "`intscan -v`" + ` prints it and with the change after
which it is gone. The [configuration](../../.github/docs/configuration.md) switches rules
off and changes their severity; a comment silences one finding:

` + "```go\n//intscan:ignore " + all[0].ID + " the carrier's gateway ends every request after 5 s\n```\n")
	for _, c := range rules.Categories {
		fmt.Fprintf(&b, "\n| %s | severity | |\n|---|---|---|\n", c)
		for _, r := range all {
			if r.Category == c {
				fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Severity, r.Title)
			}
		}
	}
	return b.String()
}

// ruleText is the page's part on one rule.
func ruleText(t *testing.T, rule rules.Rule) string {
	a, err := txtar.ParseFile(filepath.Join(ruleFixtures, rule.ID+".txtar"))
	if err != nil {
		t.Errorf("each rule has a fixture: %v", err)
		return ""
	}
	fires, fixed := unmarked(part(a, "fires")), unmarked(part(a, "fixed"))
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n**%s** · %s · since %s\n\n%s\n\n", rule.ID, rule.Title, rule.Severity, rule.Since, rule.Rationale)
	fmt.Fprintf(&b, "*What to do.* %s\n\n*When it is silent.* %s\n\n", rule.Remedy, rule.Silent)
	fmt.Fprintf(&b, "*A finding* of its [fixture](../../fixtures/rules/%s.txtar):\n\n```text\n%s```\n\n", rule.ID, firstFinding(t, fires, rule.ID))
	fmt.Fprintf(&b, "*The cure* of that fixture:\n\n```diff\n%s```\n", changes(fires, fixed))
	return b.String()
}

// mark is what the fixtures say to the test; nobody else needs to read it.
var mark = regexp.MustCompile(`(?m)[ \t]*(//|#|--)[ \t]*want [a-z0-9 -]+$`)

func unmarked(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, data := range files {
		out[name] = mark.ReplaceAll(data, nil)
	}
	return out
}

// firstFinding is the gravest finding of the rule as the text format prints it.
func firstFinding(t *testing.T, files map[string][]byte, rule string) string {
	t.Helper()
	dir := t.TempDir()
	unpack(t, files, dir)
	r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
	if err != nil {
		t.Error(err)
		return ""
	}
	i := slices.IndexFunc(r.Findings, func(f rules.Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Errorf("%s does not fire on its fixture", rule)
		return ""
	}
	r.Findings = r.Findings[i : i+1]
	var text bytes.Buffer
	if err := render.Text(&text, r, render.TextOptions{Verbose: true}); err != nil {
		t.Error(err)
	}
	_, rest, _ := strings.Cut(text.String(), "\nFindings  ")
	_, rest, _ = strings.Cut(rest, "\n") // the heading counts what is left out here
	finding, _, ok := strings.Cut(rest, "\n\n")
	if !ok {
		t.Errorf("no finding is printed for %s:\n%s", rule, text.String())
	}
	return unindented(finding)
}

func unindented(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s + "\n") {
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	return b.String()
}

// changes is the difference between the files of fires/ and those of fixed/.
func changes(fires, fixed map[string][]byte) string {
	var b strings.Builder
	for _, name := range slices.SortedFunc(maps.Keys(fixed), cmp.Compare[string]) {
		old := name
		if fires[name] == nil {
			old = os.DevNull
		}
		d := diff.Diff(old, fires[name], name, fixed[name])
		_, d, _ = bytes.Cut(d, []byte("\n")) // "diff old new" says what the next two lines say
		b.Write(d)
	}
	return b.String()
}
