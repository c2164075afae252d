package render

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/jstemmer/go-junit-report/v2/junit"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/rules"
)

// JUnit writes the rules as test suites: a rule that found nothing passes, each
// finding that counts is a failure.
func JUnit(w io.Writer, r *plan.Report) error {
	byRule := map[string][]rules.Finding{}
	for _, f := range counting(r) {
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	all := junit.Testsuites{Name: "intscan"}
	for i, rule := range r.Rules() {
		suite := junit.Testsuite{Name: rule.ID, ID: i, Time: "0"}
		suite.AddProperty("title", rule.Title)
		for _, f := range byRule[rule.ID] {
			suite.AddTestcase(junit.Testcase{
				Classname: rule.ID, Name: xmlText(fmt.Sprintf("%s %s", f.Position.Place(), f.Anchor)), Time: "0",
				Failure: &junit.Result{Message: xmlText(flat(f.Message)), Type: string(f.Severity), Data: xmlText(junitBody(f))},
			})
		}
		if len(byRule[rule.ID]) == 0 {
			suite.AddTestcase(junit.Testcase{Classname: rule.ID, Name: rule.Title, Time: "0"})
		}
		all.AddSuite(suite)
	}
	if _, err := io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"); err != nil {
		return err
	}
	return all.WriteXML(w)
}

func junitBody(f rules.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s because: %s\n", f.Message, f.Remediation, f.Severity, f.Why)
	for _, rel := range f.Related {
		fmt.Fprintf(&b, "  %s  %s\n", rel.Position.Place(), rel.What)
	}
	return b.String()
}

// xmlText drops the characters that XML 1.0 cannot hold in any form, and breaks the
// end of a CDATA section.
func xmlText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD && r != utf8.RuneError || r >= 0x10000 {
			return r
		}
		return -1
	}, s)
	return strings.ReplaceAll(s, "]]>", "]] >")
}
