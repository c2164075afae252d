package graph_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/scanners/gosrc/graph"
)

type node struct {
	Name     string
	Kind     uint8
	Weight   int
	On, Off  bool
	Next     *node
	Other    *leaf
	Children []*node
	Spans    [][2]int
	Places   []place
	By       map[string]place
	Of       map[int][]*leaf
	At       place
	Empty    []string
	None     []string
	NoMap    map[string]int
}

type leaf struct {
	Text string
	Back *node
}

type place struct {
	File string
	Line int
}

var codec = graph.New[node]()

func sample() *node {
	l := &leaf{Text: "shared"}
	n := &node{
		Name: "root", Kind: 200, Weight: -7, On: true, Other: l,
		Spans: [][2]int{{1, 2}, {0, -3}}, Places: []place{{"a.go", 1}, {}},
		By: map[string]place{"x": {"b.go", 2}, "": {}},
		Of: map[int][]*leaf{-1: {l, nil}, 4: nil},
		At: place{"c.go", 3}, Empty: []string{}, NoMap: map[string]int{},
	}
	n.Next = &node{Name: "second", Next: n, Other: l}
	n.Children = []*node{n.Next, nil, n}
	l.Back = n.Next
	return n
}

// What is read is what was written, and what was one object is one again.
func TestRoundTrip(t *testing.T) {
	want := sample()
	data := codec.Encode(want)
	got, err := codec.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Children[2] != got || got.Next.Next != got || got.Of[-1][0] != got.Other || got.Other.Back != got.Next {
		t.Error("objects that were one are several")
	}
	// cmp follows circles where they are the same in both.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read something else than was written (-want +got):\n%s", diff)
	}
	if again := codec.Encode(got); !bytes.Equal(data, again) {
		t.Error("equal graphs give different bytes")
	}
}

func TestDecodeCut(t *testing.T) {
	data := codec.Encode(sample())
	for n := range data {
		if _, err := codec.Decode(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes were taken for a graph", n, len(data))
		}
	}
	if _, err := codec.Decode(append(data, 0)); err == nil {
		t.Error("bytes after the end were not noticed")
	}
}

func TestUnfitTypes(t *testing.T) {
	type hidden struct{ x int }
	_ = hidden{}.x
	for want, make := range map[string]func(){
		"is not exported":      func() { graph.New[hidden]() },
		"is a interface":       func() { graph.New[struct{ V any }]() },
		"is a func":            func() { graph.New[struct{ F []func() }]() },
		"points at no struct":  func() { graph.New[struct{ P *int }]() },
		"is a float64":         func() { graph.New[struct{ M map[string]float64 }]() },
		"struct { C chan int ": func() { graph.New[struct{ C chan int }]() },
	} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(r.(string), want) {
					t.Errorf("panic %v, want one that says %q", r, want)
				}
			}()
			make()
		}()
	}
}

// No bytes make the decoder panic or take memory out of proportion.
func FuzzDecode(f *testing.F) {
	f.Add(codec.Encode(sample()))
	f.Add(codec.Encode(&node{}))
	f.Add([]byte{0, 0, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := codec.Decode(data)
		if err != nil {
			return
		}
		if _, err := codec.Decode(codec.Encode(n)); err != nil {
			t.Fatalf("a graph that was read cannot be written and read again: %v", err)
		}
	})
}
