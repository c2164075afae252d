package compose

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/intscan/intscan/scanners"
	"go.yaml.in/yaml/v4"
)

// extendAndRead fills the project with the services of its main files.
func (m *merged) extendAndRead(ctx context.Context, p *Project, compose bool) {
	m.extend(ctx)
	var services types.Services
	if compose {
		services = m.services(ctx)
	}
	hosts := m.hosts(services)
	for i, d := range m.docs {
		if name := m.vars.value(get(d.root, "name")); name != "" {
			p.Name = name
		}
		if !slices.Contains(m.main, d) {
			continue
		}
		for k, v := range pairs(d.services()) {
			if strings.HasPrefix(k.Value, borrowed) {
				continue
			}
			config, ok := services[k.Value]
			if !ok {
				config = m.plainService(k.Value)
			}
			s := m.service(k.Value, config, hosts)
			s.Position = d.position(k)
			s.Image = scanners.ImageName(text(get(v, "image")))
			s.Overlay = !defines(v) && slices.ContainsFunc(m.docs[:i], func(o *document) bool { return o.service(k.Value) != nil })
			if s.Healthcheck.State == HealthcheckAbsent {
				s.Healthcheck.Position = s.Position
			}
			p.Services = append(p.Services, s)
		}
		p.References = append(p.References, d.references(d.root)...)
	}
	slices.SortStableFunc(p.Services, func(a, b Service) int { return a.Position.Compare(b.Position) })
	slices.SortStableFunc(p.References, func(a, b Reference) int {
		return cmp.Or(a.Position.Compare(b.Position), strings.Compare(a.Name, b.Name))
	})
	p.References = slices.Compact(p.References)
}

func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// layer is one file's share of an attribute.
type layer struct {
	doc        *document
	key, value *yaml.Node
}

// at is the place of a node of the layer.
func (l layer) at(n *yaml.Node) scanners.Position { return l.doc.position(n) }

// layers are all shares of an attribute of a service, the one that wins first: of
// the last file, of what it extends there, of the file before. Those that a !reset
// or !override takes away are not among them.
func (m *merged) layers(service, attribute string) []layer {
	var out []layer
	for _, d := range slices.Backward(m.docs) {
		s := d.service(service)
		for depth := 0; s != nil && depth <= maxChain; depth++ {
			from := m.origin[s]
			if from == nil {
				from = d
			}
			if k, v := entry(s, attribute); k != nil {
				if v.Tag == "!reset" {
					return out
				}
				out = append(out, layer{from, k, v})
				if v.Tag == "!override" {
					return out
				}
			}
			s = d.service(m.extended(s))
		}
	}
	return out
}

// position is where the winning share of an attribute stands.
func (m *merged) attribute(service, attribute string) scanners.Position {
	if ls := m.layers(service, attribute); len(ls) > 0 {
		return ls[0].at(ls[0].key)
	}
	return scanners.Position{}
}

// plainService reads the simple attributes of a service without compose-go.
func (m *merged) plainService(name string) types.ServiceConfig {
	c := types.ServiceConfig{Name: name}
	first := func(attribute string) *yaml.Node {
		if ls := m.layers(name, attribute); len(ls) > 0 {
			return ls[0].value
		}
		return nil
	}
	c.Image = m.vars.value(first("image"))
	c.ContainerName = m.vars.value(first("container_name"))
	c.Hostname = m.vars.value(first("hostname"))
	c.Restart = m.vars.value(first("restart"))
	if b := first("build"); b != nil {
		c.Build = &types.BuildConfig{Context: m.vars.value(b)}
		if b.Kind == yaml.MappingNode {
			c.Build.Context = m.vars.value(get(b, "context"))
			c.Build.Dockerfile = m.vars.value(get(b, "dockerfile"))
		}
	}
	if h := first("healthcheck"); h != nil {
		c.HealthCheck = &types.HealthCheckConfig{Disable: m.vars.value(get(h, "disable")) == "true"}
	}
	c.DependsOn = types.DependsOnConfig{}
	for _, n := range items(first("depends_on")) {
		c.DependsOn[m.vars.value(n)] = types.ServiceDependency{Condition: types.ServiceConditionStarted, Required: true}
	}
	for k, v := range pairs(first("depends_on")) {
		c.DependsOn[k.Value] = types.ServiceDependency{
			Condition: m.vars.value(get(v, "condition")), Required: m.vars.value(get(v, "required")) != "false",
		}
	}
	return c
}

