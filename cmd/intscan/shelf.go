package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan"
	"github.com/intscan/intscan/plan/cache"
	"github.com/intscan/intscan/plan/gate"
	"github.com/intscan/intscan/plan/revision"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// shelf is the place in the cache for the findings of one state of a repository. The
// zero shelf holds nothing.
type shelf struct {
	cache *cache.Cache
	key   string
}

// shelf gives the place of a commit, or of what is staged. Its key stands for all that
// the findings depend on, the machine excepted. There is none without a cache, where
// nothing is judged, and where the configuration is more than one file.
func (f *flags) shelf(ctx context.Context, repo *revision.Repo, commit string) shelf {
	c := f.openCache()
	source, whole := f.config.loaded.Source()
	if c == nil || !whole || f.inventory {
		return shelf{}
	}
	content, err := repo.Content(ctx, commit)
	if err != nil {
		return shelf{}
	}
	today := time.Now().Format(time.DateOnly) // suppressions expire
	return shelf{c, fmt.Sprintf("findings %s %s %t %q %q %s %q", content, f.mode, f.download, f.config.only, f.config.except, today, source)}
}

// kept is what lies on a shelf: the findings, and of the calls what the gate compares by.
type kept struct {
	Machine  *gosrc.Machine
	Findings []rules.Finding
	Calls    []keptCall
}

type keptCall struct {
	At             scanners.Position
	Function, Call string
}

// recall gives what lies on the shelf; nil where there is nothing, or where the machine
// is not as it was then: with other modules at hand a scan finds other things.
func (s shelf) recall(ctx context.Context) *gate.Baseline {
	if s.cache == nil {
		return nil
	}
	data, ok := s.cache.Get(s.key)
	var was kept
	if !ok || json.Unmarshal(data, &was) != nil || was.Machine == nil || !was.Machine.Same(ctx) {
		return nil
	}
	var sites []detect.CallSite
	for _, c := range was.Calls {
		sites = append(sites, detect.CallSite{Position: c.At, Function: c.Function, Call: c.Call})
	}
	return gate.NewBaseline(was.Findings, sites)
}

func (s shelf) keep(r *plan.Report) {
	if s.cache == nil || r.Machine == nil {
		return
	}
	is := kept{Machine: r.Machine, Findings: r.Findings}
	for i := range r.CallSites {
		c := &r.CallSites[i]
		is.Calls = append(is.Calls, keptCall{c.Position, c.Function, c.Call})
	}
	if data, err := json.Marshal(is); err == nil {
		s.cache.Put(s.key, data)
	}
}
