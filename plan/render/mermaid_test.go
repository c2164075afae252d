package render_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
)

// TestMermaidParses gives the maps to the parser that forges draw them with.
func TestMermaidParses(t *testing.T) {
	parse := mermaidParser(t)
	if out, err := parse(mermaidFiles(t)...); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	broken := filepath.Join(t.TempDir(), "broken.mmd")
	if err := os.WriteFile(broken, []byte("flowchart LR\n  a[\"x --> b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := parse(broken); err == nil {
		t.Error("a broken diagram is taken for a good one")
	}
}

// mermaidParser runs the parser over files; the modules are those of
// testdata/mermaid/package.json, in the folder that INTSCAN_NODE_MODULES names.
func mermaidParser(t *testing.T) func(files ...string) (string, error) {
	t.Helper()
	modules := os.Getenv("INTSCAN_NODE_MODULES")
	if modules == "" {
		t.Skip("INTSCAN_NODE_MODULES names no folder with mermaid; .ci/run sets it")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not on the PATH")
	}
	return func(files ...string) (string, error) {
		cmd := exec.Command(node, append([]string{filepath.Join("testdata", "mermaid", "parse.cjs")}, files...)...)
		cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
}

// mermaidFiles writes the maps of all fixtures, of hostile names, and of few and many
// integrations.
func mermaidFiles(t *testing.T) []string {
	t.Helper()
	const folder = "../../fixtures"
	reports := map[string]*plan.Report{"rich": planned(richReport()), "hostile": hostileReport(), "nothing": planned(&plan.Report{}), "with-30": planned(crowd(30)), "with-300": planned(crowd(300))}
	readmes, err := filepath.Glob(filepath.Join(folder, "*", "README.md"))
	if err != nil || len(readmes) < 8 {
		t.Fatalf("%d fixtures found, want at least 8 (%v)", len(readmes), err)
	}
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(folder, "modules")))
	for _, readme := range readmes {
		r, err := plan.Scan(context.Background(), plan.Options{Dir: filepath.Dir(readme)})
		if err != nil {
			t.Fatal(err)
		}
		reports[filepath.Base(filepath.Dir(readme))] = r
	}
	maps.Copy(reports, realReports(t))
	dir := t.TempDir()
	var files []string
	for name, r := range reports {
		var b bytes.Buffer
		if err := render.PlanMermaid(&b, r); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".mmd")
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// realReports are those of the repositories that the environment names, for a person who
// wants to see how the renderers do on them.
func realReports(t *testing.T) map[string]*plan.Report {
	t.Helper()
	out := map[string]*plan.Report{}
	for _, dir := range filepath.SplitList(os.Getenv("INTSCAN_TEST_REPOS")) {
		r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		out["real "+filepath.Base(dir)] = r
	}
	return out
}

// crowd is a report of n integrations and n/3 binaries that call every third of them.
func crowd(n int) *plan.Report {
	r := &plan.Report{}
	for i := range n / 3 {
		b := detect.Binary{Name: fmt.Sprintf("binary%d", i), Package: fmt.Sprintf("example.com/b%d", i), Scope: detect.ScopeRuntime}
		for j := i % 3; j < n; j += 3 {
			b.Integrations = append(b.Integrations, fmt.Sprintf("system%d", j))
		}
		r.Repository.Binaries = append(r.Repository.Binaries, b)
	}
	for i := range n {
		id := fmt.Sprintf("system%d", i)
		r.Integrations = append(r.Integrations, detect.Integration{ID: id, System: id, Name: "System " + id, Kind: catalog.Kinds[i%len(catalog.Kinds)], Direction: catalog.Outbound, Protocol: "HTTPS", Scope: detect.ScopeRuntime})
	}
	return r
}
