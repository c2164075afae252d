package compose

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// remote reports whether a path is a URL or a git reference.
func remote(name string) bool {
	return strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || strings.HasPrefix(name, "github.com/") ||
		strings.HasPrefix(name, "oci:") || strings.Contains(name, ".git#")
}

// relocate makes the relative paths of a service relative to the root: after
// merging it is no longer known which file they came from.
func (m *merged) relocate(s *yaml.Node, dir string) {
	if s.Kind != yaml.MappingNode {
		return
	}
	move := func(n *yaml.Node) {
		if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			return
		}
		n.Value = strings.ReplaceAll(rebase(dir, m.vars.value(n)), "$", "$$")
		n.Tag = "!!str"
	}
	build := get(s, "build")
	move(build)
	if build != nil && build.Kind == yaml.MappingNode {
		if get(build, "context") == nil {
			set(build, "context", scalar(".", build))
		}
		move(get(build, "context"))
	}
	for _, e := range items(get(s, "env_file")) {
		move(e)
		move(get(e, "path"))
	}
	volumes := get(s, "volumes")
	if volumes != nil && volumes.Kind == yaml.SequenceNode {
		volumes.Content = slices.DeleteFunc(volumes.Content, func(v *yaml.Node) bool { return m.incomplete(v) })
	}
	for _, v := range items(volumes) {
		if t := m.vars.value(get(v, "type")); t == "bind" {
			move(get(v, "source"))
		}
		if v.Kind == yaml.ScalarNode {
			if text := m.vars.value(v); strings.HasPrefix(text, ".") {
				source, rest, _ := strings.Cut(text, ":")
				v.Value = strings.ReplaceAll(rebase(dir, source)+":"+rest, "$", "$$")
			}
		}
	}
}

// incomplete reports whether a mount misses a part because its variable has no
// value here. compose would reject the file for it.
func (m *merged) incomplete(v *yaml.Node) bool {
	if v.Kind != yaml.ScalarNode || !strings.Contains(v.Value, "$") {
		return false
	}
	return slices.Contains(strings.Split(m.vars.value(v), ":"), "")
}

// rebase joins a relative path to dir and leaves all else. The result begins with
// "./" or "../", as a bind source must.
func rebase(dir, p string) string {
	if p == "" || path.IsAbs(p) || strings.HasPrefix(p, "~") || remote(p) {
		return p
	}
	if p = path.Join(dir, p); p == ".." || strings.HasPrefix(p, "../") {
		return p
	}
	return "./" + p
}
