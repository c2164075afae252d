package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/scanners"
)

// Deployment is section 10: what has to be configured and run, in which order, and
// what can be taken back.
type Deployment struct {
	Variables      []detect.Variable     `json:"variables"`
	Secrets        []detect.SecretSource `json:"secrets"`
	Flags          []detect.FeatureFlag  `json:"feature_flags"`
	Order          [][]string            `json:"order"`
	Migrations     []detect.MigrationSet `json:"migrations"`
	Infrastructure detect.Deployment     `json:"infrastructure"`
	Rollback       []Rollback            `json:"rollback"`
}

func deployment(f *Facts) Deployment {
	d := Deployment{Variables: f.Variables, Secrets: f.Deployment.Secrets, Flags: f.Deployment.Flags, Migrations: f.Data.Migrations, Infrastructure: f.Deployment, Rollback: f.rollback}
	d.Order, _ = ordered(f.dependencies())
	return d
}

// maxRows bounds the rows of a table in the document; the data has all.
const maxRows = 40

// capped bounds the rows of a table and says how many are left out.
func capped(t document.Table) []document.Block {
	more := len(t.Rows) - maxRows
	if more <= 0 {
		return []document.Block{t}
	}
	t.Rows = t.Rows[:maxRows]
	return []document.Block{t, document.P(scanners.CountAs(more, "more row stands", "more rows stand"), " in the plan's JSON.")}
}

// tabled ends a section with a table, or with the line that says why there is none.
func tabled(sec document.Section, t document.Table, none string) document.Section {
	sec.Blocks = capped(t)
	if len(t.Rows) == 0 {
		sec.Blocks = nothing(none)
	}
	return sec
}

func (d Deployment) section() document.Section {
	return document.Section{ID: "deployment", Title: "Configuration and deployment", Sections: []document.Section{
		d.variableSection(), d.secretSection(), d.flagSection(), d.orderSection(), d.migrationSection(), d.infrastructureSection(), d.rollbackSection(),
	}}
}

func (d Deployment) variableSection() document.Section {
	sec := document.Section{ID: "deployment-variables", Title: "Environment variables"}
	if len(d.Variables) == 0 {
		sec.Blocks = nothing("No environment variable is read or defined.")
		return sec
	}
	vars := slices.Clone(d.Variables)
	slices.SortStableFunc(vars, func(a, b detect.Variable) int { return cmp.Compare(attention(a), attention(b)) })
	t := document.Table{Head: []string{"Variable", "Integration", "Read", "Defined", "Default", "Required", "Secret"}}
	for _, v := range vars {
		read, defined := document.T("nowhere"), document.T("nowhere")
		if len(v.Reads) > 0 {
			read = document.T(v.Reads[0])
		}
		if len(v.Defined) > 0 {
			defined = document.T(v.Defined[0])
		}
		t.Rows = append(t.Rows, []document.Text{
			document.T(document.C(v.Name)), document.T(v.Integration), read, defined, document.T(yes(v.Default)), document.T(yes(len(v.Reads) > 0 && !v.Default)), document.T(yes(v.Secret)),
		})
	}
	sec.Blocks = capped(t)
	return sec
}

