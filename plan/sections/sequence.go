package sections

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// Sequence is section 7: what needs what, and in which order to mend what is
// missing.
type Sequence struct {
	Dependencies []Dependency `json:"dependencies"`
	// Levels order the components: each needs only those of earlier levels.
	Levels       [][]string `json:"levels"`
	Cycles       [][]string `json:"cycles"`
	CriticalPath []string   `json:"critical_path"`
	// Versions are the client libraries that a change of version or successor waits
	// for.
	Versions []Task  `json:"versions"`
	Phases   []Phase `json:"phases"`
}

// Phase is a part of the work that can start when the one before is done.
type Phase struct {
	Name  string `json:"name"`
	Why   string `json:"why"`
	Tasks []Task `json:"tasks"`
}

// Task is one finding's change.
type Task struct {
	ID          string            `json:"id"` // "F1": the phase's letter and a number
	Rule        string            `json:"rule"`
	Severity    rules.Severity    `json:"severity"`
	Integration string            `json:"integration,omitempty"`
	What        string            `json:"what"`
	Change      string            `json:"change"`
	At          scanners.Position `json:"at"`
	// Effort is S (one file, up to 3 places), M (up to 4 files and 15 places) or L.
	Effort string `json:"effort"`
	// After are the tasks that have to be done before.
	After []string `json:"after"`
	// Proof is what shows that it is done.
	Proof string `json:"proof"`
}

// phaseKinds are the kinds of systems of each phase: what everything stands on, what
// the program is for, what helps it along.
var phaseKinds = []struct {
	name  string
	kinds []string
}{
	{"Foundation", []string{"database", "cache", "storage", "auth", "secrets", "coordination", "network", ""}},
	{"Core", []string{"rpc", "graphql", "http", "payment", "messaging", "search", "workflow", "ai", "scm", "saas", "platform", "cloud"}},
	{"Supporting", []string{"notification", "analytics", "featureflag", "observability"}},
}

func sequence(f *Facts) Sequence {
	s := Sequence{Dependencies: f.dependencies(), Cycles: [][]string{}, CriticalPath: []string{}, Versions: []Task{}, Phases: []Phase{}}
	s.Levels, s.Cycles = ordered(s.Dependencies)
	s.CriticalPath = longest(s.Dependencies, s.Levels)
	for _, p := range phaseKinds {
		s.Phases = append(s.Phases, f.phase(p.name))
	}
	for _, p := range s.Phases {
		for _, t := range p.Tasks {
			if r, ok := rules.Lookup(t.Rule); ok && r.Category == rules.Versions {
				s.Versions = append(s.Versions, t)
			}
		}
	}
	return s
}

// phase gathers the findings of a phase.
func (f *Facts) phase(name string) Phase {
	p := Phase{Name: name, Tasks: []Task{}}
	var systems []string
	for i := range f.Findings {
		fd := &f.Findings[i]
		if fd.Suppressed != nil || f.phaseOf(fd) != name {
			continue
		}
		if f.integrations[fd.Integration] != nil {
			systems = append(systems, f.name(fd.Integration))
		}
		p.Tasks = append(p.Tasks, f.task(fd, fmt.Sprintf("%s%d", name[:1], len(p.Tasks)+1)))
	}
	slices.Sort(systems)
	p.Why = strings.Join(firstNames(slices.Compact(systems), 6), ", ")
	for i := range p.Tasks {
		p.Tasks[i].After = after(&p.Tasks[i], p.Tasks)
	}
	return p
}

// phaseOf goes by the kind of the integration; what is about seeing, not about
// working, comes last whatever the kind.
func (f *Facts) phaseOf(fd *rules.Finding) string {
	if r, _ := rules.Lookup(fd.Rule); r.Category == rules.Monitoring {
		return phaseKinds[len(phaseKinds)-1].name
	}
	kind := ""
	if in := f.integrations[fd.Integration]; in != nil {
		kind = in.Kind
	}
	for _, p := range phaseKinds {
		if slices.Contains(p.kinds, kind) {
			return p.name
		}
	}
	return phaseKinds[0].name
}

func firstNames(names []string, n int) []string {
	if len(names) > n {
		return append(slices.Clone(names[:n]), fmt.Sprintf("%d more", len(names)-n))
	}
	return names
}

func (f *Facts) task(fd *rules.Finding, id string) Task {
	files := map[string]bool{fd.File: true}
	for _, r := range fd.Related {
		files[r.File] = true
	}
	t := Task{ID: id, Rule: fd.Rule, Severity: fd.Severity, Integration: fd.Integration, What: fd.Message, Change: fd.Remediation, At: fd.Position, Effort: "L", After: []string{}}
	switch places := max(len(fd.Related), 1); {
	case len(files) == 1 && places <= 3:
		t.Effort = "S"
	case len(files) <= 4 && places <= 15:
		t.Effort = "M"
	}
	t.Proof = fmt.Sprintf("%s is silent at %s", fd.Rule, fd.Anchor)
	if test := f.proofTest(fd); test != "" {
		t.Proof += "; " + test
	}
	return t
}

