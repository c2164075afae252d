package detect_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// scanLimit is far above what any of these shapes takes (a second or two on a slow
// machine), and far below what an analysis without bounds takes.
const scanLimit = 60 * time.Second

// scanSources scans a module of the given files, under scanLimit.
func scanSources(t *testing.T, files map[string]string) *plan.Report {
	t.Helper()
	offline(t, t.TempDir())
	dir := t.TempDir()
	if files["go.mod"] == "" {
		write(t, dir, "go.mod", "module example.com/shape\n\ngo 1.24\n")
	}
	for name, text := range files {
		write(t, dir, name, text)
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), scanLimit)
	defer cancel()
	done := make(chan *plan.Report, 1)
	go func() {
		r, err := plan.Scan(ctx, plan.Options{Dir: dir})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	select {
	case r := <-done:
		if r == nil {
			t.FailNow()
		}
		t.Logf("scanned in %v", time.Since(start).Round(time.Millisecond))
		return r
	case <-time.After(scanLimit + 5*time.Second):
		t.Fatalf("the scan hangs: no answer after %v", time.Since(start))
	}
	return nil
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	fixtures.Write(t, dir, map[string]string{name: text})
}

// siteIn is the one call site of a report in the named file.
func siteIn(t *testing.T, r *plan.Report, file string) detect.CallSite {
	t.Helper()
	var found []detect.CallSite
	for _, s := range r.CallSites {
		if s.File == file {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d call sites in %s, want 1: %v", len(found), file, found)
	}
	return found[0]
}

const getSource = `package main

import (
	"context"
	"net/http"
)

func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
`

// TestDeepCallChain: a deadline three thousand calls up, and a ring of calls. What
// is given up on must not be called bounded.
func TestDeepCallChain(t *testing.T) {
	const depth = 3000
	var b strings.Builder
	b.WriteString("package main\n\nimport \"context\"\n\n")
	for i := range depth {
		fmt.Fprintf(&b, "func step%d(ctx context.Context, url string) error { return step%d(ctx, url) }\n\n", i, i+1)
	}
	fmt.Fprintf(&b, "func step%d(ctx context.Context, url string) error { return get(ctx, url) }\n", depth)
	b.WriteString("\nfunc main() { _ = step0(context.Background(), \"https://deep.mine-shaft.io\") }\n")
	r := scanSources(t, map[string]string{"main.go": b.String(), "get.go": getSource})
	if got := siteIn(t, r, "get.go").Timeout.Verdict; got != detect.Absent && got != detect.Unknown {
		t.Errorf("timeout = %s, want absent or unknown", got)
	}
}

// TestRecursiveCalls: functions that all call each other, with one way in that has
// a deadline and one that has none.
func TestRecursiveCalls(t *testing.T) {
	const n = 60
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"context\"\n\t\"time\"\n)\n\n")
	for i := range n {
		fmt.Fprintf(&b, "func f%d(ctx context.Context, url string, n int) error {\n\tif n == 0 {\n\t\treturn get(ctx, url)\n\t}\n", i)
		for j := range n {
			fmt.Fprintf(&b, "\tif n == %d {\n\t\treturn f%d(ctx, url, n-1)\n\t}\n", j+1, j)
		}
		b.WriteString("\treturn nil\n}\n\n")
	}
	b.WriteString("func main() {\n\tctx, cancel := context.WithTimeout(context.Background(), time.Second)\n\tdefer cancel()\n" +
		"\t_ = f0(ctx, \"https://ring.merry-go.io\", 9)\n\t_ = f7(context.Background(), \"https://ring.merry-go.io\", 9)\n}\n")
	r := scanSources(t, map[string]string{"main.go": b.String(), "get.go": getSource})
	if got := siteIn(t, r, "get.go").Timeout.Verdict; got != detect.Absent {
		t.Errorf("timeout = %s, want absent: one way in has no deadline", got)
	}
}

