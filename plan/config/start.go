package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// Found is what a starting file is fitted to.
type Found struct {
	*detect.Result
	Risks    []risk.Assessment
	Findings []rules.Finding
}

// Start writes a starting file: what holds by itself stands in comments, ready to be
// taken in, with the names of this very repository.
func Start(f Found) []byte {
	s := &starter{}
	s.line("# yaml-language-server: $schema=%s", schemaID)
	s.line("# What intscan goes by in this repository. intscan config check checks this file.")
	s.paths(f)
	s.gate(f)
	s.rules(f)
	s.criticality(f)
	s.policies(f)
	s.suppressions(f)
	s.catalog()
	return []byte(s.b.String())
}

// maxModules is how many the file names.
const maxModules = 8

type starter struct{ b strings.Builder }

func (s *starter) line(format string, args ...any) {
	s.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (s *starter) paths(f Found) {
	var modules []string
	for _, m := range f.Repository.Modules {
		modules = append(modules, m.Dir)
	}
	s.line("")
	switch len(modules) {
	case 0:
		s.line("# No go.mod was found here.")
	case 1:
		s.line("# One module was found: %s.", f.Repository.Modules[0].Path)
	default:
		more := ""
		if n := len(modules) - maxModules; n > 0 {
			more, modules = fmt.Sprintf(" and %d more", n), modules[:maxModules]
		}
		s.line("# %d modules were found, in the folders %s%s.", len(f.Repository.Modules), strings.Join(modules, ", "), more)
	}
	s.line("# paths:")
	s.line("#   exclude: [%s]  # not read at all", yamlText(cmp.Or(exampleFolder(f.Repository.Modules), "examples/**")))
	s.line("# build-tags: [enterprise, \"!debug\"]")
	s.line("# mode: auto")
}

// exampleFolder is a module beside the main one, as something one might leave out.
func exampleFolder(modules []detect.Module) string {
	for _, m := range modules {
		if m.Dir != "." {
			return m.Dir + "/**"
		}
	}
	return ""
}

func (s *starter) gate(f Found) {
	s.line("")
	s.line("# The run fails for findings of this severity or graver. Today there are %s.", counts(f.Findings))
	if len(f.Findings) > 0 {
		s.line("# To let only new ones count: intscan baseline, then intscan --baseline .intscan-baseline.json")
	}
	grave := slices.ContainsFunc(f.Findings, func(fd rules.Finding) bool { return fd.Severity.Rank() <= rules.High.Rank() })
	s.line("%sfail-on: high", map[bool]string{true: "# "}[grave])
	if len(f.Findings) > 0 {
		s.line("# fail-on-rules:")
		s.line("#   %s: none", f.Findings[0].Rule)
	}
	if kind := kindFound(f); kind != "" {
		s.line("# fail-on-kinds:")
		s.line("#   %s: medium", kind)
	}
}

func kindFound(f Found) string {
	if len(f.Integrations) == 0 {
		return ""
	}
	return f.Integrations[0].Kind
}

func counts(findings []rules.Finding) string {
	n := map[rules.Severity]int{}
	for _, f := range findings {
		n[f.Severity]++
	}
	var parts []string
	for _, s := range rules.Severities {
		if n[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[s], s))
		}
	}
	if len(parts) == 0 {
		return "no findings"
	}
	return strings.Join(parts, ", ")
}

// rules lists those that find something today: the ones that a team has to decide on.
func (s *starter) rules(f Found) {
	n := map[string]int{}
	for _, fd := range f.Findings {
		n[fd.Rule]++
	}
	s.line("")
	s.line("# Rules: off, on, or the severity of all their findings. intscan explain RULE says what")
	s.line("# each finds.%s", map[bool]string{true: " These find something today:"}[len(n) > 0])
	s.line("# rules:")
	for _, id := range slices.Sorted(maps.Keys(n)) {
		s.line("#   %s: on  # %s", id, scanners.Count(n[id], "finding"))
	}
	if len(n) == 0 {
		s.line("#   %s: off", rules.All()[0].ID)
	}
}

// criticality lists what the code says; a line taken in says otherwise.
func (s *starter) criticality(f Found) {
	s.line("")
	s.line("# How much hangs on an integration, where you know better than the code tells:")
	s.line("# critical, high, medium or low. The code says:")
	s.line("# criticality:")
	all := slices.Clone(f.Risks)
	slices.SortStableFunc(all, func(a, b risk.Assessment) int { return b.Criticality.Rank() - a.Criticality.Rank() })
	for _, a := range all[:min(len(all), 12)] {
		s.line("#   %s: %s  # %s", yamlText(a.Integration), a.Criticality, a.Why)
	}
	if len(all) == 0 {
		s.line("#   postgresql: critical")
	}
}

func (s *starter) policies(f Found) {
	s.line("")
	s.line("# Rules of your own; what breaks one is a finding of policy-NAME.")
	s.line("# policies:")
	s.line("#   - name: http-10s")
	s.line("#     match: {kind: http, external: true}")
	s.line("#     require: {timeout: 10s}")
	s.line("#     severity: high")
	s.line("#     reason: Our own clients give up after 15 s.")
	for _, in := range f.Integrations {
		if in.Kind == "database" {
			s.line("#   - name: databases-observed")
			s.line("#     match: {kind: database}")
			s.line("#     require: {monitoring: true}")
			break
		}
	}
}

func (s *starter) suppressions(f Found) {
	s.line("")
	s.line("# Findings that are known and accepted. In the code: //intscan:ignore RULE reason")
	s.line("# suppressions:")
	rule, file := rules.All()[0].ID, "internal/legacy/**"
	if len(f.Findings) > 0 {
		rule, file = f.Findings[0].Rule, f.Findings[0].File
	}
	s.line("#   - rule: %s", rule)
	s.line("#     path: %s", yamlText(file))
	s.line("#     reason: Goes away with the old importer.")
	s.line("#     until: 2030-12-31")
}

func (s *starter) catalog() {
	s.line("")
	s.line("# Systems and client libraries of your own, in the format of the catalog.")
	s.line("# catalog:")
	s.line("#   systems:")
	s.line("#     - system: ledger")
	s.line("#       name: Ledger")
	s.line("#       kind: payment")
	s.line("#       match: {hosts: [ledger.example.internal], env: [LEDGER]}")
	s.line("#       libraries:")
	s.line("#         - packages: [git.example.com/platform/ledger]")
	s.line("#           timeout: {by: [WithTimeout]}")
}

// yamlText quotes what YAML would take for something else.
func yamlText(s string) string {
	s = scanners.Redact(s)
	if strings.ContainsAny(s, ":#*&!{}[],'\"|>%@` ") {
		return fmt.Sprintf("%q", s)
	}
	return s
}
