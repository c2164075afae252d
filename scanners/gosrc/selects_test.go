package gosrc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSelects: what a select waits for, which of its clauses end the waiting, and
// the channels that a goroutine sends to.
func TestSelects(t *testing.T) {
	code, diags := scanFiles(t, map[string]string{"go.mod": shopModule, "shop.go": `package shop

import "time"

func once(done, stop chan int) {
	go func() { done <- 1 }()
	select {
	case <-done:
	case v := <-stop:
		_ = v
	case <-time.After(time.Second):
	}
}

func again(done chan int) {
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Second):
		}
	}
}

func never(done, stop chan int) {
	select {
	case <-done:
	case <-stop:
	default:
	}
}
`}, "", Options{})
	if len(diags) > 0 {
		t.Fatal(messages(diags))
	}
	leaves := func(name string) []bool {
		var out []bool
		for _, sel := range funcOf(t, code, "example.com/shop."+name).Selects {
			for _, c := range sel.Cases {
				out = append(out, c.Leaves)
			}
		}
		return out
	}
	want := map[string][]bool{"once": {true, true, true}, "again": {true, false}, "never": nil}
	got := map[string][]bool{"once": leaves("once"), "again": leaves("again"), "never": leaves("never")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clauses that end the waiting (-want +got):\n%s", diff)
	}
	once := funcOf(t, code, "example.com/shop.once")
	for _, f := range pkgOf(t, code, ".").Funcs {
		if f.Parent != once {
			continue
		}
		if len(f.Sends) != 1 || f.Sends[0].Kind != Param || f.Sends[0].Index != once.Selects[0].Cases[0].Channel.Index {
			t.Errorf("the literal sends to %v, want the channel that the select waits for", f.Sends)
		}
		return
	}
	t.Error("no literal found")
}
