package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/intscan/intscan/plan/sections"
)

// drawing is the map laid out in three columns: who calls, the binaries, and the
// integrations by kind.
type drawing struct {
	Width, Height int
	Boxes         []*drawnBox
	Lines         []drawnLine
	Heads         []drawnHead
	Words         []drawnWords
	Unprotected   int
}

// drawnBox is a node.
type drawnBox struct {
	ID            string
	X, Y, W, H    int
	Label, Detail string // shortened to fit
	Full          string // all of it
	Note          string // the protocol, beside it
	Target        string // the section that it leads to
	Caller        bool
	Bad           bool // some call to it has no bound

	column int
	want   int // the middle that its neighbours ask for
}

// drawnLine is an edge.
type drawnLine struct {
	From, To    string
	Path        string
	Title       string
	Unprotected bool
}

// drawnHead is the name of a kind above its nodes.
type drawnHead struct {
	X, Y int
	Text string
}

// drawnWords is what the map says of one caller, for those who do not see it.
type drawnWords struct {
	From  string
	Calls []drawnCall
}

// drawnCall is one edge in words.
type drawnCall struct {
	To, Protocol string
	Unprotected  bool
}

// Measures of the drawing, in pixels.
const (
	mapMargin  = 12
	mapGap     = 6  // between boxes
	mapHead    = 21 // the name of a kind
	mapBox     = 26
	mapTallBox = 42
	mapNote    = 190 // room for the protocol
)

var mapColumns = [3]struct{ x, w int }{{mapMargin, 150}, {280, 190}, {600, 230}}

// draw lays the map out. Where a node of an integration leads to is the page's matter.
func draw(m sections.Map, target func(integration string) string) *drawing {
	if len(m.Nodes) == 0 {
		return nil
	}
	d := &drawing{Width: mapColumns[2].x + mapColumns[2].w + mapNote + mapMargin}
	boxes := map[string]*drawnBox{}
	for _, n := range m.Nodes {
		b := newBox(n)
		if n.Integration != "" {
			b.Target = target(n.Integration)
		}
		boxes[n.ID] = b
		d.Boxes = append(d.Boxes, b)
	}
	d.notes(m, boxes)
	d.stack(m, boxes)
	d.place(m, boxes, 1)
	d.place(m, boxes, 0)
	for _, b := range d.Boxes {
		d.Height = max(d.Height, b.Y+b.H+mapMargin)
	}
	d.lines(m, boxes)
	d.words(m, boxes)
	return d
}

func newBox(n sections.Node) *drawnBox {
	b := &drawnBox{ID: n.ID, H: mapBox, Full: n.Label, Caller: n.Group == "callers"}
	switch n.Group {
	case "callers":
		b.column = 0
	case "binaries":
		b.column = 1
	default:
		b.column = 2
	}
	b.X, b.W = mapColumns[b.column].x, mapColumns[b.column].w
	b.Label = shorten(n.Label, (b.W-20)/7)
	if len(n.Members) > 0 {
		members := strings.Join(n.Members, ", ")
		b.H, b.Full = mapTallBox, n.Label+": "+members
		b.Detail = shorten(members, (b.W-20)/7)
	}
	return b
}

// notes puts the protocol beside the integration, where all who call it use the same.
func (d *drawing) notes(m sections.Map, boxes map[string]*drawnBox) {
	protocols := map[string][]string{}
	for _, e := range m.Edges {
		to := boxes[e.To]
		if to == nil || to.column != 2 {
			continue
		}
		to.Bad = to.Bad || e.Unprotected
		if !slices.Contains(protocols[e.To], e.Protocol) {
			protocols[e.To] = append(protocols[e.To], e.Protocol)
		}
	}
	for _, b := range d.Boxes {
		b.Note = shorten(strings.Join(slices.DeleteFunc(protocols[b.ID], func(s string) bool { return s == "" }), ", "), mapNote/6-2)
	}
}

