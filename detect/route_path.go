package detect

import (
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

const maxTexts = 12

// texts are the strings that a value may be, with "{}" for what is not known in
// the middle of one.
func (r *router) texts(v *gosrc.Value, f *frame, depth int) []string {
	v = r.resolve(v, f)
	if v == nil || depth > 10 {
		return nil
	}
	switch v.Kind {
	case gosrc.Const:
		return []string{v.Text}
	case gosrc.Concat:
		if v.Name != "+" {
			return nil
		}
		return r.joined(v.Args, f, depth)
	case gosrc.Opaque:
		if v.Text == "key" {
			if key := f.keyOf(v.X); key != "" {
				return []string{key}
			}
		}
		return nil
	case gosrc.Result:
		return r.madeTexts(v, f, depth)
	case gosrc.List:
		var out []string
		for _, a := range v.Args {
			out = append(out, r.texts(a, f, depth+1)...)
		}
		return out
	}
	var out []string
	for _, o := range r.p.origins(v) {
		if o != v && len(out) < maxTexts {
			for _, t := range r.texts(o, nil, depth+1) {
				if !slices.Contains(out, t) {
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// joined are the concatenations of what each part may be.
func (r *router) joined(args []*gosrc.Value, f *frame, depth int) []string {
	out := []string{""}
	known := false
	for i, a := range args {
		ts := r.texts(a, f, depth+1)
		known = known || len(ts) > 0
		if len(ts) == 0 {
			ts = []string{"{}"}
			if i == 0 {
				ts = []string{""} // a base path from configuration
			}
		}
		var next []string
		for _, before := range out {
			for _, t := range ts {
				if len(next) < maxTexts {
					next = append(next, before+t)
				}
			}
		}
		out = next
	}
	if !known {
		return nil
	}
	return out
}

var formatVerb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

// madeTexts knows the functions with which code writes paths.
func (r *router) madeTexts(v *gosrc.Value, f *frame, depth int) []string {
	c := v.Call
	switch c.Callee {
	case "fmt.Sprintf":
		if len(c.Args) == 0 || c.Args[0].Kind != gosrc.Const {
			return nil
		}
		i := 0
		return []string{formatVerb.ReplaceAllStringFunc(c.Args[0].Text, func(string) string {
			i++
			if i < len(c.Args) {
				if ts := r.texts(c.Args[i], f, depth+1); len(ts) > 0 {
					return ts[0]
				}
			}
			if i == 1 && strings.HasPrefix(c.Args[0].Text, "%") {
				return ""
			}
			return "{}"
		})}
	case "path.Join", "net/url.JoinPath":
		whole := ""
		for _, a := range c.Args {
			if ts := r.texts(a, f, depth+1); len(ts) > 0 {
				whole = joinPath(whole, ts[0])
			}
		}
		if whole == "" {
			return nil
		}
		return []string{whole}
	case "strings.TrimSuffix", "strings.TrimRight", "strings.TrimPrefix", "strings.ToLower", "strings.TrimSpace", "path.Clean":
		return r.texts(c.Args[0], f, depth+1)
	}
	var out []string
	for _, target := range r.p.targets(c) {
		for _, ret := range target.Returns {
			if v.Index < len(ret) {
				out = append(out, r.texts(ret[v.Index], &frame{call: c, fn: target, up: f}, depth+1)...)
			}
		}
	}
	if len(out) > maxTexts {
		out = out[:maxTexts]
	}
	return out
}

// splitPattern takes the method and the host off a pattern of net/http:
// "POST example.com/orders/{id}".
func splitPattern(pattern string) (method, path string) {
	if before, after, ok := strings.Cut(pattern, " "); ok && before != "" && strings.ToUpper(before) == before && !strings.Contains(before, "/") {
		method, pattern = before, strings.TrimLeft(after, " \t")
	}
	if i := strings.IndexByte(pattern, '/'); i > 0 && strings.Contains(pattern[:i], ".") {
		pattern = pattern[i:]
	}
	return method, pattern
}

func joinPath(prefix, path string) string {
	switch {
	case prefix == "" || prefix == "/" && strings.HasPrefix(path, "/"):
		return path
	case path == "" || path == "/" && strings.HasSuffix(prefix, "/"):
		return prefix
	case path == "/":
		return prefix
	}
	return strings.TrimSuffix(strings.TrimSuffix(prefix, "*"), "/") + "/" + strings.TrimPrefix(path, "/")
}

// normalPath writes the parameters of a path in braces, whatever the framework's
// way: :id, *rest, {id:[0-9]+}, {path...}, <id>.
func normalPath(path string) string {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	path = strings.TrimSuffix(path, "{$}")
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	parts := splitSegments(path)
	for i, p := range parts {
		parts[i] = normalSegment(p)
	}
	return strings.Join(parts, "/")
}

// splitSegments splits at the slashes outside braces.
func splitSegments(path string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(path) {
		switch path[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth <= 0 {
				out = append(out, path[start:i])
				start = i + 1
			}
		}
	}
	return append(out, path[start:])
}

var colonParam = regexp.MustCompile(`:([A-Za-z_][A-Za-z0-9_-]*)(<[^>]*>|\([^)]*\))?\??`)

func normalSegment(s string) string {
	switch {
	case s == "*" || s == "+":
		return "{*}"
	case strings.HasPrefix(s, "*") && len(s) > 1:
		return "{" + s[1:] + "}"
	case strings.Contains(s, "{"):
		return braceParams(s)
	case strings.HasPrefix(s, ":"):
		return colonParam.ReplaceAllString(s, "{$1}")
	}
	return s
}

// braceParams drops the expressions in {id:[0-9]{3}} and the dots of {path...}.
func braceParams(s string) string {
	var b strings.Builder
	depth, skip := 0, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '{':
			if depth++; depth == 1 {
				b.WriteByte(c)
				skip = false
			}
		case c == '}':
			if depth--; depth == 0 {
				b.WriteByte(c)
			}
		case depth > 0 && (c == ':' || c == '=' || c == '.'):
			skip = true
		case depth == 0 || !skip:
			b.WriteByte(c)
		}
	}
	return b.String()
}
