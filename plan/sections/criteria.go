package sections

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/plan/document"
	"github.com/intscan/intscan/plan/rules"
	"github.com/intscan/intscan/scanners"
)

// Criteria is section 12: what has to hold before the integrations count as done,
// decided by the code.
type Criteria []Criterion

// Criterion is one box.
type Criterion struct {
	Name string `json:"name"`
	Met  bool   `json:"met"`
	// State says in counts how far it is.
	State string `json:"state"`
	// Open are the findings that stand against it, by rule, with their number.
	Open []OpenRule `json:"open"`
}

// OpenRule is a rule with findings.
type OpenRule struct {
	Rule     string `json:"rule"`
	Findings int    `json:"findings"`
}

func criteria(f *Facts) Criteria {
	share := func(pick func(*detect.CallSite) detect.Verdict) (have, all int) {
		for _, sites := range f.sites {
			for _, s := range sites {
				all++
				if v := pick(s).Verdict; v == detect.Present || v == detect.Default {
					have++
				}
			}
		}
		return have, all
	}
	bounded, calls := share(func(s *detect.CallSite) detect.Verdict { return s.Timeout })
	repeated, _ := share(func(s *detect.CallSite) detect.Verdict { return s.Retry })
	seen, _ := share(func(s *detect.CallSite) detect.Verdict { return s.Monitoring })
	c := Criteria{
		f.owned(),
		f.withTests(),
		f.criterion("Every call is bounded in time", bounded == calls, fmt.Sprintf("%d of %d calls are bounded", bounded, calls), rules.Timeouts, rules.Pools),
		f.criterion("Failures are handled", true, fmt.Sprintf("%d of %d calls are tried again", repeated, calls), rules.Retries, rules.Degradation),
		f.criterion("Operators see every call", seen == calls, fmt.Sprintf("%d of %d calls are traced or measured", seen, calls), rules.Monitoring),
		f.alerting(),
		f.criterion("Secrets, transport and webhooks are secured", true, f.secured(), rules.Configuration, rules.Webhooks),
		f.criterion("Client libraries are maintained", true, fmt.Sprintf("%s in use", scanners.CountAs(len(f.Versions.Libraries), "client library", "client libraries")), rules.Versions),
		f.documented(),
	}
	return c
}

// criterion is met where the state is good and no finding of medium or graver stands
// against it.
func (f *Facts) criterion(name string, met bool, state string, against ...rules.Category) Criterion {
	c := Criterion{Name: name, State: state, Open: []OpenRule{}}
	grave := 0
	for i := range f.Findings {
		fd := &f.Findings[i]
		r, _ := rules.Lookup(fd.Rule)
		if fd.Suppressed != nil || !slices.Contains(against, r.Category) {
			continue
		}
		if fd.Severity.Rank() <= rules.Medium.Rank() {
			grave++
		}
		if j := slices.IndexFunc(c.Open, func(o OpenRule) bool { return o.Rule == fd.Rule }); j >= 0 {
			c.Open[j].Findings++
		} else {
			c.Open = append(c.Open, OpenRule{fd.Rule, 1})
		}
	}
	c.Met = met && grave == 0
	return c
}

// owned: each integration has code that calls it under an owner.
func (f *Facts) owned() Criterion {
	c := Criterion{Name: "Every integration has an owner", Open: []OpenRule{}}
	if len(f.Deployment.Owners) == 0 {
		c.State = "there is no CODEOWNERS file"
		return c
	}
	var without []string
	called := 0
	for _, id := range f.siteOrder() {
		called++
		if !slices.ContainsFunc(f.sites[id], func(s *detect.CallSite) bool { return f.owner(s.File) }) {
			without = append(without, f.name(id))
		}
	}
	c.Met = len(without) == 0
	c.State = fmt.Sprintf("%d of %d have code under an owner", called-len(without), called)
	if len(without) > 0 {
		c.State += "; not " + strings.Join(firstNames(without, 5), ", ")
	}
	return c
}

