package render_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/render"
)

// browser starts a headless browser, or skips where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	var found string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			found = path
			break
		}
	}
	if found == "" {
		t.Skip("no Chromium on the PATH; .ci/run installs Debian's")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(found), chromedp.UserDataDir(t.TempDir()))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to sandbox for root
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is a page in the browser. What goes wrong in it fails the test at its end.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// show opens the page of a report in a new tab.
func show(t *testing.T, browser context.Context, r *plan.Report) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(write(t, "html", r, render.TextOptions{})), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser)
	p := &tab{t: t, ctx: ctx}
	t.Cleanup(func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, problem := range p.problems {
			t.Error(problem)
		}
	})
	url := "file://" + file
	if err := chromedp.Listen(ctx, func(event any) { p.watch(url, event) }); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	p.media("", "light")
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(url))
	return p
}

// watch notes what a quiet page does not do: speak, throw, ask, or load anything.
func (p *tab) watch(url string, event any) {
	problem := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		problem = "console: " + e.Entry.Text
	case *runtime.EventConsoleAPICalled:
		problem = fmt.Sprintf("console.%s", e.Type)
	case *runtime.EventExceptionThrown:
		problem = "exception: " + e.ExceptionDetails.Text
	case *page.EventJavascriptDialogOpening:
		problem = "dialog: " + e.Message
	case *network.EventRequestWillBeSent:
		if e.Request.URL != url && !strings.HasPrefix(e.Request.URL, "data:") {
			problem = "request: " + e.Request.URL
		}
	}
	if problem != "" {
		p.mu.Lock()
		p.problems = append(p.problems, problem)
		p.mu.Unlock()
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// becomes waits until an expression has the value: a page answers to a click or a
// change of media when it next draws. It returns the last value.
func becomes[T comparable](p *tab, expression string, want T) T {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if got := ask[T](p, expression); got == want || time.Now().After(end) {
			return got
		}
	}
}

func (p *tab) media(media, scheme string) {
	p.t.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media, Features: features}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *tab) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// TestBrowser runs all checks in one browser.
func TestBrowser(t *testing.T) {
	b := browser(t)
	for _, check := range []struct {
		name string
		run  func(*testing.T, context.Context)
	}{
		{"hostile", browserHostile}, {"structure", browserStructure}, {"filters", browserFilters}, {"links", browserLinks},
		{"keyboard", browserKeyboard}, {"contrast", browserContrast}, {"theme", browserTheme}, {"print", browserPrint}, {"narrow", browserNarrow},
		{"watched", browserIsWatched},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, b) })
	}
}

// browserIsWatched: the checks would see a page that speaks, asks or loads.
func browserIsWatched(t *testing.T, b context.Context) {
	r := richReport()
	p := show(t, b, r)
	ask[any](p, `console.error('x'); document.body.append(Object.assign(new Image(), {src: 'https://other.example/x.png'})); null`)
	p.do(chromedp.Sleep(200 * time.Millisecond))
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := strings.Join(p.problems, "\n")
	p.problems = nil
	for _, want := range []string{"console.error", "violates the following Content Security Policy"} {
		if !strings.Contains(seen, want) {
			t.Errorf("not seen: %s in %q", want, seen)
		}
	}
}

// browserHostile: names run nothing, load nothing, and add no element.
func browserHostile(t *testing.T, b context.Context) {
	reports := htmlReports()
	maps.Copy(reports, realReports(t))
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			p := show(t, b, r)
			if got := ask[string](p, `String(window.pwned)`); got != "undefined" {
				t.Errorf("an attack ran: %s", got)
			}
			if n := ask[int](p, `document.querySelectorAll('img, iframe, object, embed, base, [onload], [onerror], [onfocus], a[href]:not([href^="#"])').length`); n != 0 {
				t.Errorf("%d elements that the page does not have", n)
			}
			if got := ask[string](p, `[document.scripts.length, document.querySelectorAll('style').length, document.querySelectorAll('main').length, document.querySelectorAll('meta').length].join()`); got != "1,1,1,5" {
				t.Errorf("scripts, styles, mains, metas: %s", got)
			}
			for table, want := range map[string]int{"table-findings": len(r.Findings), "table-calls": len(r.CallSites), "table-integrations": len(r.Integrations)} {
				if got := ask[int](p, `document.getElementById('`+table+`')?.tBodies[0].rows.length ?? 0`); got != want {
					t.Errorf("%s has %d rows, want %d", table, got, want)
				}
			}
			if odd := ask[string](p, `(document.documentElement.textContent.match(/[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/) || [''])[0]`); odd != "" {
				t.Errorf("the text has %q in it", odd)
			}
			ask[any](p, `document.querySelectorAll('details').forEach(d => d.open = true)`)
			if wide := ask[int](p, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
				t.Errorf("the page is %d pixels too wide", wide)
			}
		})
	}
}

