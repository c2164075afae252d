package suppress_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/suppress"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		text   string
		rules  []string
		reason string
		err    string
	}{
		{"intscan:ignore timeout-database the pool has one", []string{"timeout-database"}, "the pool has one", ""},
		{"intscan:ignore a,b , c why not", []string{"a", "b", "c"}, "why not", ""},
		{"intscan:ignore a -- why not", []string{"a"}, "why not", ""},
		{"intscan:ignore a // why not", []string{"a"}, "why not", ""},
		{"intscan:ignore a", nil, "", "gives no reason"},
		{"intscan:ignore a --", nil, "", "gives no reason"},
		{"intscan:ignore", nil, "", "names no rule"},
		{"intscan:ignore * all of it", nil, "", `the rule "*"`},
		{"intscan:ignore Timeout-Database reason", nil, "", "no rule's name"},
		{"intscan:ignore:a reason", nil, "", "it is written"},
	} {
		rules, reason, err := suppress.Parse(tc.text)
		if diff := cmp.Diff(tc.rules, rules); diff != "" || reason != tc.reason {
			t.Errorf("%q: reason %q, rules (-want +got):\n%s", tc.text, reason, diff)
		}
		if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
			t.Errorf("%q: error %v, want one with %q", tc.text, err, tc.err)
		}
	}
}

func scan(t *testing.T, name, text string) ([]string, []scanners.Diagnostic) {
	t.Helper()
	tree := fixtures.Tree(t, map[string]string{name: text})
	directives, diags := suppress.Scan(context.Background(), tree)
	var out []string
	for _, d := range directives {
		out = append(out, fmt.Sprintf("%d: %s holds for %d-%d", d.Line, strings.Join(d.Rules, ","), d.First, d.Last))
	}
	return out, diags
}

const goFile = `package shop

import "net/http"

// rates asks for today's.
//
//intscan:ignore r1 the doc comment holds for the function
func rates() error {
	//intscan:ignore r2 a statement over several lines
	resp, err := http.Get(
		"https://rates.example/latest")
	if err != nil { // intscan:ignore r3 its own line
		return err
	}
	//intscan:ignore r4 a block
	for range 3 {
		call()

		call()
	}
	s := "//intscan:ignore r5 in a string"
	// One may write "intscan:ignore r6 reason" in prose.

	//intscan:ignore r7 above nothing

	call(s)
	return resp.Body.Close()
}

//intscan:ignore r8 a group of variables
var (
	a = 1
	b = 2
)
`

const composeFile = `services:
  # intscan:ignore y1 the whole service
  db:
    image: postgres:17

    ports:
    - "5432:5432"
  cache: # intscan:ignore y2 one line
    image: redis:7
    command: "echo # intscan:ignore y3 quoted"
  # intscan:ignore y4 stacked
  # intscan:ignore y5 stacked
  worker:
    command: |
      # intscan:ignore y6 a script's comment
      true
    depends_on:
    # intscan:ignore y7 an item
    - db
    # intscan:ignore y8 a key with a list as far in
    - cache
  list:
    # intscan:ignore y9 the list
    items:
    - a
    - b
`

func TestScan(t *testing.T) {
	for _, tc := range []struct {
		file, text string
		want       []string
	}{
		{"shop/rates.go", goFile, []string{
			"7: r1 holds for 7-28", "9: r2 holds for 9-11", "12: r3 holds for 12-12", "15: r4 holds for 15-20",
			"24: r7 holds for 24-25", "30: r8 holds for 30-34",
		}},
		{"all.go", "//intscan:ignore r1 the file is a tool\npackage x\n\nfunc f() {}\n", []string{"1: r1 holds for 1-4"}},
		{"broken.go", "package x\n\n//intscan:ignore r1 why\nfunc f() {\n\tfor {\n", []string{"3: r1 holds for 3-5"}},
		{"compose.yaml", composeFile, []string{
			"2: y1 holds for 2-7", "8: y2 holds for 8-8", "11: y4 holds for 11-21", "12: y5 holds for 12-21",
			"18: y7 holds for 18-19", "20: y8 holds for 20-21", "23: y9 holds for 23-26",
		}},
		{".env.production", "# intscan:ignore e1 why\nA=1\nB=2 # intscan:ignore e2 why\nC='# intscan:ignore e3 why'\n", []string{
			"1: e1 holds for 1-2", "3: e2 holds for 3-3",
		}},
		{"app.toml", "# intscan:ignore t1 why\n[db]\nurl = \"x#y\"\n", []string{"1: t1 holds for 1-2"}},
		{"Dockerfile", "FROM a\n# intscan:ignore d1 why\nRUN x \\\n  # note\n  y\nRUN z # intscan:ignore d2 no comment here\n", []string{"2: d1 holds for 2-5"}},
		{"README.md", "# intscan:ignore m1 no such file is read\n", nil},
	} {
		t.Run(tc.file, func(t *testing.T) {
			got, diags := scan(t, tc.file, tc.text)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(diags) > 0 {
				t.Errorf("diagnostics: %+v", diags)
			}
		})
	}
}

func TestScanTellsOfMistakes(t *testing.T) {
	got, diags := scan(t, "compose.yaml", "services:\n  # intscan:ignore compose-restart\n  db:\n    image: postgres:17\n")
	if len(got) > 0 {
		t.Errorf("a directive without a reason counts: %v", got)
	}
	want := []scanners.Diagnostic{{
		Severity: scanners.SeverityWarning, Scanner: "suppress", Position: scanners.Position{File: "compose.yaml", Line: 2, Column: 3},
		Message: "intscan:ignore compose-restart gives no reason, so it silences nothing; say after the rule why",
	}}
	if diff := cmp.Diff(want, diags); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
