package openapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
)

// maxRefFaults is how many bad references of one description are told apart.
const maxRefFaults = 50

// checker visits every node that a description consists of, over all of its files,
// and tells of references that lead nowhere and of keys written twice.
type checker struct {
	store *store
	seen  map[visit]bool
	bad   int // references that lead nowhere
	depth int // how deep references lead through one another, at most
	diags []scanners.Diagnostic
}

// visit is a node looked at in one of two ways: as an object of OpenAPI, or as a
// map whose keys are names that the author chose.
type visit struct {
	node  *yaml.Node
	named bool
}

func newChecker(s *store) *checker {
	return &checker{store: s, seen: map[visit]bool{}}
}

// namedMaps are the keys below which the author chooses the keys: a schema property
// called "default" is no default.
var namedMaps = map[string]bool{
	"properties": true, "patternProperties": true, "dependentSchemas": true, "$defs": true, "definitions": true,
	"schemas": true, "responses": true, "parameters": true, "examples": true, "requestBodies": true,
	"headers": true, "securitySchemes": true, "securityDefinitions": true, "links": true, "callbacks": true,
	"pathItems": true, "paths": true, "webhooks": true, "content": true, "encoding": true, "variables": true,
	"mediaTypes": true, "additionalOperations": true,
}

// literals are the keys whose value is data of the API, in which "$ref" is nothing
// but a word.
var literals = map[string]bool{
	"example": true, "value": true, "default": true, "enum": true, "const": true, "mapping": true,
	"dataValue": true,
}

// todo is a place still to visit, and how many references led there.
type todo struct {
	place
	named bool
	depth int
}

// check visits what stands at p and all it refers to. The stack is its own: how
// deep references lead is in the hand of whoever wrote the file.
func (c *checker) check(ctx context.Context, p place) {
	stack := []todo{{place: p}}
	for len(stack) > 0 && ctx.Err() == nil {
		t := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n := dealias(t.node)
		if n == nil || n.Kind == yaml.ScalarNode || c.seen[visit{n, t.named}] {
			continue
		}
		c.seen[visit{n, t.named}] = true
		c.depth = max(c.depth, t.depth)
		t.node = n
		if n.Kind == yaml.SequenceNode {
			for _, item := range t.items() {
				stack = append(stack, todo{item, false, t.depth})
			}
			continue
		}
		stack = c.mapping(t, stack)
	}
}

// mapping looks at one mapping, and puts what is below it on the stack.
func (c *checker) mapping(t todo, stack []todo) []todo {
	c.repeatedKeys(t.place)
	for _, e := range slices.Backward(t.entries()) { // so that the first is visited first
		name := e.name()
		hooks := name == "x-webhooks"
		if !t.named && (literals[name] || e.isExtension() && !hooks || literalExamples(e)) {
			continue
		}
		stack = append(stack, todo{e.value, !t.named && (namedMaps[name] || hooks), t.depth})
	}
	if ref, at := refOf(t.place); ref != "" {
		if end, ok := c.reference(t.place, ref, at); ok {
			stack = append(stack, todo{end, t.named, t.depth + 1})
		}
	}
	return stack
}

// literalExamples reports whether the entry is the list of example values of a
// schema, not the map of Example Objects of a media type.
func literalExamples(e entry) bool { return e.name() == "examples" && e.value.isSequence() }

func (c *checker) reference(p place, ref string, at *yaml.Node) (place, bool) {
	end, f := c.store.target(p, ref, maxHops)
	if f == nil {
		_, f = c.store.follow(end)
	}
	if f == nil {
		return end, true
	}
	c.bad++
	if c.bad > maxRefFaults {
		return place{}, false
	}
	c.warn(p.at(at), "the reference %s %s", shownRef(ref), f.text)
	return place{}, false
}

func (c *checker) repeatedKeys(p place) {
	if p.node.Kind != yaml.MappingNode {
		return
	}
	first := make(map[string]int, len(p.node.Content)/2)
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		key := dealias(p.node.Content[i])
		if key == nil || key.Kind != yaml.ScalarNode || isMerge(key) {
			continue
		}
		if line, twice := first[key.Value]; twice {
			c.warn(p.at(key), "the key %s is written twice, first in line %d; the last one is taken", shown(key.Value), line)
			continue
		}
		first[key.Value] = key.Line
	}
}

func (c *checker) warn(at scanners.Position, format string, args ...any) {
	c.diags = append(c.diags, diagnostic(scanners.SeverityWarning, at, format, args...))
}

// finish adds what was left unsaid. The position is that of the description.
func (c *checker) finish(at scanners.Position) []scanners.Diagnostic {
	if c.bad > maxRefFaults {
		c.warn(at, "%d more references lead nowhere", c.bad-maxRefFaults)
	}
	return slices.Clip(c.diags)
}

// shown quotes a text of the file for a message: short, and without control characters.
func shown(s string) string {
	const longest = 120
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "") + "..."
	}
	return strconv.Quote(s)
}

// shownRef quotes a reference without what could be a credential in it.
func shownRef(ref string) string {
	name, pointer, local := strings.Cut(ref, "#")
	if strings.Contains(name, "//") {
		name = cleanURL(name)
		local = false
	}
	if local {
		name += "#" + pointer
	}
	return shown(name)
}

func diagnostic(s scanners.Severity, at scanners.Position, format string, args ...any) scanners.Diagnostic {
	return scanners.Diagnostic{Severity: s, Scanner: scannerName, Position: at, Message: fmt.Sprintf(format, args...)}
}
