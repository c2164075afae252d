package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/scanners"
)

// systemPage is what the catalog says of one system, in the words of the JSON.
type systemPage struct {
	System    string        `json:"system"`
	Name      string        `json:"name"`
	Kind      string        `json:"kind"`
	Protocol  string        `json:"protocol,omitempty"`
	Speaks    string        `json:"speaks,omitempty"`
	Embedded  bool          `json:"embedded,omitempty"`
	Images    []string      `json:"images"`
	Hosts     []string      `json:"hosts"`
	Schemes   []string      `json:"schemes"`
	Variables []string      `json:"variables"`
	Ports     []int         `json:"ports"`
	Libraries []libraryPage `json:"libraries"`
}

type libraryPage struct {
	Packages  []string `json:"packages"`
	Except    []string `json:"except"`
	Direction string   `json:"direction"`
	Drivers   []string `json:"drivers"`
	SDK       string   `json:"sdk,omitempty"`
}

func newSystems(o *output) *cobra.Command {
	return &cobra.Command{
		Use:   "systems [SLUG]",
		Short: "List the systems that intscan knows, or show how one is recognised",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("one SLUG at a time, %d given", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var slugs []string
			for _, s := range catalog.Shipped().Systems {
				slugs = append(slugs, s.Slug)
			}
			return slugs, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			t, err := o.page()
			if err != nil {
				return err
			}
			pages := allPages()
			if len(args) == 0 {
				return o.writeTo(t.file, func(w io.Writer) error { return writeSystems(w, t.format.Name, pages) })
			}
			i := slices.IndexFunc(pages, func(p systemPage) bool { return p.System == args[0] })
			if i < 0 {
				return unknownSystem(args[0], pages)
			}
			return o.writeTo(t.file, func(w io.Writer) error { return writeSystem(w, t.format.Name, pages[i]) })
		},
	}
}

// allPages lists the catalog in the order in which reports show kinds.
func allPages() []systemPage {
	var pages []systemPage
	for _, s := range catalog.Shipped().Systems {
		p := systemPage{System: s.Slug, Name: s.Name, Kind: s.Kind, Protocol: s.Protocol, Speaks: s.Speaks, Embedded: s.Embedded,
			Images: s.Match.Images, Hosts: s.Match.Hosts, Schemes: s.Match.Schemes, Variables: s.Match.Env, Ports: s.Match.Ports}
		for _, l := range s.Libraries {
			p.Libraries = append(p.Libraries, libraryPage{Packages: l.Packages, Except: l.Except,
				Direction: string(cmp.Or(l.Direction, catalog.Outbound)), Drivers: l.Drivers, SDK: l.SDK})
		}
		pages = append(pages, p)
	}
	slices.SortFunc(pages, func(a, b systemPage) int {
		return cmp.Or(cmp.Compare(slices.Index(catalog.Kinds, a.Kind), slices.Index(catalog.Kinds, b.Kind)), cmp.Compare(a.System, b.System))
	})
	return pages
}

func unknownSystem(given string, pages []systemPage) error {
	best, distance := "", len(given)/2+1
	for _, p := range pages {
		for _, name := range []string{p.System, strings.ToLower(p.Name)} {
			if d := scanners.EditDistance(strings.ToLower(given), name); d < distance {
				best, distance = p.System, d
			}
		}
		// "s3" is what people call aws.s3, "postgres" what they call postgresql.
		if len(given) > 1 && strings.Contains(p.System, strings.ToLower(given)) && best == "" {
			best = p.System
		}
	}
	if best == "" {
		return fmt.Errorf("no system %q; intscan systems lists them", given)
	}
	return fmt.Errorf("no system %q; did you mean %s?", given, best)
}

func writeSystems(w io.Writer, format string, pages []systemPage) error {
	if format == "json" {
		return render.EncodeJSON(w, map[string]any{"systems": pages})
	}
	var buf bytes.Buffer
	t := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	kinds := map[string]bool{}
	last := ""
	for _, p := range pages {
		kind := ""
		if p.Kind != last {
			kind, last = p.Kind, p.Kind
		}
		kinds[p.Kind] = true
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", kind, p.System, p.Name, recognisedBy(p))
	}
	t.Flush()
	fmt.Fprintf(&buf, "\n%d systems of %d kinds; intscan systems SLUG says how one is recognised\n", len(pages), len(kinds))
	_, err := w.Write(buf.Bytes())
	return err
}

// recognisedBy says in a few words what shows a system.
func recognisedBy(p systemPage) string {
	packages := 0
	for _, l := range p.Libraries {
		packages += len(l.Packages)
	}
	var by []string
	for _, mark := range []struct {
		n    int
		name string
	}{
		{packages, "Go packages"}, {len(p.Images), "images"}, {len(p.Hosts), "hosts"},
		{len(p.Schemes), "schemes"}, {len(p.Variables), "variables"},
	} {
		if mark.n > 0 {
			by = append(by, mark.name)
		}
	}
	return strings.Join(by, ", ")
}

func writeSystem(w io.Writer, format string, p systemPage) error {
	if format == "json" {
		return render.EncodeJSON(w, p)
	}
	var buf bytes.Buffer
	fmt.Fprintf(&buf, "%s  %s\n", p.System, p.Name)
	t := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	row := func(label string, values ...string) {
		for i, v := range values {
			if v == "" {
				continue
			}
			if i > 0 {
				label = ""
			}
			fmt.Fprintf(t, "  %s\t%s\n", label, v)
		}
	}
	row("kind", p.Kind)
	row("protocol", p.Protocol)
	row("speaks", p.Speaks)
	if p.Embedded {
		row("embedded", "inside the process, no network")
	}
	row("images", strings.Join(p.Images, ", "))
	row("hosts", p.Hosts...)
	row("URL schemes", strings.Join(p.Schemes, ", "))
	row("variables", strings.Join(p.Variables, ", "))
	row("ports", joinInts(p.Ports))
	for _, l := range p.Libraries {
		note := ""
		if l.Direction != string(catalog.Outbound) {
			note = " (" + l.Direction + ")"
		}
		row("Go packages"+note, l.Packages...)
		row("  not", l.Except...)
		row("  SQL drivers", strings.Join(l.Drivers, ", "))
		row("  behaves as", l.SDK)
	}
	t.Flush()
	_, err := w.Write(buf.Bytes())
	return err
}

func joinInts(ns []int) string {
	var s []string
	for _, n := range ns {
		s = append(s, strconv.Itoa(n))
	}
	return strings.Join(s, ", ")
}
