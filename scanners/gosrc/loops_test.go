package gosrc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const loopHeader = `package shop

import (
	"context"
	"errors"
	"time"
)

var (
	errGone  = errors.New("gone")
	items    []string
	backoffs []time.Duration
	_        context.Context
	_        time.Duration
	_        = errors.Is
)

type message struct{ body string }

func do() error                { return nil }
func next() (message, error)   { return message{}, nil }
func retryable(err error) bool { return err != nil }

`

// TestLoops: what a loop is by its shape, told of the call of do (or next) in it.
func TestLoops(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"counted", "var err error\n\tfor i := 0; i < 3; i++ {\n\t\tif err = do(); err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(time.Second)\n\t}\n\treturn err", "retry sleeps"},
		{"counted continue", "for i := 0; i < 3; i++ {\n\t\terr := do()\n\t\tif err != nil {\n\t\t\tcontinue\n\t\t}\n\t\treturn nil\n\t}\n\treturn errGone", "retry"},
		{"endless until success", "for {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\tbreak\n\t\t}\n\t\ttime.Sleep(time.Second)\n\t}\n\treturn nil", "retry sleeps"},
		{"range int", "for range 3 {\n\t\tif do() == nil {\n\t\t\treturn nil\n\t\t}\n\t}\n\treturn errGone", "retry"},
		{"range backoffs", "for _, d := range backoffs {\n\t\tif do() == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(d)\n\t}\n\treturn errGone", "retry sleeps"},
		{"while error", "err := errGone\n\tfor err != nil {\n\t\terr = do()\n\t}\n\treturn nil", "retry"},
		{"certain errors only", "for {\n\t\terr := do()\n\t\tif retryable(err) {\n\t\t\tcontinue\n\t\t}\n\t\treturn err\n\t}", "retry"},
		{"else break", "for i := 0; i < 5; i++ {\n\t\tif err := do(); err != nil {\n\t\t\ttime.Sleep(time.Second)\n\t\t} else {\n\t\t\tbreak\n\t\t}\n\t}\n\treturn nil", "retry sleeps"},
		{"pager", "for page := 0; page < 9; page++ {\n\t\tif err := do(); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil", ""},
		{"endless pager", "for {\n\t\tm, err := next()\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n\t\tif m.body == \"\" {\n\t\t\treturn nil\n\t\t}\n\t}", ""},
		{"range items", "for range items {\n\t\tif err := do(); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil", "range"},
		{"range items, skipping", "for range items {\n\t\tif err := do(); err != nil {\n\t\t\tcontinue\n\t\t}\n\t}\n\treturn nil", "range"},
		{"first of", "for range items {\n\t\tif do() == nil {\n\t\t\treturn nil\n\t\t}\n\t}\n\treturn errGone", "range"},
		{"consumer", "for {\n\t\tm, err := next()\n\t\tif err != nil {\n\t\t\tprintln(err.Error())\n\t\t\tcontinue\n\t\t}\n\t\tprintln(m.body)\n\t}", "endless"},
		{"ticker", "tick := time.NewTicker(time.Minute)\n\tfor range tick.C {\n\t\tif err := do(); err != nil {\n\t\t\tprintln(err.Error())\n\t\t}\n\t}\n\treturn nil", "endless ticker"},
		{"select ticker", "tick := time.NewTicker(time.Minute)\n\tfor {\n\t\tselect {\n\t\tcase <-tick.C:\n\t\t\tif err := do(); err != nil {\n\t\t\t\tprintln(err.Error())\n\t\t\t}\n\t\t}\n\t}", "endless ticker"},
		{"switch leaves", "for i := 0; i < 3; i++ {\n\t\terr := do()\n\t\tswitch {\n\t\tcase err == nil:\n\t\t\treturn nil\n\t\tcase err != nil:\n\t\t\ttime.Sleep(time.Second)\n\t\t}\n\t}\n\treturn errGone", "retry sleeps"},
		{"switch continues", "for i := 0; i < 3; i++ {\n\t\terr := do()\n\t\tswitch {\n\t\tcase err == nil:\n\t\t\treturn nil\n\t\tcase errors.Is(err, errGone):\n\t\t\ttime.Sleep(time.Second)\n\t\t\tcontinue\n\t\tdefault:\n\t\t\treturn err\n\t\t}\n\t}\n\treturn errGone", "retry sleeps"},
		{"not a failure", "n := 0\n\tfor n < 3 {\n\t\tn++\n\t\tif err := do(); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil", ""},
		{"certain failures, denied", "for {\n\t\terr := do()\n\t\tif !errors.Is(err, errGone) {\n\t\t\treturn err\n\t\t}\n\t}", "retry"},
		{"denied, and left elsewhere", "for {\n\t\terr := do()\n\t\tif !errors.Is(err, errGone) {\n\t\t\treturn err\n\t\t}\n\t\tif len(items) > 0 {\n\t\t\treturn nil\n\t\t}\n\t}", ""},
		{"no error seen", "for {\n\t\t_ = do()\n\t\ttime.Sleep(time.Second)\n\t}", "endless sleeps"},
		{"no error seen, nor a pause", "for {\n\t\t_ = do()\n\t}", ""},
		{"no loop", "return do()", "none"},
	}
	var b strings.Builder
	b.WriteString(loopHeader)
	for i, tt := range tests {
		fmt.Fprintf(&b, "func case%d() error {\n\t%s\n}\n\n", i, tt.body)
	}
	code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": b.String()}, "", Options{})
	if len(diags) > 0 {
		t.Fatal(messages(diags))
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fn := funcOf(t, code, fmt.Sprintf("example.com/shop.case%d", i))
			callee := "shop.do"
			if strings.Contains(tt.body, "next()") {
				callee = "shop.next"
			}
			if got := loopWords(callIn(t, fn, callee).Loop); got != tt.want {
				t.Errorf("loop is %q, want %q:\n%s", got, tt.want, tt.body)
			}
		})
	}
}

func loopWords(l *Loop) string {
	if l == nil {
		return "none"
	}
	var words []string
	for _, w := range []struct {
		set  bool
		word string
	}{{l.Retry, "retry"}, {l.Endless, "endless"}, {l.Range, "range"}, {l.Sleeps, "sleeps"}, {l.Ticker, "ticker"}} {
		if w.set {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, " ")
}

// TestNestedLoops: the inner loop knows the outer one; a literal in a loop is a
// function of its own.
func TestNestedLoops(t *testing.T) {
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": loopHeader + `
func nested() error {
	for range items {
		for i := 0; i < 3; i++ {
			if do() == nil {
				break
			}
		}
		func() { _, _ = next() }()
	}
	return nil
}
`}, "", Options{})
	fn := funcOf(t, code, "example.com/shop.nested")
	inner := callIn(t, fn, "shop.do").Loop
	if inner == nil || inner.Outer == nil {
		t.Fatal("the inner loop does not know the outer one")
	}
	if diff := cmp.Diff([]string{"retry", "range"}, []string{loopWords(inner), loopWords(inner.Outer)}); diff != "" {
		t.Errorf("loops (-want +got):\n%s", diff)
	}
	for _, f := range pkgOf(t, code, ".").Funcs {
		if f.Lit && f.Parent == fn {
			if l := callIn(t, f, "shop.next").Loop; l != nil {
				t.Errorf("the literal's call is in a loop of its parent: %q", loopWords(l))
			}
			return
		}
	}
	t.Error("no function for the literal")
}
