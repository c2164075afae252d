package render_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	empty := &plan.Report{Schema: plan.Schema, Result: detect.Result{Repository: detect.Repository{Name: "empty"}}}
	declared := &plan.Report{Schema: plan.Schema, Result: detect.Result{Repository: detect.Repository{Name: "deploy"}, Integrations: richIntegrations()[8:9]}}
	for _, tc := range []struct {
		file   string
		format string
		report *plan.Report
		o      render.TextOptions
	}{
		{"rich.txt", "text", richReport(), render.TextOptions{}},
		{"rich.verbose.txt", "text", richReport(), render.TextOptions{Verbose: true}},
		{"rich.quiet.txt", "text", richReport(), render.TextOptions{Quiet: true}},
		{"rich.color.txt", "text", richReport(), render.TextOptions{Color: true}},
		{"rich.json", "json", richReport(), render.TextOptions{}},
		{"rich.sarif", "sarif", richReport(), render.TextOptions{}},
		{"rich.markdown", "markdown", richReport(), render.TextOptions{}},
		{"rich.github", "github", richReport(), render.TextOptions{}},
		{"rich.codequality", "codequality", richReport(), render.TextOptions{}},
		{"rich.junit", "junit", richReport(), render.TextOptions{}},
		{"empty.txt", "text", empty, render.TextOptions{}},
		{"empty.json", "json", empty, render.TextOptions{}},
		{"declared.txt", "text", declared, render.TextOptions{}},
	} {
		t.Run(tc.file, func(t *testing.T) {
			golden(t, tc.file, withoutRules(tc.format, write(t, tc.format, tc.report, tc.o)))
		})
	}
}

var (
	sarifRules  = regexp.MustCompile(`(?s)"rules": \[.*?\n          \]`)
	passedSuite = regexp.MustCompile(`(?s)\t<testsuite [^>]* failures="0" .*?</testsuite>\n`)
	counts      = regexp.MustCompile(`(tests|ruleIndex|id)(": |=")\d+`)
)

// withoutRules takes out what formats say of the rules themselves, so that a new rule
// does not change every golden file.
func withoutRules(format, s string) string {
	switch format {
	case "sarif":
		s = sarifRules.ReplaceAllString(s, `"rules": []`)
		return counts.ReplaceAllString(s, "$1${2}N")
	case "junit":
		return counts.ReplaceAllString(passedSuite.ReplaceAllString(s, ""), "$1${2}N")
	}
	return s
}

func write(t *testing.T, format string, r *plan.Report, o render.TextOptions) string {
	t.Helper()
	for _, f := range render.Formats {
		if f.Name == format {
			var buf bytes.Buffer
			if err := f.Write(&buf, r, o); err != nil {
				t.Fatal(err)
			}
			return buf.String()
		}
	}
	t.Fatalf("no format %q among %v", format, render.Names(render.Formats))
	return ""
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// Every format must have a golden file of the rich report.
func TestEveryFormatHasAGolden(t *testing.T) {
	for _, name := range render.Names(render.Formats) {
		extension := name
		if name == "text" {
			extension = "txt"
		}
		if _, err := os.Stat(filepath.Join("testdata", "rich."+extension)); err != nil {
			t.Errorf("format %s has no golden file: %v", name, err)
		}
	}
}

// What a repository puts into names and details must not reach the terminal as
// anything but text.
func TestTextHasNoControlCharacters(t *testing.T) {
	const evil = "a\x1b[2J\x1b]0;pwned\x07b\rc\nd\u202Ee\u200Bf\x9bg\xffh\x00"
	r := richReport()
	r.Repository.Name = evil
	r.Repository.Modules[0].Path, r.Repository.Modules[1].Why = evil, evil
	r.Repository.Binaries[0].Name = evil
	for i := range r.Integrations {
		in := &r.Integrations[i]
		in.Name, in.Kind, in.Protocol, in.Libraries, in.Variables = evil, evil, evil, []string{evil}, []string{evil}
		in.Evidence[0].Detail, in.Evidence[0].File, in.Evidence[0].Source = evil, evil, evil
	}
	for i := range r.CallSites {
		r.CallSites[i].Call, r.CallSites[i].File, r.CallSites[i].Timeout.Reason, r.CallSites[i].Retry.Value = evil, evil, evil, evil
	}
	r.Findings[0].Message, r.Findings[0].Severity = evil, evil
	r.APIs[0].Title, r.APIs[0].Version, r.APIs[0].Spec = evil, evil, evil
	r.Services[0].Name, r.Services[1].Image, r.Services[0].Build = evil, evil, evil
	r.Variables[0].Name = evil
	r.Diagnostics[0].Message, r.Diagnostics[1].File = evil, evil
	for _, verbose := range []bool{false, true} {
		got := write(t, "text", r, render.TextOptions{Verbose: verbose})
		for i, c := range got {
			if c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
				t.Fatalf("verbose %v: %U at byte %d: %q", verbose, c, i, got[max(0, i-40):min(len(got), i+40)])
			}
		}
		if !strings.Contains(got, "a[2J]0;pwnedbc") && !strings.Contains(got, "a[2J]0;pwnedb c") {
			t.Errorf("verbose %v: the text around the control characters is gone", verbose)
		}
	}
}