// owner: a pattern of CODEOWNERS covers the file. A pattern covers a folder with all
// below it; "*" covers everything.
func (f *Facts) owner(file string) bool {
	return slices.ContainsFunc(f.Deployment.Owners, func(o detect.Owner) bool {
		pattern := strings.Trim(strings.TrimSuffix(strings.TrimSuffix(o.Pattern, "**"), "*"), "/")
		return len(o.Owners) > 0 && (pattern == "" || file == pattern || strings.HasPrefix(file, pattern+"/") ||
			strings.HasPrefix(pattern, ".") && strings.HasSuffix(file, pattern) || strings.Contains("/"+file, "/"+pattern+"/"))
	})
}

// withTests: each integration that is called has a test in a package that calls it.
func (f *Facts) withTests() Criterion {
	c := Criterion{Name: "Every integration has a test", Open: []OpenRule{}}
	with := map[string]bool{}
	for _, p := range f.Tests.Packages {
		if p.Files > 0 {
			for _, id := range p.Integrations {
				with[id] = true
			}
		}
	}
	var without []string
	called := f.siteOrder()
	for _, id := range called {
		if !with[id] {
			without = append(without, f.name(id))
		}
	}
	c.Met = len(without) == 0
	c.State = fmt.Sprintf("%d of %d are called by packages with tests", len(called)-len(without), len(called))
	if len(without) > 0 {
		c.State += "; not " + strings.Join(firstNames(without, 5), ", ")
	}
	return c
}

func (f *Facts) alerting() Criterion {
	rulesFound := 0
	for _, a := range f.Observability.Alerts {
		if a.Kind == "alert" {
			rulesFound++
		}
	}
	return Criterion{
		Name: "Alerts are in place", Met: rulesFound > 0 && len(f.Observability.Metrics) > 0, Open: []OpenRule{},
		State: fmt.Sprintf("%s, %s in the repository", scanners.CountAs(len(f.Observability.Metrics), "metric", "metrics"), scanners.CountAs(rulesFound, "alert rule", "alert rules")),
	}
}

func (f *Facts) secured() string {
	secret, undefined := 0, 0
	for _, v := range f.Variables {
		if v.Secret {
			secret++
			if len(v.Defined) == 0 {
				undefined++
			}
		}
	}
	return fmt.Sprintf("%s, %d of them defined in no file here", scanners.CountAs(secret, "secret variable", "secret variables"), undefined)
}

// documented: a README, and a description and an example where there is an API or a
// variable to describe.
func (f *Facts) documented() Criterion {
	have := map[string]bool{}
	for _, d := range f.Deployment.Documents {
		have[d.Kind] = true
	}
	var missing []string
	if !have["readme"] {
		missing = append(missing, "README")
	}
	if len(f.Routes) > 0 && len(f.APIs) == 0 {
		missing = append(missing, fmt.Sprintf("an OpenAPI description of %s", scanners.CountAs(len(f.Routes), "route", "routes")))
	}
	if len(f.Variables) > 0 && !have["env_example"] {
		missing = append(missing, fmt.Sprintf("an example of %s", scanners.CountAs(len(f.Variables), "variable", "variables")))
	}
	state := "README, API description and .env example are there as far as needed"
	if len(missing) > 0 {
		state = "missing: " + strings.Join(missing, ", ")
	}
	return f.criterion("Documentation is complete and in step with the code", len(missing) == 0, state, rules.Contracts)
}

func (c Criteria) section() document.Section {
	sec := document.Section{ID: "criteria", Title: "Success criteria"}
	var list document.Checklist
	for _, k := range c {
		text := document.T(k.Name, ": ", k.State)
		for i, o := range k.Open {
			lead := ", "
			if i == 0 {
				lead = "; open: "
			}
			text = append(text, document.T(lead, fmt.Sprint(o.Findings), " × ", document.C(o.Rule))...)
		}
		list.Items = append(list.Items, document.Check{Done: k.Met, Text: text})
	}
	sec.Blocks = []document.Block{list}
	return sec
}
