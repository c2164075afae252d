package gosrc

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAttempts: what a retrying loop does between its attempts and what ends it.
func TestAttempts(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"at once", "for i := 0; i < 3; i++ {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t}\n\treturn errGone", "limit=3 bounded plain"},
		{"until success", "for {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\tbreak\n\t\t}\n\t\ttime.Sleep(time.Second)\n\t}\n\treturn nil", "plain waits=1000000000 sleeps"},
		{"while it fails", "err := do()\n\tfor err != nil {\n\t\ttime.Sleep(time.Second)\n\t\terr = do()\n\t}\n\treturn nil", "plain waits=1000000000 sleeps"},
		{"doubling", "wait := time.Second\n\tfor range 4 {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(wait)\n\t\twait *= 2\n\t}\n\treturn errGone", "limit=4 bounded plain waits=1000000000 grows sleeps"},
		{"shifted", "for i := range 4 {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(time.Second << i)\n\t}\n\treturn errGone", "limit=4 bounded plain waits=? grows sleeps"},
		{"a list of waits", "for _, d := range backoffs {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(d)\n\t}\n\treturn errGone", "limit=? bounded plain waits=? grows sleeps"},
		{"random", "for range 4 {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(time.Second + rand.N(time.Second))\n\t}\n\treturn errGone", "limit=4 bounded plain waits=? random sleeps"},
		{"asks the context", "for {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\tselect {\n\t\tcase <-ctx.Done():\n\t\t\treturn ctx.Err()\n\t\tcase <-time.After(time.Second):\n\t\t}\n\t}", "plain waits=1000000000 asks"},
		{"counts inside", "for attempt := 0; ; attempt++ {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\tif attempt > 3 {\n\t\t\treturn err\n\t\t}\n\t}", "bounded plain"},
		{"looks at the clock", "start := time.Now()\n\tfor time.Since(start) < time.Minute {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\ttime.Sleep(time.Second)\n\t}\n\treturn errGone", "bounded plain waits=1000000000 sleeps"},
		{"a conflict", "for range 5 {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\tif !errors.Is(err, errGone) {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn errGone", "limit=5 bounded plain specific"},
		{"a passing failure", "for range 5 {\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t\tif !retryable(err) {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn errGone", "limit=5 bounded plain"},
		{"the next server", "for i := range 3 {\n\t\tprintln(items[i%len(items)])\n\t\terr := do()\n\t\tif err == nil {\n\t\t\treturn nil\n\t\t}\n\t}\n\treturn errGone", "limit=3 bounded plain specific"},
		{"a pager", "for page := 0; page < 9; page++ {\n\t\tif err := do(); err != nil {\n\t\t\treturn err\n\t\t}\n\t}\n\treturn nil", "none"},
	}
	var b strings.Builder
	b.WriteString(strings.Replace(loopHeader, "\t\"time\"\n", "\t\"math/rand/v2\"\n\t\"time\"\n", 1))
	b.WriteString("var _ = rand.N[int]\n\n")
	for i, tt := range tests {
		fmt.Fprintf(&b, "func f%d(ctx context.Context) error {\n\t%s\n}\n\n", i, tt.body)
	}
	code, _ := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": b.String()}, "", Options{})
	for i, tt := range tests {
		fn := funcOf(t, code, fmt.Sprintf("example.com/shop.f%d", i))
		if diff := cmp.Diff(tt.want, attemptsOf(fn)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// attemptsOf writes what is known of the loop around the call of do.
func attemptsOf(fn *Func) string {
	var a *Attempts
	for _, c := range fn.Calls {
		if strings.HasSuffix(c.Callee, ".do") && c.Loop != nil {
			a = c.Loop.Attempts
		}
	}
	if a == nil {
		return "none"
	}
	text := func(v *Value) string {
		if v.Kind == Const {
			return v.Text
		}
		return "?"
	}
	var out []string
	if a.Limit != nil {
		out = append(out, "limit="+text(a.Limit))
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{a.Bounded, "bounded"}, {a.Plain, "plain"}, {a.Specific, "specific"}} {
		if flag.set {
			out = append(out, flag.name)
		}
	}
	for _, w := range a.Waits {
		out = append(out, "waits="+text(w))
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{a.Grows, "grows"}, {a.Random, "random"}, {a.Sleeps, "sleeps"}, {len(a.Asked) > 0, "asks"}} {
		if flag.set {
			out = append(out, flag.name)
		}
	}
	return strings.Join(out, " ")
}