// A large repository must still read on a few screens without -v, and -v must
// leave nothing out.
func TestLargeReportIsShort(t *testing.T) {
	r := largeReport()
	got := write(t, "text", r, render.TextOptions{})
	if n := strings.Count(got, "\n"); n > 130 {
		t.Errorf("%d lines, want at most 130:\n%s", n, got)
	}
	if !strings.Contains(got, "VAR_199") {
		t.Error("a variable that is read but defined nowhere is not among those shown")
	}
	all := write(t, "text", r, render.TextOptions{Verbose: true})
	for _, v := range r.Variables {
		if !strings.Contains(all, v.Name+" ") {
			t.Errorf("-v does not show %s", v.Name)
		}
	}
	if strings.Contains(all, "-v shows all") {
		t.Error("-v still leaves something out")
	}
}

func largeReport() *plan.Report {
	r := richReport()
	r.Integrations, r.Variables, r.CallSites = nil, nil, nil
	for i := range 30 {
		id := fmt.Sprintf("system%d", i)
		in := detect.Integration{ID: id, System: id, Name: "System " + id, Kind: catalog.Kinds[i%12], Direction: catalog.Outbound, Scope: detect.ScopeRuntime}
		if i >= 20 {
			in.Scope = []detect.Scope{detect.ScopeDeclared, detect.ScopeDevelopment}[i%2]
		}
		for j := range 5 {
			in.Evidence = append(in.Evidence, proof(scanners.SourceGo, fmt.Sprintf("pkg/%s/client%d.go", id, j), j+1, "calls it"))
		}
		r.Integrations = append(r.Integrations, in)
		for range 3 {
			site := richCalls()[i%3]
			site.Integration, site.System = id, id
			r.CallSites = append(r.CallSites, site)
		}
	}
	for i := range 200 {
		v := detect.Variable{Name: fmt.Sprintf("VAR_%03d", i), Reads: []scanners.Position{pos("config.go", i+1)}, Defined: []scanners.Position{pos(".env", i+1)}}
		if i == 199 {
			v.Defined = nil
		}
		r.Variables = append(r.Variables, v)
	}
	for i := range 40 {
		r.Services = append(r.Services, detect.Service{Name: fmt.Sprintf("svc%d", i), Position: pos("compose.yaml", i)})
		r.APIs = append(r.APIs, detect.API{Title: fmt.Sprintf("api%d", i), Position: pos("api.yaml", i)})
		r.Findings = append(r.Findings, rules.Finding{Severity: "low", Message: "something"})
		r.Diagnostics = append(r.Diagnostics, scanners.Diagnostic{Severity: scanners.SeverityWarning, Message: "something"})
		r.Repository.Modules = append(r.Repository.Modules, detect.Module{Path: fmt.Sprintf("example.com/m%d", i), Mode: "types"})
		r.Repository.Binaries = append(r.Repository.Binaries, detect.Binary{Name: fmt.Sprintf("b%d", i)})
	}
	return r
}

func TestJSONHasNoNullAndKeepsTheReport(t *testing.T) {
	r := richReport()
	r.Integrations[0].Evidence[0].Detail = "GET https://a.example/?a=<b>&c"
	got := write(t, "json", r, render.TextOptions{})
	if strings.Contains(got, "null") {
		t.Errorf("null in the output:\n%s", got)
	}
	if !strings.Contains(got, "?a=<b>&c") {
		t.Error("text is escaped for HTML")
	}
	if r.Integrations[0].Libraries != nil {
		t.Error("rendering changed the report")
	}
	back := new(plan.Report)
	if err := json.Unmarshal([]byte(got), back); err != nil {
		t.Fatal(err)
	}
	if again := write(t, "json", back, render.TextOptions{}); again != got {
		t.Errorf("not stable (-first +second):\n%s", cmp.Diff(got, again))
	}
}
