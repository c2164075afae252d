// Package gate decides which findings count: those that a comment or the
// configuration silences do not, nor those that the baseline knows; of the rest
// those at or above a severity fail the run.
//
// It compares findings and never positions: code that moves, is reindented or lies in
// a renamed file keeps its findings.
package gate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// BaselineSchema names the format of baseline files.
const BaselineSchema = "intscan.baseline/v1"

// Baseline is what was there when a team began to look.
type Baseline struct {
	Schema   string  `json:"schema"`
	Findings []Entry `json:"findings"`
	// Revision is the name of the one that was scanned for the comparison; "" for a file.
	Revision string `json:"-"`
	past     *past  // of a revision
}

// String counts: "4 findings".
func (b *Baseline) String() string { return scanners.Count(len(b.Findings), "finding") }

func (b *Baseline) name() string { return cmp.Or(b.Revision, "the baseline") }

// Entry is one known finding. The message is for those who read the file.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Integration string `json:"integration,omitempty"`
	Anchor      string `json:"anchor"`
	File        string `json:"file"`
	Message     string `json:"message"`
	// Places are how many there are, where each is a cause of its own.
	Places int `json:"places,omitempty"`
}

// NewBaseline takes down the findings of a scan and its calls, but those findings that
// are silenced at their place.
func NewBaseline(findings []rules.Finding, sites []detect.CallSite) *Baseline {
	b := &Baseline{Schema: BaselineSchema, Findings: []Entry{}}
	names := nameCalls(sites)
	for i := range findings {
		if f := &findings[i]; f.Suppressed == nil {
			b.Findings = append(b.Findings, entry(f, names))
		}
	}
	b.sort()
	b.past = newPast(findings, names)
	return b
}

func entry(f *rules.Finding, names callNames) Entry {
	return Entry{Fingerprint: f.Fingerprint, Rule: f.Rule, Integration: f.Integration, Anchor: f.Anchor, File: f.File, Message: f.Message, Places: names.single(f)}
}

func (b *Baseline) sort() {
	slices.SortFunc(b.Findings, func(x, y Entry) int {
		return strings.Compare(x.Rule+"\x00"+x.Anchor+"\x00"+x.Integration+"\x00"+x.Fingerprint, y.Rule+"\x00"+y.Anchor+"\x00"+y.Integration+"\x00"+y.Fingerprint)
	})
}

// ParseBaseline reads a baseline file; a report in JSON is one too, with all its
// findings.
func ParseBaseline(data []byte) (*Baseline, error) {
	var b Baseline
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	switch {
	case b.Schema == "":
		return nil, errors.New("it is neither a baseline nor a report: it has no schema")
	case b.Schema != BaselineSchema && !strings.HasPrefix(b.Schema, "intscan.report/"):
		return nil, fmt.Errorf("its schema is %q, want %s; write it anew with intscan baseline", b.Schema, BaselineSchema)
	}
	return &b, nil
}

// Prune drops what nothing matches any more: whole entries, and single places of them.
func (b *Baseline) Prune(m Matched) *Baseline {
	out, stale := &Baseline{Schema: BaselineSchema, Findings: []Entry{}}, slices.Clone(m.Stale)
	for _, e := range b.Findings {
		if i := slices.Index(stale, e); i >= 0 {
			stale = slices.Delete(stale, i, i+1)
			continue
		}
		if left, ok := m.left[e]; ok {
			e.Places = min(e.Places, left)
		}
		out.Findings = append(out.Findings, e)
	}
	out.sort()
	return out
}
