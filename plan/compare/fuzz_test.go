package compare_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/compare"
)

// FuzzParseLock: a file is refused or a lock, which differs in nothing from itself
// and is written as it is read.
func FuzzParseLock(f *testing.F) {
	data, err := compare.Take(result(call(detect.Present), call(detect.Absent))).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("schema: intscan.lock/v1\nintegrations: [{id: a, timeout: often}, {id: a}]\ncontracts: [{file: x}, {file: x}]\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := compare.ParseLock([]byte(text))
		if (l == nil) == (err == nil) {
			t.Fatalf("lock %v and error %v", l, err)
		}
		if err != nil {
			return
		}
		if changes := compare.Locks(l, l); len(changes) > 0 {
			t.Errorf("it differs from itself: %+v", changes)
		}
		data, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := compare.ParseLock(data)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, data)
		}
		if diff := cmp.Diff(l, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
