package compose_test

import (
	"context"
	"testing"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
)

// files are the content of a repository by path.
type files map[string]string

func (fs files) scan(t testing.TB) ([]compose.Project, []scanners.Diagnostic) {
	t.Helper()
	return compose.Scan(context.Background(), fixtures.Tree(t, fs))
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