func (m *merged) service(name string, c types.ServiceConfig, hosts map[string]bool) Service {
	s := Service{
		Name: name, ResolvedImage: scanners.ImageName(c.Image), Restart: c.Restart, Profiles: c.Profiles,
		ContainerName: c.ContainerName, Hostname: c.Hostname,
		Healthcheck: Healthcheck{State: HealthcheckAbsent},
		Ports:       m.ports(name), Environment: m.environment(name, hosts), Command: m.command(name),
	}
	if h := c.HealthCheck; h != nil {
		s.Healthcheck = Healthcheck{m.attribute(name, "healthcheck"), HealthcheckPresent}
		if h.Disable || len(h.Test) > 0 && h.Test[0] == "NONE" {
			s.Healthcheck.State = HealthcheckDisabled
		}
	}
	if c.Build != nil {
		s.Build = m.build(name, c.Build)
	}
	places := m.dependencies(name)
	for dep, d := range c.DependsOn {
		s.DependsOn = append(s.DependsOn, Dependency{places[dep], dep, d.Condition, !d.Required})
	}
	slices.SortFunc(s.DependsOn, func(a, b Dependency) int { return strings.Compare(a.Service, b.Service) })
	for _, e := range c.EnvFiles {
		s.EnvFiles = append(s.EnvFiles, path.Clean(e.Path))
	}
	for _, net := range slices.Sorted(maps.Keys(c.Networks)) {
		if n := c.Networks[net]; n != nil {
			s.NetworkAliases = append(s.NetworkAliases, n.Aliases...)
		}
	}
	for _, v := range c.Volumes {
		s.Volumes = append(s.Volumes, m.volume(name, v)...)
	}
	s.ResourceLimits = c.MemLimit != 0 || c.CPUS != 0 || c.CPUQuota != 0 || c.PidsLimit != 0
	s.Limits = limits(c)
	for _, network := range slices.Sorted(maps.Keys(c.Networks)) {
		if network != "default" { // which every service is in that names none
			s.Networks = append(s.Networks, network)
		}
	}
	if d := c.Deploy; d != nil {
		s.ResourceLimits = s.ResourceLimits || d.Resources.Limits != nil
		if s.Restart == "" && d.RestartPolicy != nil {
			s.Restart = d.RestartPolicy.Condition
		}
	}
	return s
}

// limits are those of deploy.resources, or else the older keys.
func limits(c types.ServiceConfig) Limits {
	l := Limits{Memory: int64(c.MemLimit)}
	cpus := c.CPUS
	if c.Deploy != nil && c.Deploy.Resources.Limits != nil {
		r := c.Deploy.Resources.Limits
		l.Memory, cpus = cmp.Or(int64(r.MemoryBytes), l.Memory), cmp.Or(float32(r.NanoCPUs), cpus)
	}
	if cpus != 0 {
		l.CPUs = strconv.FormatFloat(float64(cpus), 'g', 4, 32)
	}
	return l
}

func (m *merged) build(name string, c *types.BuildConfig) *Build {
	b := &Build{Position: m.attribute(name, "build"), Target: c.Target}
	if remote(c.Context) {
		b.Remote = true
		if e, ok := scanners.ParseEndpoint(c.Context); ok {
			b.Context = e.Host
		}
		return b
	}
	b.Context = path.Clean(c.Context)
	if c.DockerfileInline == "" {
		b.Dockerfile = cmp.Or(c.Dockerfile, "Dockerfile")
		if !path.IsAbs(b.Dockerfile) {
			b.Dockerfile = path.Join(b.Context, b.Dockerfile)
		}
	}
	return b
}

// dependencies are the places where a service names others: in depends_on, links
// and the like.
func (m *merged) dependencies(service string) map[string]scanners.Position {
	out := map[string]scanners.Position{}
	add := func(name string, at scanners.Position) {
		if _, known := out[name]; !known {
			out[name] = at
		}
	}
	for _, attribute := range []string{"depends_on", "links", "volumes_from", "network_mode", "ipc", "pid"} {
		for _, l := range m.layers(service, attribute) {
			for k := range pairs(l.value) {
				add(k.Value, l.at(k))
			}
			for _, n := range items(l.value) {
				name, _, _ := strings.Cut(strings.TrimPrefix(m.vars.value(n), "service:"), ":")
				add(name, l.at(n))
			}
		}
	}
	return out
}

func (m *merged) volume(service string, v types.ServiceVolumeConfig) []Volume {
	out := Volume{Target: v.Target, Position: m.attribute(service, "volumes")}
	for _, l := range m.layers(service, "volumes") {
		for _, n := range items(l.value) {
			if t := m.vars.value(n); strings.Contains(t, v.Target) || m.vars.value(get(n, "target")) == v.Target {
				out.Position = l.at(n)
			}
		}
	}
	switch {
	case v.Type == types.VolumeTypeVolume && v.Source != "":
		out.Name = v.Source
	case v.Type == types.VolumeTypeBind:
		out.Source = path.Clean(v.Source)
	default:
		return nil
	}
	return []Volume{out}
}
