package detect

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
	"github.com/intscan/intscan/scanners/kubernetes"
)

// Deployment is how the program gets into production and what it needs there.
type Deployment struct {
	Edges      []StartEdge    `json:"edges"`
	Containers []Container    `json:"containers"`
	Images     []BuildFile    `json:"images"`
	Objects    []Object       `json:"objects"`
	Startup    []StartStep    `json:"startup"`
	Flags      []FeatureFlag  `json:"flags"`
	Secrets    []SecretSource `json:"secrets"`
	Workflows  []Workflow     `json:"workflows"`
	Documents  []Document     `json:"documents"`
	Owners     []Owner        `json:"owners"`
}

// StartEdge says that one compose service starts after another.
type StartEdge struct {
	scanners.Position
	From      string `json:"from"`
	To        string `json:"to"`
	Condition string `json:"condition"`
	Optional  bool   `json:"optional"`
	// Checked: the service waited for has a healthcheck.
	Checked bool `json:"checked"`
}

// Container is what a compose service needs of its machine.
type Container struct {
	scanners.Position
	Service  string   `json:"service"`
	Image    string   `json:"image"`
	Ports    []string `json:"ports"`    // published, HOST:CONTAINER
	Internal []string `json:"internal"` // for other services only
	Volumes  []string `json:"volumes"`  // NAME or PATH, then :TARGET
	Networks []string `json:"networks"`
	CPUs     string   `json:"cpus"`
	Memory   string   `json:"memory"`
	Profiles []string `json:"profiles"`
}

// BuildFile is a Dockerfile.
type BuildFile struct {
	scanners.Position
	Bases       []string `json:"bases"` // images built on
	Ports       []string `json:"ports"`
	User        string   `json:"user"`
	Healthcheck bool     `json:"healthcheck"`
	Entrypoint  string   `json:"entrypoint"`
}

// Object is a Kubernetes workload or service, in short.
type Object struct {
	scanners.Position
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Namespace string   `json:"namespace"`
	Replicas  string   `json:"replicas"`
	Images    []string `json:"images"`
	Ports     []string `json:"ports"`
	// Of the containers that are not run first: how many have each.
	Containers int `json:"containers"`
	Liveness   int `json:"liveness"`
	Readiness  int `json:"readiness"`
	Limits     int `json:"limits"`
}

// Workflow is a file of continuous integration.
type Workflow struct {
	scanners.Position
	System   string         `json:"system"`
	Name     string         `json:"name"`
	Triggers []string       `json:"triggers"`
	Jobs     []string       `json:"jobs"`
	Steps    []WorkflowStep `json:"steps"`
}

// WorkflowStep is a line that deploys, publishes, migrates or tests.
type WorkflowStep struct {
	scanners.Position
	Does string `json:"does"`
	Tool string `json:"tool"`
}

// Document is a file for people.
type Document struct {
	scanners.Position
	Kind string `json:"kind"` // readme, changelog, contributing, security, runbook, architecture, decision, env_example, openapi
}

// Owner is a line of CODEOWNERS.
type Owner struct {
	scanners.Position
	Pattern string   `json:"pattern"`
	Owners  []string `json:"owners"`
}

func (g *planFacts) deployment() Deployment {
	d := Deployment{
		Edges: []StartEdge{}, Containers: []Container{}, Images: []BuildFile{}, Objects: g.objects(), Startup: g.startup(),
		Flags: g.flags(), Secrets: g.secretSources(), Workflows: []Workflow{}, Documents: g.documents(), Owners: []Owner{},
	}
	for i := range g.facts.Projects {
		g.composed(&d, &g.facts.Projects[i])
	}
	for _, f := range g.facts.Docker {
		im := BuildFile{Position: scanners.Position{File: f.Path, Line: 1}, Bases: []string{}, Ports: orNone(f.Expose), User: f.User, Healthcheck: f.Healthcheck != nil, Entrypoint: scanners.Redact(f.Entrypoint)}
		for _, st := range f.Stages {
			if !st.Stage {
				im.Bases = append(im.Bases, scanners.Redact(st.From))
			}
		}
		d.Images = append(d.Images, im)
	}
	for _, w := range g.facts.Workflows {
		out := Workflow{Position: w.Position, System: w.System, Name: w.Name, Triggers: orNone(w.Triggers), Jobs: orNone(w.Jobs), Steps: []WorkflowStep{}}
		for _, s := range w.Steps {
			out.Steps = append(out.Steps, WorkflowStep{Position: s.Position, Does: s.Does, Tool: s.Tool})
		}
		d.Workflows = append(d.Workflows, out)
	}
	for _, o := range g.facts.Documents.Owners {
		d.Owners = append(d.Owners, Owner{Position: o.Position, Pattern: o.Pattern, Owners: o.Owners})
	}
	slices.SortFunc(d.Edges, func(a, b StartEdge) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	d.Edges = mergeEdges(d.Edges)
	slices.SortFunc(d.Containers, func(a, b Container) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Service, b.Service))
	})
	return d
}

