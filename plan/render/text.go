package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/scanners"
)

// Without -v a section shows at most this many rows and says how many more
// there are, so that a large repository still reads on a few screens.
const (
	capModules      = 5
	capBinaries     = 6
	capIntegrations = 40
	capMinor        = 5
	capCalls        = 8
	capFindings     = 8
	capAPIs         = 6
	capServices     = 6
	capVariables    = 6
	capDiagnostics  = 6
)

// text is one rendering in progress.
type text struct {
	*page
	r *plan.Report
	o TextOptions
	// names gives an integration's name for its id.
	names map[string]string
}

// Text writes the report for a person who has never seen the repository:
// what it talks to and where that stands first, what could not be read last.
func Text(w io.Writer, r *plan.Report, o TextOptions) error {
	t := text{page: newPage(o), r: r, o: o, names: map[string]string{}}
	for i := range r.Integrations {
		t.names[r.Integrations[i].ID] = r.Integrations[i].Label()
	}
	switch {
	case o.Quiet && r.Gate != nil:
		t.findings()
		t.drift()
		t.diagnostics()
		t.gate()
	case o.Quiet:
		t.integrations()
		t.diagnostics()
	default:
		t.repository()
		t.integrations()
		t.calls()
		t.findings()
		t.drift()
		t.apis()
		t.services()
		t.variables()
		t.diagnostics()
		t.closing()
		t.gate()
	}
	_, err := io.WriteString(w, strings.TrimPrefix(t.buf.String(), "\n"))
	return err
}

// limit says how many of n rows to show.
func (t *text) limit(n, most int) int {
	if t.o.Verbose {
		return n
	}
	return min(n, most)
}

// more says what the caps left out.
func (t *text) more(left int) {
	if left > 0 {
		t.line(cell{fmt.Sprintf("  … %d more, -v shows all", left), dim})
	}
}

func (t *text) repository() {
	repo := &t.r.Repository
	name := cmp.Or(repo.Name, "repository")
	t.line(cell{name, bold}, cell{prefixed("  ", listing(
		scanners.Count(len(repo.Modules), "module"), scanners.CountAs(len(repo.Binaries), "binary", "binaries"))), dim})

	var rows [][]cell
	shown := t.limit(len(repo.Modules), capModules)
	for _, m := range repo.Modules[:shown] {
		rows = append(rows, []cell{
			{"module", dim}, {m.Path, plain}, {folder(m.Dir), dim}, {prefixed("go ", m.Go), dim},
			{listing(scanners.Count(m.Files, "file")), dim}, t.modeCell(m),
		})
	}
	t.table(rows)
	t.more(len(repo.Modules) - shown)

	rows = nil
	shown = t.limit(len(repo.Binaries), capBinaries)
	for _, b := range repo.Binaries[:shown] {
		rows = append(rows, []cell{
			{"binary", dim}, {b.Name, plain}, {b.At.Place(), dim}, {t.reach(b), dim},
		})
	}
	t.table(rows)
	t.more(len(repo.Binaries) - shown)
}

// reach lists what a binary talks to.
func (t *text) reach(b detect.Binary) string {
	var names []string
	for i, id := range b.Integrations {
		if i == 6 && !t.o.Verbose {
			return "→ " + strings.Join(names, ", ") + fmt.Sprintf(", +%d", len(b.Integrations)-i)
		}
		names = append(names, t.nameOfID(id))
	}
	if len(names) == 0 {
		return ""
	}
	return "→ " + strings.Join(names, ", ")
}

func (t *text) modeCell(m detect.Module) cell {
	why := m.Why
	if !t.o.Verbose { // names in parentheses are for -v
		why, _, _ = strings.Cut(why, " (")
	}
	switch m.Mode {
	case "types":
		return cell{"read with types", good}
	case "partial":
		return cell{because("read with part of the types", why), warn}
	case "syntax":
		return cell{because("read by syntax alone", why), warn}
	}
	return cell{m.Mode, dim}
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

func (t *text) nameOfID(id string) string { return cmp.Or(t.names[id], id) }

var arrows = map[catalog.Direction]string{catalog.Outbound: "→", catalog.Inbound: "←", catalog.Both: "↔"}

func arrow(d catalog.Direction) string { return cmp.Or(arrows[d], "·") }

func folder(dir string) string {
	if dir == "." || dir == "" {
		return ""
	}
	return dir + "/"
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// listing joins the parts that are not empty or zero.
func listing(parts ...string) string {
	var keep []string
	for _, s := range parts {
		if s != "" && !strings.HasPrefix(s, "0 ") {
			keep = append(keep, s)
		}
	}
	return strings.Join(keep, ", ")
}