// TestRecursiveFields: types that hold each other, all assigned from each other.
func TestRecursiveFields(t *testing.T) {
	const n = 80
	var b strings.Builder
	b.WriteString("package main\n\nimport \"net/http\"\n\n")
	for i := range n {
		fmt.Fprintf(&b, "type t%d struct {\n\tnext *t%d\n\tback *t%d\n\thc   *http.Client\n}\n\n", i, (i+1)%n, (i+n-1)%n)
		fmt.Fprintf(&b, "func link%d(a *t%d, b *t%d) {\n\ta.next = b\n\tb.back = a\n\ta.hc = b.hc\n\tb.hc = a.next.back.hc\n\ta.next.next.back.hc = a.hc\n}\n\n", i, i, (i+1)%n)
	}
	b.WriteString("func (t *t0) ask() error {\n\tresp, err := t.next.next.back.hc.Get(\"https://loop.ball-pit.io\")\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn resp.Body.Close()\n}\n\n")
	b.WriteString("func main() {\n\ta, b := &t0{hc: &http.Client{}}, &t1{}\n\tlink0(a, b)\n\t_ = a.ask()\n}\n")
	r := scanSources(t, map[string]string{"main.go": b.String()})
	if got := siteIn(t, r, "main.go").Timeout.Verdict; got == detect.Present {
		t.Errorf("timeout = %s, want absent or unknown: nothing bounds it", got)
	}
}

// TestManyImplementations: an interface with two hundred implementations, which
// call each other through it; the one that calls out has no deadline on one path.
func TestManyImplementations(t *testing.T) {
	const n = 200
	var b strings.Builder
	b.WriteString("package main\n\nimport \"context\"\n\ntype handler interface {\n\tHandle(ctx context.Context, url string) error\n}\n\n")
	for i := range n {
		fmt.Fprintf(&b, "type h%d struct{ next handler }\n\nfunc (h h%d) Handle(ctx context.Context, url string) error { return h.next.Handle(ctx, url) }\n\n", i, i)
	}
	b.WriteString("type last struct{}\n\nfunc (last) Handle(ctx context.Context, url string) error { return get(ctx, url) }\n\nfunc main() {\n\tvar h handler = last{}\n")
	for i := range n {
		fmt.Fprintf(&b, "\th = h%d{next: h}\n", i)
	}
	b.WriteString("\t_ = h.Handle(context.Background(), \"https://many.bee-hive.io\")\n}\n")
	r := scanSources(t, map[string]string{"main.go": b.String(), "get.go": getSource})
	if got := siteIn(t, r, "get.go").Timeout.Verdict; got == detect.Present {
		t.Errorf("timeout = %s, want absent or unknown", got)
	}
}

// TestHugeFunction: twenty thousand lines of one generated function that assigns
// the same variables again and again.
func TestHugeFunction(t *testing.T) {
	const lines = 20000
	var b strings.Builder
	b.WriteString("// Code generated by tablegen. DO NOT EDIT.\n\npackage main\n\nfunc table(url string) map[string]string {\n\tm := map[string]string{}\n\tv := url\n")
	for i := range lines {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "\tif len(v) > %d {\n\t\tv = v + \"a%d\"\n\t}\n", i, i)
		default:
			fmt.Fprintf(&b, "\tm[\"k%d\"] = v\n", i)
		}
	}
	b.WriteString("\treturn m\n}\n")
	main := "package main\n\nimport \"context\"\n\nfunc main() { _ = get(context.Background(), table(\"https://huge.hay-stack.io\")[\"k1\"]) }\n"
	r := scanSources(t, map[string]string{"table.go": b.String(), "main.go": main, "get.go": getSource})
	if got := siteIn(t, r, "get.go").Timeout.Verdict; got != detect.Absent {
		t.Errorf("timeout = %s, want absent", got)
	}
}

// TestDeepExpression: a concatenation ten thousand operands deep, and nested calls.
func TestDeepExpression(t *testing.T) {
	main := "package main\n\nimport \"context\"\n\nfunc id(s string) string { return s }\n\nfunc main() {\n\tx := \"a\"\n\t_ = get(context.Background(), " +
		strings.Repeat("id(", 1000) + "x" + strings.Repeat("+x", 10000) + strings.Repeat(")", 1000) + ")\n}\n"
	r := scanSources(t, map[string]string{"main.go": main, "get.go": getSource})
	siteIn(t, r, "get.go")
}