// mergeEdges puts together what several projects say of one line: a variant's own
// files may leave out the healthcheck that the base has.
func mergeEdges(sorted []StartEdge) []StartEdge {
	out := []StartEdge{}
	for _, e := range sorted {
		if n := len(out); n > 0 && out[n-1].Position == e.Position && out[n-1].From == e.From && out[n-1].To == e.To {
			out[n-1].Checked = out[n-1].Checked || e.Checked
			continue
		}
		out = append(out, e)
	}
	return out
}

func orNone(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// composed takes over one compose project.
func (g *planFacts) composed(d *Deployment, pr *compose.Project) {
	checked := map[string]bool{}
	for _, s := range pr.Services {
		checked[s.Name] = checked[s.Name] || s.Healthcheck.State == compose.HealthcheckPresent
	}
	for _, s := range pr.Services {
		for _, dep := range s.DependsOn {
			d.Edges = append(d.Edges, StartEdge{Position: dep.Position, From: s.Name, To: dep.Service, Condition: cmp.Or(dep.Condition, "service_started"), Optional: dep.Optional, Checked: checked[dep.Service]})
		}
		if s.Overlay {
			continue
		}
		d.Containers = append(d.Containers, container(&s))
	}
}

func container(s *compose.Service) Container {
	c := Container{
		Position: s.Position, Service: s.Name, Image: scanners.Redact(s.Image), Ports: []string{}, Internal: []string{}, Volumes: []string{},
		Networks: orNone(s.Networks), CPUs: s.Limits.CPUs, Profiles: orNone(s.Profiles),
	}
	for _, p := range s.Ports {
		switch {
		case p.Internal:
			c.Internal = append(c.Internal, p.Target)
		case p.HostIP != "":
			c.Ports = append(c.Ports, p.HostIP+":"+p.Published+":"+p.Target)
		default:
			c.Ports = append(c.Ports, p.Published+":"+p.Target)
		}
	}
	for _, v := range s.Volumes {
		c.Volumes = append(c.Volumes, scanners.Redact(cmp.Or(v.Name, v.Source))+":"+scanners.Redact(v.Target))
	}
	if s.Limits.Memory > 0 {
		c.Memory = strconv.FormatInt(s.Limits.Memory>>20, 10) + "MiB"
	}
	return c
}

// objects are the Kubernetes workloads and services.
func (g *planFacts) objects() []Object {
	out := []Object{}
	for _, w := range g.facts.Kube.Workloads {
		o := Object{Position: w.Position, Kind: w.Kind, Name: w.Name, Namespace: w.Namespace, Replicas: w.Replicas, Images: []string{}, Ports: []string{}}
		for _, c := range w.Containers {
			if c.Image != "" {
				o.Images = append(o.Images, scanners.Redact(c.Image))
			}
			if c.Init {
				continue
			}
			countContainer(&o, c)
		}
		out = append(out, o)
	}
	for _, s := range g.facts.Kube.Services {
		o := Object{Position: s.Position, Kind: "Service", Name: s.Name, Namespace: s.Namespace, Images: []string{}, Ports: []string{}}
		for _, p := range s.Ports {
			o.Ports = append(o.Ports, strconv.Itoa(p))
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b Object) int { return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Kind, b.Kind)) })
	return out
}

func countContainer(o *Object, c kubernetes.Container) {
	o.Containers++
	if c.Liveness {
		o.Liveness++
	}
	if c.Readiness {
		o.Readiness++
	}
	if c.CPU != "" || c.Memory != "" {
		o.Limits++
	}
}

// documents are those that the scanner found, with the API descriptions served and
// the examples of .env files.
func (g *planFacts) documents() []Document {
	out := []Document{}
	for _, d := range g.facts.Documents.Documents {
		out = append(out, Document{Position: d.Position, Kind: d.Kind})
	}
	for _, a := range g.r.APIs {
		out = append(out, Document{Position: a.Position, Kind: "openapi"})
	}
	for _, f := range g.facts.EnvFiles {
		if isExampleFile(f.Path) {
			out = append(out, Document{Position: scanners.Position{File: f.Path, Line: 1}, Kind: "env_example"})
		}
	}
	slices.SortFunc(out, func(a, b Document) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.Position.Compare(b.Position)) })
	return slices.Compact(out)
}
