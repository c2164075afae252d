package render_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/render"
	"github.com/intscan/intscan/plan/risk"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/plan/sections"
)

// planned adds to a report what follows from it: risks and the plan.
func planned(r *plan.Report) *plan.Report {
	r.Risks = risk.Assess(&r.Result, nil)
	r.Plan = sections.Build(sections.Facts{Result: &r.Result, Risks: r.Risks, Findings: r.Findings})
	return r
}

var embedded = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(style|script)>`)

// withoutAssets takes out the style, the script and their hashes, so that a change
// of looks changes no golden file.
func withoutAssets(s string) string {
	s = embedded.ReplaceAllString(s, "<$1></$1>")
	return regexp.MustCompile(`sha256-.*?&#39;`).ReplaceAllString(s, "sha256-&#39;")
}

// TestHTMLGolden has no plan in it: what the plan says is package sections' subject.
func TestHTMLGolden(t *testing.T) {
	r := richReport()
	r.Risks = risk.Assess(&r.Result, nil)
	r.Gate = &gate.Outcome{FailOn: rules.High, Failing: 1, New: 2}
	golden(t, "rich.html", withoutAssets(write(t, "html", r, render.TextOptions{})))
}

// TestHTMLPolicy: the hashes in the policy are those of what stands in the page, and
// it has no other script, style, handler or address.
func TestHTMLPolicy(t *testing.T) {
	page := write(t, "html", hostileReport(), render.TextOptions{})
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]+)"`).FindStringSubmatch(page)
	if policy == nil {
		t.Fatal("no policy")
	}
	found := embedded.FindAllStringSubmatch(page, -1)
	if len(found) != 2 {
		t.Fatalf("%d scripts and styles, want 2", len(found))
	}
	for _, f := range found {
		sum := sha256.Sum256([]byte(f[2]))
		want := fmt.Sprintf("%s-src 'sha256-%s'", f[1], base64.StdEncoding.EncodeToString(sum[:]))
		if !strings.Contains(html.UnescapeString(policy[1]), want) {
			t.Errorf("the policy does not have %s: %s", want, policy[1])
		}
	}
	body := embedded.ReplaceAllString(page, "")
	for _, bad := range []string{`<[a-z]+[^>]* style=`, `<[^>]* on[a-z]+=`, `<[^>]* (src|srcset|action|formaction|ping|poster)=`, `<[^>]* href="?[^#d"]`, `<(iframe|object|embed|img|base|form [^>]*action|link [^>]*stylesheet)`} {
		if m := regexp.MustCompile(bad).FindString(quotedText(body)); m != "" {
			t.Errorf("%s matches %q", bad, m)
		}
	}
}

// quotedText blanks the values of attributes that hold text of the repository, which
// may look like markup without being any.
func quotedText(s string) string {
	return regexp.MustCompile(` (data-[a-z]+|aria-label|content|value)="[^"]*"`).ReplaceAllString(s, "")
}

// TestHTMLIsWellFormed: every element is closed where it should be, and IDs are
// unique, whatever the names.
func TestHTMLIsWellFormed(t *testing.T) {
	for name, r := range htmlReports() {
		t.Run(name, func(t *testing.T) {
			page := embedded.ReplaceAllString(write(t, "html", r, render.TextOptions{}), "")
			ids := idsOf(t, page)
			for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
				if !ids[html.UnescapeString(m[1])] {
					t.Errorf("a link leads to #%s, which does not exist", m[1])
				}
			}
		})
	}
}

var (
	void = regexp.MustCompile(`<(meta|link|br|input)\b([^>]*)>`)
	bare = regexp.MustCompile(` (hidden|open)>`)
)

// idsOf reads the page as XML, which forgives nothing, and lists its IDs.
func idsOf(t *testing.T, page string) map[string]bool {
	t.Helper()
	page = bare.ReplaceAllString(void.ReplaceAllString(page, "<$1$2/>"), ` $1="">`)
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(page, "<!doctype html>")))
	ids := map[string]bool{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			return ids
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range e.Attr {
			if a.Name.Local != "id" {
				continue
			}
			if ids[a.Value] {
				t.Errorf("ID %s is not unique", a.Value)
			}
			ids[a.Value] = true
		}
	}
}

// htmlReports are reports that the page must bear.
func htmlReports() map[string]*plan.Report {
	twins := richReport() // two whose sections have the same ID
	twins.Integrations[0].ID, twins.Integrations[1].ID = "http:a/b", "http:a-b"
	return map[string]*plan.Report{
		"rich": planned(richReport()), "large": planned(largeReport()), "hostile": hostileReport(), "twins": planned(twins),
		"inventory": richReport(),
		"empty":     {Schema: plan.Schema, Result: detect.Result{Repository: detect.Repository{Name: "empty"}}},
		"nothing":   planned(&plan.Report{Schema: plan.Schema, Result: detect.Result{Repository: detect.Repository{Name: "empty"}}}),
	}
}

// TestHTMLKeepsTheDocument: what the plan says stands in the page, also where the page
// shows it in its own way.
func TestHTMLKeepsTheDocument(t *testing.T) {
	r := planned(richReport())
	page := html.UnescapeString(write(t, "html", r, render.TextOptions{}))
	var look func(s document.Section)
	words := func(t *testing.T, text document.Text) {
		t.Helper()
		for _, s := range text {
			for line := range strings.Lines(s.Text) {
				if line = strings.TrimSpace(line); !strings.Contains(page, line) {
					t.Errorf("%q is missing", line)
				}
			}
		}
	}
	look = func(s document.Section) {
		words(t, document.T(s.Title))
		for _, b := range s.Blocks {
			switch b := b.(type) {
			case document.Paragraph:
				words(t, b.Text)
			case document.Code:
				words(t, document.T(b.Text))
			case document.List:
				for _, item := range b.Items {
					words(t, item)
				}
			case document.Checklist:
				for _, c := range b.Items {
					words(t, c.Text)
				}
			case document.Table:
				for _, row := range b.Rows {
					for _, cell := range row {
						words(t, cell)
					}
				}
			}
		}
		for _, sub := range s.Sections {
			look(sub)
		}
	}
	for _, s := range r.Plan.Document().Sections {
		look(s)
	}
}

// TestHTMLBounds: a repository with three thousand calls gives a page of a few
// megabytes in a moment.
func TestHTMLBounds(t *testing.T) {
	r := largeReport()
	for i := range 3000 {
		site := richCalls()[i%4]
		site.Line = i + 1
		r.CallSites = append(r.CallSites, site)
	}
	planned(r)
	start := time.Now()
	page := write(t, "html", r, render.TextOptions{})
	if n := len(page); n > 5<<20 {
		t.Errorf("%d bytes, want at most 5 MB", n)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	}
}

// TestHTMLAssetsNameNoAddress: there is nothing to load.
func TestHTMLAssetsNameNoAddress(t *testing.T) {
	files, err := filepath.Glob("assets/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no assets", err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), "://") {
			t.Errorf("%s names an address", f)
		}
	}
}
