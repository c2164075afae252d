package render_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// machineReports are reports with what programs must bear.
func machineReports() map[string]*plan.Report {
	hostile := richReport()
	for i := range hostile.Findings {
		f := &hostile.Findings[i]
		f.File = "a b/%41:c,d/é\u202e<x>.go"
		f.Message = "]]> & <script> \x00\x1b \xff ::error:: %0A\nsecond line"
		f.Remediation = strings.Repeat("long ", 2000)
	}
	hostile.Findings[0].Suppressed = &rules.Suppression{Position: pos("a.go", 1), Reason: "\"quoted\"\n"}
	many := richReport()
	for i := range 6000 {
		many.Findings = append(many.Findings, rules.Finding{Rule: "timeout-http-client", Severity: rules.Low, Position: pos("x.go", i+1), Message: "m", Fingerprint: fmt.Sprint(i)})
	}
	gated := richReport()
	gated.Findings[0].Known = true
	gated.Gate = &gate.Outcome{FailOn: rules.High, Base: "HEAD"}
	placeless := richReport()
	placeless.Findings[0].Position = scanners.Position{File: "go.mod"}
	return map[string]*plan.Report{"rich": richReport(), "hostile": hostile, "many": many, "gated": gated, "placeless": placeless,
		"empty": {Schema: plan.Schema, Result: detect.Result{Repository: detect.Repository{Name: "empty"}}}}
}

// TestSARIFIsValid checks reports against the schema that OASIS publishes, which
// comes with the SARIF library.
func TestSARIFIsValid(t *testing.T) {
	for name, r := range machineReports() {
		t.Run(name, func(t *testing.T) {
			log, err := sarif.FromString(write(t, "sarif", r, render.TextOptions{}), sarif.WithStrictValidation())
			if err != nil {
				t.Fatal(err)
			}
			if err := log.Validate(); err != nil {
				t.Error(err)
			}
			if got, want := len(log.Runs[0].Results), min(len(r.Findings), 5000); got != want {
				t.Errorf("%d results, want %d", got, want)
			}
			if log.Runs[0].Results == nil {
				t.Error("results is no array, which GitHub refuses")
			}
		})
	}
}

func TestSARIFStates(t *testing.T) {
	r := machineReports()["gated"]
	r.Findings[1].Suppressed = &rules.Suppression{Position: pos("internal/pay/stripe.go", 60), Reason: "keys come with the next release"}
	r.Findings = append(r.Findings, r.Findings[1])
	r.Findings[2].Suppressed = &rules.Suppression{Position: pos("ci/intscan.yml", 4), Reason: "see the runbook", External: true}
	log, err := sarif.FromString(write(t, "sarif", r, render.TextOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	results := log.Runs[0].Results
	if got := *results[0].BaselineState; got != "unchanged" {
		t.Errorf("a known finding is %q", got)
	}
	if got := *results[1].BaselineState; got != "new" {
		t.Errorf("a new finding is %q", got)
	}
	if s := results[1].Suppressions; len(s) != 1 || *s[0].Justification != "keys come with the next release" || *s[0].Kind != "inSource" {
		t.Errorf("suppressions: %+v", s)
	}
	r.Gate.Base = ""
	if strings.Contains(write(t, "sarif", r, render.TextOptions{}), "baselineState") {
		t.Error("findings have a state, though they were held against nothing")
	}
	if s := results[2].Suppressions; len(s) != 1 || *s[0].Kind != "external" {
		t.Errorf("what stands in the configuration: %+v", s)
	}
	if got := results[0].PartialFingerprints; got["intscan/v1"] != r.Findings[0].Fingerprint || got["primaryLocationLineHash"] != "" {
		t.Errorf("fingerprints: %v", got)
	}
}

// TestJUnitIsWellFormed reads the XML back: what it counts is what there is.
func TestJUnitIsWellFormed(t *testing.T) {
	for name, r := range machineReports() {
		t.Run(name, func(t *testing.T) {
			text := write(t, "junit", r, render.TextOptions{})
			d := xml.NewDecoder(strings.NewReader(text))
			failures := 0
			for {
				token, err := d.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if e, ok := token.(xml.StartElement); ok && e.Name.Local == "failure" {
					failures++
				}
			}
			want := 0
			for _, f := range r.Findings {
				if _, ok := rules.Lookup(f.Rule); ok && !f.Known && f.Suppressed == nil {
					want++
				}
			}
			if failures != want {
				t.Errorf("%d failures, want %d", failures, want)
			}
		})
	}
}

// TestCodeQuality checks reports against a schema of what GitLab takes and shows; of
// entries with the same fingerprint it shows one.
func TestCodeQuality(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/codequality.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range machineReports() {
		t.Run(name, func(t *testing.T) {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(write(t, "codequality", r, render.TextOptions{})))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			seen := map[any]bool{}
			for _, issue := range doc.([]any) {
				id := issue.(map[string]any)["fingerprint"]
				if seen[id] {
					t.Errorf("two entries have the fingerprint %v", id)
				}
				seen[id] = true
			}
			if name == "rich" && len(seen) == 0 {
				t.Error("nothing is in it")
			}
		})
	}
}

// TestGitHubCommands: whatever the text, a finding stays one command on one line.
func TestGitHubCommands(t *testing.T) {
	got := write(t, "github", machineReports()["hostile"], render.TextOptions{})
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(lines) != 1 { // the other finding is suppressed
		t.Fatalf("%d lines: %q", len(lines), got)
	}
	head, _, _ := strings.Cut(lines[0], "::]]>")
	if want := "::warning file=a b/%2541%3Ac%2Cd/é\u202e<x>.go,line=61,title=retry-payment (medium)"; head != want {
		t.Errorf("got %q, want %q", head, want)
	}
}

// TestJUnitSchema checks the XML against the schema that the JUnit plugin of Jenkins
// publishes, where xmllint and the schema are on the machine.
func TestJUnitSchema(t *testing.T) {
	schema := junitSchema(t)
	for name, r := range machineReports() {
		cmd := exec.Command("xmllint", "--noout", "--schema", schema, "-")
		cmd.Stdin = strings.NewReader(write(t, "junit", r, render.TextOptions{}))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, bytes.TrimSpace(out))
		}
	}
}

// junitSchema is the file named by INTSCAN_JUNIT_XSD, which CI brings along.
func junitSchema(t *testing.T) string {
	t.Helper()
	schema := os.Getenv("INTSCAN_JUNIT_XSD")
	if schema == "" {
		t.Skip("INTSCAN_JUNIT_XSD names no schema; .ci/run sets it")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not on the PATH (Debian: libxml2-utils)")
	}
	return schema
}
