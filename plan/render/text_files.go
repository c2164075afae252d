package render

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/scanners"
)

func (t *text) apis() {
	list := t.r.APIs
	if len(list) == 0 {
		return
	}
	t.head("APIs", "OpenAPI descriptions: ← served here  → called from here")
	shown := t.limit(len(list), capAPIs)
	var rows [][]cell
	for _, a := range list[:shown] {
		rows = append(rows, []cell{
			{cmp.Or(a.Title, "(no title)"), bold}, {a.Version, plain}, {arrow(a.Direction), plain},
			{prefixed("OpenAPI ", a.Spec), dim}, {listing(scanners.Count(a.Operations, "operation")), plain}, {a.Position.Place(), plain},
		})
	}
	t.table(rows)
	t.more(len(list) - shown)
}

func (t *text) services() {
	list := slices.Clone(t.r.Services)
	if len(list) == 0 {
		return
	}
	if !t.o.Verbose {
		list = slices.DeleteFunc(list, func(s detect.Service) bool { return t.overrides(s) })
	}
	t.head("Compose services", "")
	shown := t.limit(len(list), capServices)
	var rows [][]cell
	for _, s := range list[:shown] {
		rows = append(rows, []cell{
			{s.Name, bold}, {runs(s), dim}, {t.standsFor(s), plain}, {s.Position.Place(), plain}, {weakness(s), dim},
		})
	}
	t.table(rows)
	t.more(len(list) - shown)
}

// overrides: the service stands in a file that only adds to another file's service
// of the same folder.
func (t *text) overrides(s detect.Service) bool {
	return runs(s) == "" && slices.ContainsFunc(t.r.Services, func(o detect.Service) bool {
		return o.Name == s.Name && runs(o) != "" && path.Dir(o.File) == path.Dir(s.File)
	})
}

// runs says what a service is made of.
func runs(s detect.Service) string {
	if s.Build != "" {
		return "built from " + cmp.Or(folder(s.Build), "./")
	}
	return s.Image
}

func (t *text) standsFor(s detect.Service) string {
	switch {
	case s.Integration != "":
		return "= " + t.nameOfID(s.Integration)
	case s.Binary != "":
		return "= binary " + s.Binary
	case s.System != "":
		return s.System
	}
	return ""
}

func weakness(s detect.Service) string {
	var lacks []string
	if !s.Healthcheck {
		lacks = append(lacks, "no healthcheck")
	}
	if s.Restart == "" || s.Restart == "no" {
		lacks = append(lacks, "no restart")
	}
	return strings.Join(lacks, ", ")
}

// trouble ranks variables for the short list: first what stops the program
// from starting, then what is left over, then secrets, then the rest.
func trouble(v detect.Variable) int {
	switch {
	case len(v.Reads) > 0 && len(v.Defined) == 0 && !v.Default:
		return 0
	case len(v.Reads) > 0 && len(v.Defined) == 0:
		return 1
	case len(v.Reads) == 0:
		return 2
	case v.Secret:
		return 3
	}
	return 4
}

func (t *text) variables() {
	list := slices.Clone(t.r.Variables)
	if len(list) == 0 {
		return
	}
	if !t.o.Verbose { // -v is for looking one up: leave them sorted by name
		slices.SortStableFunc(list, func(a, b detect.Variable) int { return cmp.Compare(trouble(a), trouble(b)) })
	}
	undefined, unread, secret := 0, 0, 0
	for _, v := range list {
		switch rank := trouble(v); {
		case rank < 2:
			undefined++
		case rank == 2:
			unread++
		}
		if v.Secret {
			secret++
		}
	}
	t.head("Variables", listing(fmt.Sprint(len(list)), scanners.CountAs(secret, "secret", "secret"),
		scanners.CountAs(undefined, "defined nowhere", "defined nowhere"), scanners.CountAs(unread, "read nowhere", "read nowhere")))
	shown := t.limit(len(list), capVariables)
	var rows [][]cell
	for _, v := range list[:shown] {
		rows = append(rows, t.variableRows(v)...)
	}
	t.table(rows)
	t.more(len(list) - shown)
}

// variableRows is one row, or with -v as many as there are places.
func (t *text) variableRows(v detect.Variable) [][]cell {
	secret, of := cell{}, cell{}
	if v.Secret {
		secret = cell{"secret", warn}
	}
	if v.Integration != "" {
		of = cell{t.nameOfID(v.Integration), dim}
	}
	read, defined := t.places("read ", v.Reads), t.places("defined ", v.Defined)
	n := max(len(read), len(defined), 1)
	rows := make([][]cell, n)
	for i := range rows {
		rows[i] = []cell{{}, {}, {at(read, i), plain}, {at(defined, i), dim}}
	}
	rows[0][0], rows[0][1] = cell{v.Name, bold}, secret
	rows[0] = append(rows[0], of)
	if len(v.Reads) == 0 {
		rows[0][2] = cell{"read nowhere", warn}
	}
	switch {
	case len(v.Defined) == 0 && v.Default:
		rows[0][3] = cell{"defined nowhere, has a default", dim}
	case len(v.Defined) == 0:
		rows[0][3] = cell{"defined nowhere", bad}
	}
	return rows
}

// places names the first place and how many more there are; with -v, each.
func (t *text) places(verb string, ps []scanners.Position) (all []string) {
	for _, p := range ps {
		all = append(all, verb+p.Place())
	}
	if !t.o.Verbose && len(all) > 1 {
		return []string{fmt.Sprintf("%s +%d", all[0], len(all)-1)}
	}
	return all
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