// stack puts the integrations below each other, by kind.
func (d *drawing) stack(m sections.Map, boxes map[string]*drawnBox) {
	y, kind := mapMargin, ""
	for _, n := range m.Nodes {
		b := boxes[n.ID]
		if b.column != 2 {
			continue
		}
		if n.Group != kind {
			kind = n.Group
			d.Heads = append(d.Heads, drawnHead{X: b.X, Y: y + 14, Text: kind})
			y += mapHead
		}
		b.Y = y
		y += b.H + mapGap
	}
}

// place puts the boxes of a column at the height of what they call, without overlap.
func (d *drawing) place(m sections.Map, boxes map[string]*drawnBox, column int) {
	var list []*drawnBox
	for _, b := range d.Boxes {
		if b.column == column {
			list = append(list, b)
		}
	}
	sum, n := map[string]int{}, map[string]int{}
	for _, e := range m.Edges {
		if from, to := boxes[e.From], boxes[e.To]; from != nil && to != nil && from.column == column && to.column > column {
			sum[e.From] += to.Y + to.H/2
			n[e.From]++
		}
	}
	for _, b := range list {
		b.want = sum[b.ID] / max(n[b.ID], 1)
		if n[b.ID] == 0 {
			b.want = 1 << 20 // what calls nothing stands last
		}
	}
	slices.SortStableFunc(list, func(a, b *drawnBox) int { return cmp.Compare(a.want, b.want) })
	total := 0
	for _, b := range list {
		total += b.H + 2*mapGap
	}
	y := mapMargin
	bottom := 0
	for _, b := range d.Boxes {
		bottom = max(bottom, b.Y+b.H)
	}
	for _, b := range list {
		// As high as wished, but so that those below still fit.
		b.Y = max(y, min(b.want-b.H/2, bottom-total+2*mapGap))
		y = b.Y + b.H + 2*mapGap
		total -= b.H + 2*mapGap
	}
}

func (d *drawing) lines(m sections.Map, boxes map[string]*drawnBox) {
	for _, e := range m.Edges {
		from, to := boxes[e.From], boxes[e.To]
		if from == nil || to == nil {
			continue
		}
		x1, y1, x2, y2 := from.X+from.W, from.Y+from.H/2, to.X-2, to.Y+to.H/2
		bend := max((x2-x1)/2, 40)
		line := drawnLine{From: e.From, To: e.To, Unprotected: e.Unprotected, Title: from.Full + " → " + to.Full,
			Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)}
		if e.Protocol != "" {
			line.Title += ", " + e.Protocol
		}
		if e.Unprotected {
			d.Unprotected++
			line.Title += ", some calls without a timeout"
		}
		d.Lines = append(d.Lines, line)
	}
	// What is drawn last lies on top.
	slices.SortStableFunc(d.Lines, func(a, b drawnLine) int {
		switch {
		case a.Unprotected == b.Unprotected:
			return 0
		case b.Unprotected:
			return -1
		}
		return 1
	})
}

func (d *drawing) words(m sections.Map, boxes map[string]*drawnBox) {
	for _, b := range d.Boxes {
		w := drawnWords{From: b.Full}
		for _, e := range m.Edges {
			if to := boxes[e.To]; e.From == b.ID && to != nil {
				w.Calls = append(w.Calls, drawnCall{To: to.Full, Protocol: e.Protocol, Unprotected: e.Unprotected})
			}
		}
		if len(w.Calls) > 0 {
			d.Words = append(d.Words, w)
		}
	}
}

// shorten cuts a text to so many letters of usual width; those of East Asian scripts
// and emoji count twice.
func shorten(s string, most int) string {
	s = flat(s)
	width := 0
	for i, r := range s {
		width++
		if r >= 0x1100 {
			width++
		}
		if width > most {
			_, last := utf8.DecodeLastRuneInString(s[:i])
			return s[:i-last] + "…"
		}
	}
	return s
}
