package kubernetes

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// reader collects what the objects of one file say.
type reader struct {
	Result
	file string
}

func (r *reader) at(n *yaml.Node) scanners.Position {
	return scanners.Position{File: r.file, Line: n.Line, Column: n.Column}
}

// podSpecs are the paths from a workload to its pod's spec.
var podSpecs = map[string][]string{
	"Pod":         {"spec"},
	"Deployment":  {"spec", "template", "spec"},
	"StatefulSet": {"spec", "template", "spec"},
	"DaemonSet":   {"spec", "template", "spec"},
	"ReplicaSet":  {"spec", "template", "spec"},
	"Rollout":     {"spec", "template", "spec"},
	"Job":         {"spec", "template", "spec"},
	"CronJob":     {"spec", "jobTemplate", "spec", "template", "spec"},
}

func (r *reader) object(n *yaml.Node, depth int) {
	kind, version := text(n, "kind"), text(n, "apiVersion")
	if kind == "" || version == "" || depth > 2 {
		return
	}
	name := text(n, "metadata", "name")
	spec, isWorkload := podSpecs[kind]
	switch {
	case kind == "List":
		for item := range yamlnode.Items(yamlnode.Get(n, "items")) {
			r.object(item, depth+1)
		}
	case kind == "Service" && strings.HasPrefix(version, "serving.knative.dev/"):
		spec, isWorkload = podSpecs["Deployment"], true
	case kind == "Service" && version == "v1":
		r.service(n, name)
	case kind == "ConfigMap" && version == "v1":
		r.configMap(n, name)
	case kind == "Secret" && version == "v1":
		r.Secrets = append(r.Secrets, Secret{Name: name, Position: r.at(n)})
	}
	if !isWorkload {
		return
	}
	w := Workload{Kind: kind, Name: name, Namespace: text(n, "metadata", "namespace"), Position: r.at(n)}
	w.Replicas = text(n, "spec", "replicas")
	pod := yamlnode.Get(n, spec...)
	for c := range yamlnode.Items(yamlnode.Get(pod, "initContainers")) {
		init := r.container(c)
		init.Init = yamlnode.String(c, "restartPolicy") != "Always" // such a one is a sidecar
		w.Containers = append(w.Containers, init)
	}
	for c := range yamlnode.Items(yamlnode.Get(pod, "containers")) {
		w.Containers = append(w.Containers, r.container(c))
	}
	r.Workloads = append(r.Workloads, w)
}

// text is a short scalar, without what may be secret in it. "*" stands for what a
// template puts in; where that is all, there is nothing.
func text(n *yaml.Node, keys ...string) string {
	s := strings.ReplaceAll(yamlnode.String(n, keys...), action, "*")
	if strings.Trim(s, "*:/@.-") == "" {
		return ""
	}
	return scanners.Redact(s)
}

func (r *reader) container(n *yaml.Node) Container {
	has := func(key string) bool { return yamlnode.Get(n, key).Kind == yaml.MappingNode }
	c := Container{
		Name: text(n, "name"), Image: scanners.ImageName(text(n, "image")), Position: r.at(n),
		Liveness: has("livenessProbe"), Readiness: has("readinessProbe"), Startup: has("startupProbe"),
	}
	c.CPU, c.Memory = text(n, "resources", "limits", "cpu"), text(n, "resources", "limits", "memory")
	for e := range yamlnode.Items(yamlnode.Get(n, "env")) {
		if v, ok := r.variable(e); ok {
			c.Env = append(c.Env, v)
		}
	}
	for e := range yamlnode.Items(yamlnode.Get(n, "envFrom")) {
		for _, kind := range []string{"ConfigMap", "Secret"} {
			if name := text(e, strings.ToLower(kind[:1])+kind[1:]+"Ref", "name"); name != "" {
				c.EnvFrom = append(c.EnvFrom, Reference{Kind: kind, Name: name})
			}
		}
	}
	return c
}

func (r *reader) variable(n *yaml.Node) (Variable, bool) {
	name := text(n, "name")
	if name == "" {
		return Variable{}, false
	}
	value := yamlnode.String(n, "value")
	v := Variable{
		Name: name, Position: r.at(n),
		Secret:   scanners.SecretName(name) || scanners.SecretValue(value),
		Literal:  scanners.LiteralSecret(name, value),
		Endpoint: scanners.EndpointOf(name, value),
	}
	for _, kind := range []string{"ConfigMap", "Secret"} {
		ref := yamlnode.Get(n, "valueFrom", strings.ToLower(kind[:1])+kind[1:]+"KeyRef")
		if ref.Kind == yaml.MappingNode {
			v.From = &Reference{Kind: kind, Name: text(ref, "name"), Key: text(ref, "key")}
			v.Secret = v.Secret || kind == "Secret"
		}
	}
	return v, true
}

func (r *reader) service(n *yaml.Node, name string) {
	s := Service{
		Name: name, Namespace: text(n, "metadata", "namespace"), Position: r.at(n),
		ExternalName: text(n, "spec", "externalName"),
	}
	for p := range yamlnode.Items(yamlnode.Get(n, "spec", "ports")) {
		if port, err := strconv.Atoi(yamlnode.String(p, "port")); err == nil && port > 0 && port < 65536 {
			s.Ports = append(s.Ports, port)
		}
	}
	r.Services = append(r.Services, s)
}

func (r *reader) configMap(n *yaml.Node, name string) {
	m := ConfigMap{Name: name, Position: r.at(n)}
	for k, v := range yamlnode.Fields(yamlnode.Get(n, "data")) {
		if v.Kind != yaml.ScalarNode || strings.Contains(k.Value, action) {
			continue
		}
		m.Data = append(m.Data, Variable{
			Name: scanners.Redact(k.Value), Position: r.at(k),
			Secret:   scanners.SecretName(k.Value) || scanners.SecretValue(v.Value),
			Literal:  scanners.LiteralSecret(k.Value, v.Value),
			Endpoint: scanners.EndpointOf(k.Value, v.Value),
		})
	}
	r.ConfigMaps = append(r.ConfigMaps, m)
}
