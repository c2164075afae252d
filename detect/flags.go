package detect

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// FeatureFlag is a switch that is turned without a new build.
type FeatureFlag struct {
	scanners.Position
	Name    string `json:"name"`    // "" where only the running program knows it
	Library string `json:"library"` // "" for an environment variable
	Kind    string `json:"kind"`    // library, variable
	// Guards are the integrations that it is named for, or whose calls stand where it
	// is asked.
	Guards []string `json:"guards"`
}

// SecretSource is a way in which a secret reaches the program.
type SecretSource struct {
	scanners.Position
	Kind        string `json:"kind"` // variable, file, secrets_manager, kubernetes_secret
	Name        string `json:"name"`
	Integration string `json:"integration"`
	// Defined are the places that define a variable.
	Defined []scanners.Position `json:"defined"`
}

// flags finds what flag libraries are asked for, and variables that are named as
// switches.
func (g *planFacts) flags() []FeatureFlag {
	out := []FeatureFlag{}
	g.eachFunc(func(f *gosrc.Func) {
		for _, c := range f.Calls {
			for _, p := range g.known(c.Callee).of("feature_flags") {
				flag := FeatureFlag{Position: c.At, Library: p.Name, Kind: "library", Guards: g.calledIn(f)}
				for _, a := range c.Args {
					if a.Type == "context.Context" || flag.Name != "" {
						continue
					}
					if names := g.namesOf(a); len(names) > 0 {
						flag.Name = names[0].text
					}
				}
				flag.Guards = slices.DeleteFunc(flag.Guards, func(id string) bool { return g.byID[id].Kind == "featureflag" })
				out = append(out, flag)
			}
		}
	})
	for _, v := range g.r.Variables {
		at := inGo(v.Reads)
		if at == nil || v.Secret || !isSwitch(v.Name) {
			continue
		}
		out = append(out, FeatureFlag{Position: *at, Name: v.Name, Kind: "variable", Guards: g.namedIn(v.Name)})
	}
	slices.SortFunc(out, func(a, b FeatureFlag) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name)) })
	return out
}

// inGo is the first place in Go code.
func inGo(at []scanners.Position) *scanners.Position {
	for i := range at {
		if strings.HasSuffix(at[i].File, ".go") {
			return &at[i]
		}
	}
	return nil
}

// namedIn are the integrations whose system a variable's name has for a word.
func (g *planFacts) namedIn(name string) []string {
	out := []string{}
	for word := range strings.SplitSeq(strings.ToUpper(name), "_") {
		if sys := g.p.cat.Variable(word); sys != nil {
			for _, in := range g.bySystem[sys.Slug] {
				if !slices.Contains(out, in.ID) {
					out = append(out, in.ID)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// isSwitch: FEATURE_X, ENABLE_X, X_ENABLED and the like.
func isSwitch(name string) bool {
	words := strings.Split(strings.ToUpper(name), "_")
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "FEATURE", "FEATURES", "ENABLE", "ENABLED", "DISABLE", "DISABLED":
			return true
		}
		return false
	})
}

// secretSources lists how secrets arrive.
func (g *planFacts) secretSources() []SecretSource {
	out := []SecretSource{}
	for _, v := range g.r.Variables {
		at := inGo(v.Reads)
		if !v.Secret || at == nil {
			continue
		}
		kind := "variable"
		if strings.HasSuffix(v.Name, "_FILE") || strings.HasSuffix(v.Name, "_PATH") {
			kind = "file"
		}
		id := v.Integration
		for _, a := range g.r.Security.Authentication {
			if id == "" && a.Source == "variable" && a.Name == v.Name {
				id = a.Integration
			}
		}
		out = append(out, SecretSource{Position: *at, Kind: kind, Name: v.Name, Integration: id, Defined: v.Defined})
	}
	for _, t := range g.tools("secrets_managers") {
		out = append(out, SecretSource{Position: t.Position, Kind: "secrets_manager", Name: t.Name, Defined: []scanners.Position{}})
	}
	for _, w := range g.facts.Kube.Workloads {
		for _, c := range w.Containers {
			for _, v := range c.Env {
				if v.From != nil && v.From.Kind == "Secret" {
					out = append(out, SecretSource{Position: v.Position, Kind: "kubernetes_secret", Name: v.Name, Defined: []scanners.Position{}})
				}
			}
			for _, r := range c.EnvFrom {
				if r.Kind == "Secret" {
					out = append(out, SecretSource{Position: c.Position, Kind: "kubernetes_secret", Name: r.Name, Defined: []scanners.Position{}})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b SecretSource) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Position.Compare(b.Position), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func isExampleFile(name string) bool {
	base := strings.ToLower(path.Base(name))
	for _, w := range []string{"example", "sample", "template", "dist", "default"} {
		if strings.Contains(base, w) {
			return true
		}
	}
	return false
}