// TestManyConstructors: a client out of one of a thousand constructors, each of
// which bounds it.
func TestManyConstructors(t *testing.T) {
	const n = 1000
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\n")
	for i := range n {
		fmt.Fprintf(&b, "func new%d() *http.Client { return &http.Client{Timeout: %d * time.Second} }\n\n", i, i+1)
	}
	b.WriteString("func pick(n int) *http.Client {\n\tswitch n {\n")
	for i := range n {
		fmt.Fprintf(&b, "\tcase %d:\n\t\treturn new%d()\n", i, i)
	}
	b.WriteString("\t}\n\treturn new0()\n}\n\nfunc main() {\n\tresp, err := pick(3).Get(\"https://many.door-bell.io\")\n\tif err == nil {\n\t\tresp.Body.Close()\n\t}\n}\n")
	r := scanSources(t, map[string]string{"main.go": b.String()})
	if got := siteIn(t, r, "main.go").Timeout.Verdict; got != detect.Present && got != detect.Unknown {
		t.Errorf("timeout = %s, want present or unknown: all constructors bound it", got)
	}
}

// TestChainedBuilders: a query that is put together step by step, each step out of one of
// many before it.
func TestChainedBuilders(t *testing.T) {
	const steps, choices = 7, 40
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"os\"\n\n\t\"gorm.io/driver/postgres\"\n\t\"gorm.io/gorm\"\n)\n\nvar db, _ = gorm.Open(postgres.Open(\"host=db\"), &gorm.Config{})\n\ntype row struct{ ID int }\n\n")
	fmt.Fprintf(&b, "func step%d() *gorm.DB { return db.Where(\"id > 0\") }\n\n", steps)
	for i := range steps {
		fmt.Fprintf(&b, "func step%d() *gorm.DB {\n\tswitch len(os.Args) {\n", i)
		for c := range choices {
			fmt.Fprintf(&b, "\tcase %d:\n\t\treturn step%d().Where(\"id <> %d\")\n", c, i+1, c)
		}
		fmt.Fprintf(&b, "\t}\n\treturn step%d()\n}\n\n", i+1)
	}
	b.WriteString("func main() {\n\tvar rows []row\n\tstep0().Find(&rows)\n}\n")
	r := scanSources(t, map[string]string{
		"go.mod":  "module example.com/shape\n\ngo 1.24\n\nrequire (\n\tgorm.io/driver/postgres v1.5.11\n\tgorm.io/gorm v1.25.12\n)\n",
		"main.go": b.String(),
	})
	unbounded := 0
	for _, s := range r.CallSites {
		if s.Timeout.Verdict == detect.Absent {
			unbounded++
		}
	}
	if len(r.CallSites) == 0 || unbounded < len(r.CallSites) {
		t.Errorf("%d of %d calls are without a timeout, want all and at least one", unbounded, len(r.CallSites))
	}
}

// TestCopiesOfCopies: a configuration held by value that clients copy from each other, as
// generated ones do.
func TestCopiesOfCopies(t *testing.T) {
	const main = `package main

import (
	"net/http"
	"time"
)

type config struct {
	http  *http.Client
	debug bool
	tx    string
}

type Client struct {
	config
	Rates *Rates
}

type Rates struct{ config }

func New() *Client {
	cfg := config{http: &http.Client{Timeout: time.Second}}
	c := &Client{config: cfg}
	c.Rates = &Rates{c.config}
	return c
}

func (c *Client) Debug() *Client {
	cfg := c.config
	cfg.debug = true
	return &Client{config: cfg, Rates: &Rates{cfg}}
}

func (c *Client) Tx(name string) *Client {
	cfg := c.config
	cfg.tx = name
	return &Client{config: cfg, Rates: &Rates{cfg}}
}

func (r *Rates) All() error {
	resp, err := r.http.Get("https://copies.door-bell.io")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func main() {
	c := New()
	for range 3 {
		c = c.Debug().Tx("a")
	}
	c = c.Tx("b").Debug()
	c.Rates.All()
}
`
	r := scanSources(t, map[string]string{"main.go": main})
	if got := siteIn(t, r, "main.go").Timeout.Verdict; got == detect.Absent {
		t.Errorf("timeout %s: every copy has that of the first", got)
	}
}
