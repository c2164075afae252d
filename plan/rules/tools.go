package rules

import (
	"path"

	"github.com/intscan/intscan/detect"
)

// stores are the kinds of systems with which a program that ends by itself works through
// a batch rather than answers a person.
var stores = []string{"database", "search", "cache", "messaging", "storage", "workflow"}

// byHand: a person runs what makes the call, sees it hang and ends it. Such are the main
// packages of programs that do one thing and end, and what only commands lead to.
func (v *view) byHand(s *detect.CallSite) bool {
	switch s.Phase {
	case detect.PhaseStart:
		return v.tools()[path.Dir(s.File)]
	case detect.PhaseLibrary:
		return command(s.Timeout.File)
	}
	return false
}

// tools are the folders of the main packages that answer, consume and schedule nothing
// and that no service runs, beside others that do: a program that is all there is may as
// well be run by a clock.
func (v *view) tools() map[string]bool {
	if v.toolsMemo != nil {
		return v.toolsMemo
	}
	works, deployed := map[string]bool{}, map[string]bool{}
	for i := range v.EntryPoints {
		switch e := &v.EntryPoints[i]; e.Kind {
		case detect.EntryStart, detect.EntryAPI:
		default:
			for _, name := range e.Binaries {
				works[name] = true
			}
		}
	}
	for i := range v.Services {
		deployed[v.Services[i].Binary] = true
	}
	v.toolsMemo = map[string]bool{}
	for _, b := range v.Repository.Binaries {
		if !works[b.Name] && !deployed[b.Name] {
			v.toolsMemo[path.Dir(b.At.File)] = true
		}
	}
	for i := range v.CallSites {
		if s := &v.CallSites[i]; s.Phase == detect.PhaseJob || s.Phase == detect.PhaseConsume {
			delete(v.toolsMemo, path.Dir(s.File)) // it works on in a loop
		}
	}
	if len(v.toolsMemo) == len(v.Repository.Binaries) {
		v.toolsMemo = map[string]bool{}
	}
	return v.toolsMemo
}
