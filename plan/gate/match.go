package gate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/rules"
)

// Matched is what a baseline knows of findings, by their index.
type Matched struct {
	Known map[int]bool
	// Stale are the entries that nothing matches any more.
	Stale []Entry
	grown map[int]growth
	// left are the places that entries still have.
	left map[Entry]int
}

// Match holds findings, with the calls of their scan, against the baseline. A finding
// is known by its fingerprint; else by what is left of it when code is moved or
// renamed, as long as the old one is gone. One that has become worse is not known.
func (b *Baseline) Match(findings []rules.Finding, sites []detect.CallSite) Matched {
	names := nameCalls(sites)
	m := matcher{before: b.Findings, used: make([]bool, len(b.Findings)), known: map[int]bool{}, was: map[int]Entry{}, anchors: map[string]bool{}}
	for i := range findings {
		m.after = append(m.after, entry(&findings[i], names))
		m.anchors[findings[i].Anchor] = true
	}
	for _, key := range []func(Entry) string{fingerprint, moveKey, typeKey} {
		m.pass(key)
	}
	m.split()
	m.join()
	if b.past != nil {
		m.shift(b.past, findings, names)
	}
	m.pass(m.renameKey)
	out := Matched{Known: m.known, grown: m.growth(b.past, findings, names), left: map[Entry]int{}}
	for i, was := range m.was {
		out.left[was] = m.after[i].Places
	}
	for i := range out.grown {
		delete(out.Known, i)
	}
	for i, e := range b.Findings {
		if !m.used[i] {
			out.Stale = append(out.Stale, e)
		}
	}
	return out
}

type matcher struct {
	before, after []Entry
	used          []bool        // of before
	known         map[int]bool  // of after
	was           map[int]Entry // of after: the entry before, where it is one
	anchors       map[string]bool
}

// pass matches what is left on both sides by a key; "" matches nothing.
func (m *matcher) pass(key func(Entry) string) {
	left := map[string][]int{}
	for i, e := range m.before {
		if k := key(e); k != "" && !m.used[i] {
			left[k] = append(left[k], i)
		}
	}
	for i, e := range m.after {
		if m.known[i] {
			continue
		}
		k := key(e)
		if at := left[k]; len(at) > 0 {
			m.used[at[0]], m.known[i], m.was[i] = true, true, m.before[at[0]]
			left[k] = at[1:]
		}
	}
}

func fingerprint(e Entry) string { return e.Fingerprint }

// moveKey is what stays of a finding whose package or file was moved: the name of the
// package, and of what was made there.
func moveKey(e Entry) string {
	_, place := demand(e.Anchor)
	made, dir, ok := strings.Cut(place, " in ")
	if !ok {
		made, dir = "", place
	}
	return strings.Join([]string{ruleKey(e.Rule, e.Anchor), e.Integration, made, path.Base(dir)}, "\x00")
}

// typeKey is what stays of a method's finding when its type or package is renamed.
func typeKey(e Entry) string {
	dot := strings.LastIndexByte(e.Anchor, '.')
	if dot < 0 || strings.HasPrefix(e.Anchor, e.File) {
		return ""
	}
	return strings.Join([]string{ruleKey(e.Rule, e.Anchor), e.Integration, e.Anchor[dot+1:], path.Base(e.File)}, "\x00")
}

var line = regexp.MustCompile(`:\d+`)

// renameKey is what stays when a function or a file is renamed: the words of the
// message, and the place. An entry whose function is still there was not renamed.
func (m *matcher) renameKey(e Entry) string {
	place, message := e.File, line.ReplaceAllString(e.Message, "")
	if strings.HasPrefix(e.Anchor, e.File) {
		place, message = path.Dir(e.File), strings.ReplaceAll(message, e.File, "")
	}
	if slices.Contains(m.before, e) && m.anchors[e.Anchor] {
		return ""
	}
	return strings.Join([]string{ruleKey(e.Rule, e.Anchor), e.Integration, place, message}, "\x00")
}

// split takes what is left of one finding on a whole module as known: the rules put
// many causes into one, and when some are mended the others stand for themselves.
func (m *matcher) split() {
	whole := map[string]int{}
	for i, e := range m.before {
		if !m.used[i] && strings.HasPrefix(e.Anchor, rules.WholeModule) {
			whole[e.Rule+"\x00"+e.Integration] = i
		}
	}
	for i, e := range m.after {
		if at, ok := whole[e.Rule+"\x00"+e.Integration]; ok && !m.known[i] {
			m.used[at], m.known[i] = true, true
		}
	}
}
