package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
)

func (t *text) integrations() {
	var runtime, declared, development []*detect.Integration
	for i := range t.r.Integrations {
		in := &t.r.Integrations[i]
		switch in.Scope {
		case detect.ScopeDeclared:
			declared = append(declared, in)
		case detect.ScopeDevelopment:
			development = append(development, in)
		default:
			runtime = append(runtime, in)
		}
	}
	if len(runtime) == 0 {
		t.head("Talks to", "")
		t.line(cell{"  " + nothing(len(declared)+len(development) > 0), plain})
	} else {
		t.head("Talks to", "→ calls  ← is called  ↔ both")
		t.byKind(runtime)
	}
	if t.o.Quiet {
		return
	}
	t.minor("Named only in deployment or configuration", declared)
	t.minor("Development, CI and examples only", development)
}

func nothing(others bool) string {
	if others {
		return "No code that talks to another system was found; see what is only named, below."
	}
	return "No integrations found: nothing in this repository names a system outside itself."
}

// byKind lists integrations in the catalog's order of kinds. The kind stands in
// the first row of its group only.
func (t *text) byKind(list []*detect.Integration) {
	slices.SortStableFunc(list, func(a, b *detect.Integration) int {
		return cmp.Compare(kindRank(a.Kind), kindRank(b.Kind))
	})
	shown := t.limit(len(list), capIntegrations)
	var rows [][]cell
	last := ""
	for _, in := range list[:shown] {
		kind := in.Kind
		if kind == last {
			kind = ""
		}
		last = in.Kind
		rows = append(rows, t.integrationRow(in, kind))
	}
	if !t.o.Verbose {
		t.table(rows)
		t.more(len(list) - shown)
		return
	}
	// With -v each row is followed by all that is known of it. The rows are
	// aligned among themselves first.
	aligned := newPage(t.o)
	aligned.table(rows)
	for i, row := range strings.Split(strings.TrimSuffix(aligned.buf.String(), "\n"), "\n") {
		t.buf.WriteString(row + "\n")
		t.details(list[i])
	}
}

func kindRank(kind string) int {
	if i := slices.Index(catalog.Kinds, kind); i >= 0 {
		return i
	}
	return len(catalog.Kinds)
}

func (t *text) integrationRow(in *detect.Integration, kind string) []cell {
	row := []cell{{kind, dim}, {in.Label(), bold}, {arrow(in.Direction), plain}, {protocolOf(in), dim}}
	if len(in.Evidence) == 0 {
		return row
	}
	e := in.Evidence[0]
	row = append(row, cell{e.Position.Place(), plain}, cell{e.Detail, dim})
	if more := len(in.Evidence) - 1; more > 0 && !t.o.Verbose {
		row[len(row)-1].text += fmt.Sprintf("  +%s", scanners.CountAs(more, "more place", "more places"))
	}
	return row
}

func protocolOf(in *detect.Integration) string {
	if in.Internal {
		return strings.TrimSpace(in.Protocol + " internal")
	}
	return in.Protocol
}

// details are the lines below an integration with -v.
func (t *text) details(in *detect.Integration) {
	const indent = "      "
	for _, list := range []struct {
		label string
		items []string
	}{
		{"binaries", in.Binaries}, {"libraries", in.Libraries}, {"variables", in.Variables}, {"services", in.Services},
	} {
		// Long lists go over several lines, as a cell is cut at its limit.
		for items := range slices.Chunk(list.items, 4) {
			t.line(cell{indent, plain}, cell{fmt.Sprintf("%-11s", list.label), dim}, cell{strings.Join(items, ", "), plain})
		}
	}
	for _, e := range in.Evidence {
		t.line(cell{indent, plain}, cell{fmt.Sprintf("%-11s", e.Source), dim}, cell{e.Position.Place(), plain}, cell{"  " + e.Detail, dim})
	}
}

// minor lists integrations that no running code reaches, all of it dim.
func (t *text) minor(name string, list []*detect.Integration) {
	if len(list) == 0 {
		return
	}
	t.head(name, "")
	shown := t.limit(len(list), capMinor)
	var rows [][]cell
	for _, in := range list[:shown] {
		row := []cell{{in.Kind, dim}, {in.Label(), dim}}
		if len(in.Evidence) > 0 {
			row = append(row, cell{in.Evidence[0].Position.Place(), dim}, cell{in.Evidence[0].Detail, dim})
		}
		rows = append(rows, row)
	}
	t.table(rows)
	t.more(len(list) - shown)
}