// attention orders variables: what is read and defined nowhere first, then what is
// needed, then the rest.
func attention(v detect.Variable) int {
	switch {
	case len(v.Reads) > 0 && len(v.Defined) == 0 && !v.Default:
		return 0
	case len(v.Reads) > 0 && !v.Default:
		return 1
	case len(v.Reads) == 0:
		return 2
	}
	return 3
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (d Deployment) secretSection() document.Section {
	sec := document.Section{ID: "deployment-secrets", Title: "Secrets"}
	if len(d.Secrets) == 0 {
		sec.Blocks = nothing("No secret was recognised by its name or place.")
		return sec
	}
	byKind := map[string][]string{}
	var kinds []string
	for _, s := range d.Secrets {
		if byKind[s.Kind] == nil {
			kinds = append(kinds, s.Kind)
		}
		if !slices.Contains(byKind[s.Kind], s.Name) {
			byKind[s.Kind] = append(byKind[s.Kind], s.Name)
		}
	}
	var items []document.Text
	for _, k := range kinds {
		var names []document.Text
		for _, n := range firstNames(byKind[k], 20) {
			names = append(names, document.T(document.C(n)))
		}
		items = append(items, document.T("by ", strings.ReplaceAll(k, "_", " "), ": ", document.Join(names, ", ")))
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (d Deployment) flagSection() document.Section {
	sec := document.Section{ID: "deployment-flags", Title: "Feature flags"}
	t := document.Table{Head: []string{"Flag", "How", "Guards", "At"}}
	for _, fl := range d.Flags {
		t.Rows = append(t.Rows, []document.Text{document.T(document.C(cmp.Or(fl.Name, "(computed)"))), document.T(cmp.Or(fl.Library, fl.Kind)), document.T(strings.Join(firstNames(fl.Guards, 5), ", ")), document.T(fl.Position)})
	}
	return tabled(sec, t, "No feature flag: neither a flag library nor a switch in the environment.")
}

func (d Deployment) orderSection() document.Section {
	sec := document.Section{ID: "deployment-order", Title: "Deployment order"}
	if len(d.Order) == 0 {
		sec.Blocks = nothing("Nothing depends on anything else, so the order is free.")
		return sec
	}
	var items []document.Text
	for i, names := range d.Order {
		items = append(items, document.T(fmt.Sprintf("%d. ", i+1), strings.Join(firstNames(names, 15), ", ")))
	}
	sec.Blocks = []document.Block{document.List{Items: items}}
	return sec
}

func (d Deployment) migrationSection() document.Section {
	sec := document.Section{ID: "deployment-migrations", Title: "Database migrations"}
	t := document.Table{Head: []string{"Folder", "Tool", "Migrations", "With a step back", "Latest"}}
	for _, m := range d.Migrations {
		t.Rows = append(t.Rows, []document.Text{document.T(document.C(m.Dir)), document.T(m.Tool), document.T(m.Count), document.T(m.Down), document.T(document.C(m.Latest))})
	}
	return tabled(sec, t, "No migrations were found.")
}

func (d Deployment) infrastructureSection() document.Section {
	sec := document.Section{ID: "deployment-infrastructure", Title: "Infrastructure"}
	in := d.Infrastructure
	if len(in.Containers)+len(in.Images)+len(in.Objects)+len(in.Workflows) == 0 {
		sec.Blocks = nothing("No compose file, Dockerfile, Kubernetes object or deploying workflow says what is needed.")
		return sec
	}
	if len(in.Containers) > 0 {
		t := document.Table{Head: []string{"Service", "Image", "Ports", "Volumes", "Networks", "Limits", "At"}}
		for _, c := range in.Containers {
			limits := strings.TrimSpace(strings.Join([]string{prefix("cpus ", c.CPUs), prefix("memory ", c.Memory)}, " "))
			t.Rows = append(t.Rows, []document.Text{document.T(document.C(c.Service)), document.T(c.Image), document.T(strings.Join(c.Ports, ", ")), document.T(strings.Join(c.Volumes, ", ")),
				document.T(strings.Join(c.Networks, ", ")), document.T(orNone(limits, "none")), document.T(c.Position)})
		}
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	if len(in.Images) > 0 {
		t := document.Table{Head: []string{"Dockerfile", "Base", "Ports", "User", "Healthcheck"}}
		for _, b := range in.Images {
			t.Rows = append(t.Rows, []document.Text{document.T(b.Position), document.T(strings.Join(b.Bases, ", ")), document.T(strings.Join(b.Ports, ", ")), document.T(orNone(b.User, "root")), document.T(yes(b.Healthcheck))})
		}
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	if len(in.Objects) > 0 {
		t := document.Table{Head: []string{"Kubernetes object", "Name", "Replicas", "Liveness", "Readiness", "Limits", "At"}}
		for _, o := range in.Objects {
			t.Rows = append(t.Rows, []document.Text{document.T(o.Kind), document.T(o.Name), document.T(o.Replicas), of(o.Liveness, o.Containers), of(o.Readiness, o.Containers), of(o.Limits, o.Containers), document.T(o.Position)})
		}
		sec.Blocks = append(sec.Blocks, capped(t)...)
	}
	var items []document.Text
	for _, w := range in.Workflows {
		for _, s := range w.Steps {
			items = append(items, document.T(w.Name, " (", w.System, ") ", s.Does, " with ", document.C(s.Tool), ", ", s.Position))
		}
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items[:min(len(items), maxRows)]})
	}
	return sec
}

func of(n, all int) document.Text {
	if all == 0 {
		return nil
	}
	return document.T(fmt.Sprintf("%d of %d", n, all))
}

func prefix(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}

func (d Deployment) rollbackSection() document.Section {
	sec := document.Section{ID: "deployment-rollback", Title: "Rollback"}
	cannot, can := 0, 0
	for _, r := range d.Rollback {
		if r.Can {
			can++
		} else {
			cannot++
		}
	}
	if len(d.Rollback) == 0 {
		sec.Blocks = nothing("Nothing in the repository needs a step back of its own.")
		return sec
	}
	sec.Blocks = []document.Block{document.P(fmt.Sprintf("%d of %d can be taken back; ", can, can+cannot), document.Ref("which, and how", "testing-rollback"), ".")}
	return sec
}