// browserStructure: what a screen reader goes by.
func browserStructure(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	for rule, script := range map[string]string{
		"headings go down one level at a time": `[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].reduce((o, h) => { const n = +h.tagName[1]; if (n > o.last + 1) o.bad.push(h.textContent); o.last = n; return o; }, {last: 0, bad: []}).bad.join('; ')`,
		"every table has a caption":            `[...document.querySelectorAll('table')].filter(t => !t.caption?.textContent.trim()).map(t => t.outerHTML.slice(0, 80)).join('; ')`,
		"every heading cell has a scope":       `[...document.querySelectorAll('th:not([scope])')].map(t => t.textContent).join('; ')`,
		"every row has a heading":              `[...document.querySelectorAll('main tbody tr')].filter(r => !r.querySelector('th') && r.closest('table').caption.textContent !== 'Differences from the lock file').map(r => r.textContent).join('; ')`,
		"every region is named":                `[...document.querySelectorAll('[role=region],[role=search],nav')].filter(r => !r.getAttribute('aria-label') && !document.getElementById(r.getAttribute('aria-labelledby'))).map(r => r.outerHTML.slice(0, 80)).join('; ')`,
		"every field has a label":              `[...document.querySelectorAll('input,select')].filter(f => !f.labels.length).map(f => f.name).join('; ')`,
		"one h1, one main, one header":         `['h1', 'main', 'body > header'].filter(s => document.querySelectorAll(s).length !== 1).join('; ')`,
		"the count is announced":               `[...document.querySelectorAll('form')].filter(f => f.querySelector('output')?.getAttribute('aria-live') !== 'polite').length ? 'no' : ''`,
	} {
		if got := ask[string](p, script); got != "" {
			t.Errorf("%s: not %s", rule, got)
		}
	}
}

func browserFilters(t *testing.T, b context.Context) {
	r := planned(largeReport())
	r.Findings[0].Message = "needle in a haystack"
	p := show(t, b, r)
	status := func(table, want string) {
		t.Helper()
		if got := becomes(p, `document.querySelector('form[data-table=table-`+table+`] output').textContent`, want); got != want {
			t.Errorf("%s: %s, want %s", table, got, want)
		}
	}
	all := fmt.Sprintf("%d shown", len(r.Findings))
	status("findings", all)
	p.do(chromedp.Focus(chromedp.CSS(`form[data-table=table-findings] input`)))
	p.press("HAYstack needle")
	status("findings", fmt.Sprintf("1 of %d shown", len(r.Findings)))
	if got := ask[string](p, `[...document.querySelectorAll('#table-findings tbody tr')].filter(r => r.offsetHeight).map(r => r.cells[1].firstChild.textContent).join()`); got != "needle in a haystack" {
		t.Errorf("shown: %s", got)
	}
	p.press(kb.Tab)
	p.press("m") // the list jumps to "medium"
	status("findings", fmt.Sprintf("0 of %d shown", len(r.Findings)))
	p.do(chromedp.Click(chromedp.CSS(`form[data-table=table-findings] button`)))
	status("findings", all)
	absent := 0
	for _, s := range r.CallSites {
		if s.Timeout.Verdict == "absent" {
			absent++
		}
	}
	p.do(chromedp.Click(chromedp.CSS(`a[data-filter="timeout=absent"]`)))
	status("calls", fmt.Sprintf("%d of %d shown", absent, len(r.CallSites)))
	p.do(chromedp.Focus(chromedp.CSS(`#table-integrations thead th:nth-child(8) button`)))
	p.press(kb.Enter)
	p.press(kb.Enter)
	sorted := ask[string](p, `(() => { const h = document.querySelector('#table-integrations thead th:nth-child(8)'); const n = [...document.querySelectorAll('#table-integrations tbody tr')].map(r => +r.cells[7].textContent); return h.getAttribute('aria-sort') + n.every((v, i) => !i || v <= n[i-1]); })()`)
	if sorted != "descendingtrue" {
		t.Errorf("sorted by calls, the most first: %s", sorted)
	}
}

// browserLinks: a link into something closed or filtered out shows it.
func browserLinks(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	p.do(chromedp.Click(chromedp.CSS(`#map-drawing a[href="#integration-stripe"] rect`)))
	if !becomes(p, `document.getElementById('integration-stripe').open`, true) {
		t.Error("a click in the map does not open the integration's page")
	}
	ask[any](p, `(() => { const f = document.querySelector('form[data-table=table-findings]'); f.elements.text.value = 'nothing has this'; f.dispatchEvent(new Event('input')); })()`)
	ask[any](p, `location.hash = '#finding-2'`)
	if !becomes(p, `document.getElementById('finding-2').offsetHeight > 0`, true) {
		t.Error("a link to a row that a filter hides does not show it")
	}
}

