package dockerfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// run is how the image of a stage is run, as written.
type run struct {
	user, entrypoint, cmd string
	expose                []string
	healthcheck           *scanners.Position
}

type parser struct {
	file  File
	runs  []run // one a stage
	args  map[string]string
	diags []scanners.Diagnostic
}

// Parse reads the text of a Dockerfile. Lines that are no instruction give a
// diagnostic, and what follows them is read.
func Parse(name string, b []byte) (File, []scanners.Diagnostic) {
	p := parser{file: File{Path: name}, args: map[string]string{}}
	if bytes.IndexByte(b, 0) >= 0 {
		p.fault(0, "file is binary and was not read")
		return p.file, p.diags
	}
	for in := range instructions(b) {
		if len(p.runs) == maxStages && in.word == "FROM" {
			p.diags = append(p.diags, diagnostic(name, in.line, "file has too many stages; this one and those after it were not read"))
			break
		}
		p.instruction(in)
	}
	if len(p.runs) == 0 {
		p.fault(0, "file has no FROM line")
		return p.file, p.diags
	}
	last := p.runs[len(p.runs)-1]
	p.file.Healthcheck = last.healthcheck
	p.file.User = p.show(last.user)
	p.file.Entrypoint = p.show(cmp.Or(firstWord(last.entrypoint), firstWord(last.cmd)))
	for _, port := range last.expose {
		p.file.Expose = append(p.file.Expose, p.show(port))
	}
	return p.file, p.diags
}

func (p *parser) fault(line int, message string) {
	if len(p.diags) < maxDiags {
		p.diags = append(p.diags, diagnostic(p.file.Path, line, message))
	}
}

// ignored are the instructions that say nothing of interest here.
var ignored = map[string]bool{
	"RUN": true, "COPY": true, "ADD": true, "WORKDIR": true, "LABEL": true, "VOLUME": true, "STOPSIGNAL": true,
	"SHELL": true, "MAINTAINER": true, "ONBUILD": true,
}

func (p *parser) instruction(in instruction) {
	if ignored[in.word] {
		return
	}
	at := scanners.Position{File: p.file.Path, Line: in.line, Column: in.column}
	switch in.word {
	case "ARG":
		p.arg(in)
		return
	case "FROM":
		p.from(in, at)
		return
	case "ENV", "USER", "EXPOSE", "ENTRYPOINT", "CMD", "HEALTHCHECK":
	default:
		p.fault(in.line, "line is no instruction of a Dockerfile and was skipped")
		return
	}
	if len(p.runs) == 0 {
		p.fault(in.line, in.word+" stands before the first FROM line")
		return
	}
	r := &p.runs[len(p.runs)-1]
	switch in.word {
	case "ENV":
		p.env(in)
	case "USER":
		r.user = in.rest
	case "EXPOSE":
		r.expose = append(r.expose, strings.Fields(in.rest)...)
		if len(r.expose) > maxPorts {
			r.expose = r.expose[:maxPorts]
			p.fault(in.line, "EXPOSE names too many ports; some were left out")
		}
	case "ENTRYPOINT":
		r.entrypoint = in.rest
		r.cmd = "" // one of an image built on does not count any more
	case "CMD":
		r.cmd = in.rest
	case "HEALTHCHECK":
		r.healthcheck = &at
		if strings.EqualFold(strings.TrimSpace(in.rest), "NONE") {
			r.healthcheck = nil
		}
	}
}

// show prepares a word of the file to be kept.
func (p *parser) show(s string) string { return scanners.Redact(p.expand(s)) }

func (p *parser) arg(in instruction) {
	if len(p.runs) > 0 {
		return // of a stage; FROM lines see those before the first one only
	}
	for _, w := range splitWords(in.rest) {
		if name, value, ok := strings.Cut(w.text, "="); ok {
			p.args[name] = unquote(value)
		}
	}
}

func (p *parser) from(in instruction, at scanners.Position) {
	words := strings.Fields(in.rest)
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		words = words[1:]
	}
	if len(words) == 0 {
		p.fault(in.line, "FROM names no image")
		words = []string{""}
	}
	s := Stage{From: p.show(unquote(words[0])), Position: at}
	if len(words) >= 3 && strings.EqualFold(words[1], "AS") {
		s.Name = words[2]
	}
	var r run
	for i := len(p.file.Stages) - 1; i >= 0; i-- {
		if before := p.file.Stages[i]; before.Name != "" && strings.EqualFold(before.Name, s.From) {
			s.Stage = true
			r = p.runs[i]
			r.expose = append([]string(nil), r.expose...)
			break
		}
	}
	p.file.Stages = append(p.file.Stages, s)
	p.runs = append(p.runs, r)
}

// env reads "ENV a=b c='d e'" and the old form "ENV a b c".
func (p *parser) env(in instruction) {
	words := splitWords(in.rest)
	if len(words) == 0 {
		return
	}
	if !strings.Contains(words[0].text, "=") {
		name, value, _ := strings.Cut(strings.TrimSpace(in.rest), " ")
		p.variable(name, strings.TrimSpace(value), in.at(words[0].offset))
		return
	}
	for _, w := range words {
		name, value, ok := strings.Cut(w.text, "=")
		if !ok {
			p.fault(in.at(w.offset).Line, "ENV has a word that is no NAME=value")
			continue
		}
		p.variable(name, unquote(value), in.at(w.offset))
	}
}

func (p *parser) variable(name, value string, at scanners.Position) {
	at.File = p.file.Path
	if !variableName.MatchString(name) || scanners.SecretValue(name) {
		p.fault(at.Line, "ENV has a word that is no NAME=value")
		return
	}
	if len(p.file.Env) == maxEnv {
		p.fault(at.Line, "ENV sets too many variables; those from here on were left out")
	}
	if len(p.file.Env) >= maxEnv {
		return
	}
	value = p.expand(value)
	p.file.Env = append(p.file.Env, Variable{
		Name: name, Position: at, Stage: len(p.runs) - 1,
		Secret:   scanners.SecretName(name) || scanners.SecretValue(value),
		Literal:  scanners.LiteralSecret(name, value),
		Endpoint: scanners.EndpointOf(name, value),
	})
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]{0,199}$`)
	argument     = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(?::?-([^{}]*))?\})`)
)

// expand puts the defaults of arguments in; what has none stays as written. What
// it put in is not expanded again.
func (p *parser) expand(s string) string {
	if len(s) > 4<<10 {
		return s
	}
	return argument.ReplaceAllStringFunc(s, func(m string) string {
		g := argument.FindStringSubmatch(m)
		if v := p.args[g[1]+g[2]]; v != "" && len(v) < 200 {
			return v
		}
		if g[3] != "" {
			return g[3]
		}
		return m
	})
}

// firstWord is the program of a command, in its JSON or its shell form.
func firstWord(s string) string {
	s = strings.TrimSpace(s)
	var exec []string
	if strings.HasPrefix(s, "[") && json.Unmarshal([]byte(s), &exec) == nil {
		if len(exec) == 0 {
			return ""
		}
		return exec[0]
	}
	for _, w := range splitWords(s) {
		if name, _, ok := strings.Cut(w.text, "="); w.text != "exec" && (!ok || !variableName.MatchString(name)) {
			return unquote(w.text)
		}
	}
	return ""
}
