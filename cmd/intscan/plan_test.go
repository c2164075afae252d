package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/render"
)

// planSections are the twelve sections of the plan, in their order.
var planSections = []string{"overview", "map", "inventory", "discovery", "specification", "architecture", "sequence", "testing", "risk", "deployment", "monitoring", "criteria"}

// TestPlans writes the plan of each fixture and holds it to what every plan promises;
// those of two are compared whole with NAME.plan.md.
func TestPlans(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(fixtureDir, "*", "README.md"))
	if err != nil || len(dirs) < 8 {
		t.Fatalf("%d fixtures found, want at least 8 (%v)", len(dirs), err)
	}
	fixtures.Offline(t, fixtures.ModuleCache(t, filepath.Join(fixtureDir, "modules")))
	for _, readme := range dirs {
		dir := filepath.Dir(readme)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			doc := r.Plan.Document()
			var top []string
			for _, s := range doc.Sections {
				top = append(top, s.ID)
			}
			if diff := cmp.Diff(planSections, top); diff != "" {
				t.Errorf("sections (-want +got):\n%s", diff)
			}
			c := planCheck{t: t, dir: dir, ids: map[string]bool{}, lines: map[string]int{}}
			c.sections(doc.Sections)
			for _, target := range c.links {
				if !c.ids[target] {
					t.Errorf("a link leads to %s, which is no section", target)
				}
			}
			checkAlerts(t, r)
			if name := filepath.Base(dir); name == "shop" || name == "payments" {
				compareReport(t, dir+".plan.md", portable(runFine(t, "plan", dir)))
			}
		})
	}
}

type planCheck struct {
	t     *testing.T
	dir   string
	ids   map[string]bool
	links []string
	lines map[string]int // of files
}

func (c *planCheck) sections(all []document.Section) {
	for _, s := range all {
		if c.ids[s.ID] || s.ID == "" {
			c.t.Errorf("two sections have the ID %q", s.ID)
		}
		c.ids[s.ID] = true
		if len(s.Blocks) == 0 && len(s.Sections) == 0 {
			c.t.Errorf("section %s says nothing", s.ID)
		}
		for _, b := range s.Blocks {
			c.block(s.ID, b)
		}
		c.sections(s.Sections)
	}
}

func (c *planCheck) block(section string, b document.Block) {
	switch b := b.(type) {
	case document.Paragraph:
		c.text(b.Text)
	case document.Table:
		if len(b.Rows) == 0 {
			c.t.Errorf("section %s has an empty table", section)
		}
		for _, row := range b.Rows {
			if len(row) != len(b.Head) {
				c.t.Errorf("section %s: a row has %d cells under %d headings", section, len(row), len(b.Head))
			}
			for _, cell := range row {
				c.text(cell)
			}
		}
	case document.List:
		if len(b.Items) == 0 {
			c.t.Errorf("section %s has an empty list", section)
		}
		for _, i := range b.Items {
			c.text(i)
		}
	case document.Checklist:
		for _, i := range b.Items {
			c.text(i.Text)
		}
	}
}

// text checks that places exist and notes where links lead.
func (c *planCheck) text(t document.Text) {
	for _, s := range t {
		switch {
		case s.Kind == document.Link:
			c.links = append(c.links, s.Target)
		case s.Kind == document.At && s.At.File != "":
			if s.At.Line > c.lineCount(s.At.File) {
				c.t.Errorf("%s does not exist", s.At)
			}
		}
	}
}

func (c *planCheck) lineCount(file string) int {
	n, ok := c.lines[file]
	if !ok {
		n = -1
		if info, err := os.Stat(filepath.Join(c.dir, file)); err == nil {
			n = 0
			if !info.IsDir() {
				data, err := os.ReadFile(filepath.Join(c.dir, file))
				if err != nil {
					c.t.Error(err)
				}
				n = bytes.Count(data, []byte("\n")) + 1
			}
		}
		c.lines[file] = n
	}
	return n
}

// checkAlerts: the rules are well-formed and only about metrics that the code exposes.
func checkAlerts(t *testing.T, r *plan.Report) {
	t.Helper()
	var b bytes.Buffer
	if err := render.Alerts(&b, r); err != nil {
		t.Fatal(err)
	}
	var f struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	dec := yaml.NewDecoder(&b)
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		t.Fatal(err)
	}
	for _, g := range f.Groups {
		for _, rule := range g.Rules {
			known := slices.ContainsFunc(r.Observability.Metrics, func(m detect.Metric) bool { return strings.Contains(rule.Expr, m.Name) })
			if !known || rule.Alert == "" || rule.For == "" || rule.Annotations["summary"] == "" {
				t.Errorf("group %s: %+v", g.Name, rule)
			}
		}
	}
}