// proofTest is the test that shows the change at work, for findings on calls.
func (f *Facts) proofTest(fd *rules.Finding) string {
	if fd.Integration == "" {
		return ""
	}
	name := f.name(fd.Integration)
	switch r, _ := rules.Lookup(fd.Rule); r.Category {
	case rules.Timeouts:
		return fmt.Sprintf("a test in which %s never answers ends in the bound", name)
	case rules.Retries:
		return fmt.Sprintf("a test in which %s fails once, and always, counts the attempts", name)
	case rules.Degradation:
		return fmt.Sprintf("a test in which %s is down still answers", name)
	}
	return ""
}

// after: a call is bounded before it is repeated, and repeated before it is broken
// off; all three in the same integration.
func after(t *Task, all []Task) []string {
	out := []string{}
	rank := func(t *Task) int {
		r, _ := rules.Lookup(t.Rule)
		return slices.Index([]rules.Category{rules.Timeouts, rules.Retries, rules.Degradation}, r.Category)
	}
	mine := rank(t)
	if mine < 1 || t.Integration == "" {
		return out
	}
	for i := range all {
		if other := rank(&all[i]); all[i].Integration == t.Integration && other >= 0 && other < mine {
			out = append(out, all[i].ID)
		}
	}
	return out
}

// maxTasks bounds the tasks that the document lists for a phase; the data has all.
const maxTasks = 40

func (s Sequence) section() document.Section {
	sec := document.Section{ID: "sequence", Title: "Dependencies and sequence"}
	sec.Sections = append(sec.Sections, s.orderSection())
	total := 0
	for _, p := range s.Phases {
		total += len(p.Tasks)
		sec.Sections = append(sec.Sections, p.section())
	}
	if total == 0 {
		sec.Blocks = nothing("No finding asks for a change; the order of the components is all there is to say.")
	} else {
		sec.Blocks = []document.Block{document.P(scanners.CountAs(total, "change", "changes"), " in three phases. Effort: S one file and up to 3 places, M up to 4 files and 15 places, L more.")}
	}
	return sec
}

func (s Sequence) orderSection() document.Section {
	sec := document.Section{ID: "sequence-order", Title: "Order of components"}
	if len(s.Dependencies) == 0 {
		sec.Blocks = nothing("Nothing here depends on anything else that intscan can see.")
		return sec
	}
	t := document.Table{Head: []string{"Level", "Components", "Need"}}
	needs := map[string][]string{}
	for _, d := range s.Dependencies {
		needs[d.From] = append(needs[d.From], d.To)
	}
	for i, names := range s.Levels {
		var need []string
		for _, n := range names {
			need = append(need, needs[n]...)
		}
		slices.Sort(need)
		t.Rows = append(t.Rows, []document.Text{document.T(i + 1), document.T(strings.Join(firstNames(names, 20), ", ")),
			document.T(cmp.Or(strings.Join(firstNames(slices.Compact(need), 12), ", "), "nothing"))})
	}
	sec.Blocks = append(sec.Blocks, t)
	if len(s.CriticalPath) > 1 {
		sec.Blocks = append(sec.Blocks, document.P(document.B("Critical path: "), strings.Join(s.CriticalPath, " needs ")))
	}
	for _, c := range s.Cycles {
		sec.Blocks = append(sec.Blocks, document.P(document.B("Cycle: "), strings.Join(c, ", "), " need each other; neither can start first."))
	}
	var items []document.Text
	for _, d := range s.Dependencies {
		if d.Why != "calls" && len(items) < maxTasks {
			items = append(items, document.T(d.From, " needs ", d.To, ": ", d.Why, ", ", d.At))
		}
	}
	if len(items) > 0 {
		sec.Blocks = append(sec.Blocks, document.List{Items: items})
	}
	if len(s.Versions) == 0 {
		sec.Blocks = append(sec.Blocks, document.P("Versions: no client library in use is known to be retired or superseded."))
	} else {
		var tasks []string
		for _, t := range s.Versions {
			tasks = append(tasks, t.ID)
		}
		sec.Blocks = append(sec.Blocks, document.P("Versions: client libraries to replace are ", strings.Join(tasks, ", "), "."))
	}
	return sec
}

func (p Phase) section() document.Section {
	sec := document.Section{ID: "phase-" + strings.ToLower(p.Name), Title: p.Name}
	if len(p.Tasks) == 0 {
		sec.Blocks = nothing("Nothing to change in this phase.")
		return sec
	}
	if p.Why != "" {
		sec.Blocks = append(sec.Blocks, document.P(p.Why))
	}
	t := document.Table{Head: []string{"Task", "Severity", "What is missing", "Change", "Effort", "After", "Done when"}}
	for _, task := range p.Tasks[:min(len(p.Tasks), maxTasks)] {
		t.Rows = append(t.Rows, []document.Text{
			document.T(task.ID), document.T(string(task.Severity)), document.T(task.At, " ", task.What), document.T(task.Change),
			document.T(task.Effort), document.T(strings.Join(task.After, ", ")), document.T(task.Proof),
		})
	}
	sec.Blocks = append(sec.Blocks, t)
	if more := len(p.Tasks) - maxTasks; more > 0 {
		sec.Blocks = append(sec.Blocks, document.P(scanners.CountAs(more, "more task stands", "more tasks stand"), " in the plan's JSON."))
	}
	return sec
}
