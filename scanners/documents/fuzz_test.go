package documents

import (
	"strings"
	"testing"
)

// FuzzOwners: each owner stands on a line of the file, and no line has two entries.
func FuzzOwners(f *testing.F) {
	for _, text := range []string{"# all\n*  @org/all # everything\n/db/ @org/db a@example.com\n[section]\n/none/\n", "^[Optional][2] @a\n\\#x @b\n\r\n", "* @", "\x00 @\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines := strings.Count(text, "\n") + 1
		last := 0
		for _, o := range owners("CODEOWNERS", []byte(text)) {
			if o.Line <= last || o.Line > lines {
				t.Errorf("%+v after line %d of %d", o, last, lines)
			}
			last = o.Line
		}
	})
}

// FuzzLoadTest: what a name may be decides on the tool, and a tool's script names it.
func FuzzLoadTest(f *testing.F) {
	f.Add("tests/load/pay.js", "import http from 'k6/http';")
	f.Add("locustfile.py", "from locust import HttpUser")
	f.Add("a/b.jmx", "<jmeterTestPlan>")
	f.Fuzz(func(t *testing.T, name, text string) {
		tool := loadTool(name)
		if tool != "" && tool != "jmeter" && isLoadTest(tool, []byte(text)) && !strings.Contains(text, tool) {
			t.Errorf("%q is taken for a script of %s", text, tool)
		}
		if isOwners(name) && tool != "" {
			t.Errorf("%q is a file of owners and a script of %s", name, tool)
		}
		kindOf(name)
	})
}
