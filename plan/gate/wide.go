package gate

import "strings"

// join takes a finding on all clients of a repository for those on single ones, and the
// other way round: which of them a rule reports hangs on how many there are.
func (m *matcher) join() {
	for i, e := range m.after {
		if m.known[i] || !wide(e.Anchor) {
			continue
		}
		was := Entry{}
		for j, b := range m.before {
			if !m.used[j] && !wide(b.Anchor) && family(b.Rule) == family(e.Rule) {
				m.used[j] = true
				was.Places++
			}
		}
		if was.Places > 0 {
			m.known[i], m.was[i] = true, was
		}
	}
	for j, b := range m.before {
		if m.used[j] || !wide(b.Anchor) {
			continue
		}
		for i, e := range m.after {
			if !m.known[i] && b.Places > 0 && !wide(e.Anchor) && family(e.Rule) == family(b.Rule) {
				b.Places--
				m.used[j], m.known[i] = true, true
			}
		}
	}
}

// family puts the rules together that one finding on all calls may stand for.
func family(rule string) string {
	if strings.HasPrefix(rule, "timeout-") && rule != "timeout-http-server" && rule != "timeout-switched-off" {
		return "timeout"
	}
	return rule
}