// browserKeyboard: the tab key reaches everything that does something, each with a
// visible focus, and leaves again.
func browserKeyboard(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	ask[any](p, `document.querySelectorAll('details').forEach(d => d.open = true)`)
	ask[any](p, `window.wanted = new Set([...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')].filter(e => e.checkVisibility() && e.getClientRects().length)); window.unseen = []`)
	wanted := ask[int](p, `wanted.size`)
	if wanted < 60 {
		t.Fatalf("only %d things to reach", wanted)
	}
	for range wanted + 20 {
		p.press(kb.Tab)
		ask[any](p, `(() => { const e = document.activeElement; if (!wanted.delete(e)) return; const s = getComputedStyle(e), box = e.querySelector?.('.box'); if (s.outlineStyle === 'none' && !(box && getComputedStyle(box).strokeWidth === '2px')) unseen.push(e.outerHTML.slice(0, 90)); })()`)
		if ask[int](p, `wanted.size`) == 0 {
			break
		}
	}
	if left := ask[string](p, `[...wanted].map(e => e.outerHTML.slice(0, 90)).join('; ')`); left != "" {
		t.Errorf("not reached: %s", left)
	}
	if unseen := ask[string](p, `unseen.join('; ')`); unseen != "" {
		t.Errorf("focus does not show on %s", unseen)
	}
	fresh := show(t, b, planned(richReport()))
	fresh.press(kb.Tab)
	fresh.press(kb.Enter)
	if got := ask[string](fresh, `document.activeElement.id`); got != "main" {
		t.Errorf("the skip link leads to %q", got)
	}
}

// contrast lists texts whose colour is too close to what is behind them: under 4.5
// to 1, which WCAG asks for.
const contrast = `(() => {
  const channel = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const rgb = s => s.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; } return [255, 255, 255]; };
  const bad = new Map();
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.closest('script, style, option, title')) continue;
    const svg = e.closest('svg'), style = getComputedStyle(e);
    const fore = light(rgb(svg ? style.fill : style.color));
    const box = e.parentElement.querySelector(':scope > .box');
    const back = light(box ? rgb(getComputedStyle(box).fill) : behind(e));
    const ratio = (Math.max(fore, back) + .05) / (Math.min(fore, back) + .05);
    if (ratio < 4.5) bad.set(e.tagName + '.' + (e.getAttribute('class') || ''), ratio.toFixed(2));
  }
  return [...bad].join('; ');
})()`

func browserContrast(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	ask[any](p, `document.querySelectorAll('details').forEach(d => d.open = true)`)
	for _, scheme := range []string{"light", "dark"} {
		p.media("", scheme)
		if got := becomes(p, contrast, ""); got != "" {
			t.Errorf("%s: too little contrast: %s", scheme, got)
		}
	}
}

func browserTheme(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	state := `getComputedStyle(document.body).backgroundColor + ' ' + document.getElementById('theme').getAttribute('aria-pressed')`
	const white, black = "rgb(255, 255, 255) false", "rgb(20, 22, 26) true"
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"light system", func() { p.media("", "light") }, white},
		{"dark system", func() { p.media("", "dark") }, black},
		{"switched to light", func() { p.do(chromedp.Click(chromedp.CSS("#theme"))) }, white},
		{"switched back", func() { p.do(chromedp.Click(chromedp.CSS("#theme"))) }, black},
		{"dark on a light system", func() { p.media("", "light") }, black},
	} {
		step.do()
		if got := becomes(p, state, step.want); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
	p.media("print", "dark")
	if got := becomes(p, `getComputedStyle(document.body).backgroundColor`, "rgb(255, 255, 255)"); got != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", got)
	}
}

// browserPrint: on paper everything is open, and nothing stands there that paper
// cannot do.
func browserPrint(t *testing.T, b context.Context) {
	p := show(t, b, planned(richReport()))
	hidden := `[...document.querySelectorAll('main details > *:not(summary)')].filter(e => !e.checkVisibility({contentVisibilityAuto: true}) || !e.getClientRects().length).map(e => e.outerHTML.slice(0, 90)).join('; ')`
	if ask[string](p, hidden) == "" {
		t.Error("nothing is closed on the screen")
	}
	p.media("print", "light")
	if closed := becomes(p, hidden, ""); closed != "" {
		t.Errorf("not printed: %s", closed)
	}
	if n := becomes(p, `[...document.querySelectorAll('nav, .filters, #theme')].filter(e => e.getClientRects().length).length`, 0); n != 0 {
		t.Errorf("%d controls are printed", n)
	}
	p.media("", "light")
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	if pages := strings.Count(string(pdf), "/Type /Page\n"); pages < 4 {
		t.Errorf("%d pages on paper", pages)
	}
	if n := becomes(p, `document.querySelectorAll('details.point[open]').length`, 0); n != 0 {
		t.Errorf("%d parts stay open after printing", n)
	}
}

func browserNarrow(t *testing.T, b context.Context) {
	p := show(t, b, planned(largeReport()))
	p.do(chromedp.EmulateViewport(360, 700), chromedp.Reload())
	if wide := ask[int](p, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d pixels wide on a screen of 360", wide)
	}
	if ask[bool](p, `document.querySelector('nav details').open`) {
		t.Error("the contents cover a narrow screen")
	}
}
