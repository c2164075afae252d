package compose_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
)

// files are the content of a repository by path.
type files map[string]string

func (fs files) scan(t testing.TB) ([]compose.Project, []scanners.Diagnostic) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range fs {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := scanners.OpenTree(dir, scanners.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return compose.Scan(context.Background(), tree)
}

// one scans files that hold one project and gives no diagnostic.
func (fs files) one(t testing.TB) compose.Project {
	t.Helper()
	projects, diags := fs.scan(t)
	for _, d := range diags {
		t.Errorf("unexpected %s at %s: %s", d.Severity, d.Position, d.Message)
	}
	if len(projects) != 1 {
		t.Fatalf("%d projects, want 1", len(projects))
	}
	return projects[0]
}

// brief is a line a service: place, name, image as written and as resolved.
func brief(ps []compose.Project) []string {
	var out []string
	for _, p := range ps {
		for _, s := range p.Services {
			line := s.Position.String() + " " + s.Name + " " + s.Image
			if s.ResolvedImage != s.Image {
				line += " -> " + s.ResolvedImage
			}
			if s.Overlay {
				line += " (overlay)"
			}
			out = append(out, line)
		}
	}
	return out
}

func lines(ds []scanners.Diagnostic) []string {
	var out []string
	for _, d := range ds {
		out = append(out, string(d.Severity)+" "+d.Position.String()+" "+d.Message)
	}
	return out
}
