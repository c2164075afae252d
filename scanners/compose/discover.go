package compose

import (
	"bytes"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intscan/intscan/scanners"
)

// usualName matches compose.yaml, docker-compose.ci.yml, compose.prod.yaml,
// docker-compose_auth.yml, dev.compose.yml and the like.
var usualName = regexp.MustCompile(`(?i)^((docker-)?compose([-._].*)?|.*[-._](docker-)?compose)\.ya?ml$`)

// baseNames are the names that docker compose looks for, in its order.
var baseNames = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

var overrideNames = []string{
	"compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml",
}

func isYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yml" || ext == ".yaml"
}

// parseLimit is the time that reading one file may take.
const parseLimit = 3 * time.Second

// candidates reads all files that are compose files by name or by content.
func (s *scan) candidates(ctx context.Context) {
	for _, f := range s.tree.Files() {
		if ctx.Err() != nil {
			return
		}
		usual := usualName.MatchString(path.Base(f.Path))
		if !usual && (!isYAML(f.Path) || f.Size > maxFileSize) {
			continue
		}
		content, err := s.tree.ReadFile(f.Path)
		if err != nil {
			if usual {
				s.report(diagnostic(scanners.SeverityError, scanners.Position{File: f.Path}, "cannot be read: "+plain(err)))
			}
			continue
		}
		if !usual && !mayBeCompose(content) {
			continue
		}
		d := s.parse(ctx, f.Path, content)
		if usual {
			s.report(d.diags...)
		}
		switch {
		case d.root == nil:
		case usual && (d.services() != nil || get(d.root, "include") != nil):
			s.found = append(s.found, d)
		case usual && (d.knownKeys() || slices.Contains(baseNames, path.Base(f.Path))):
			s.report(diagnostic(scanners.SeverityInfo, scanners.Position{File: f.Path}, "has no services"))
		case usual:
			// docker-compose-values.yml and the like are something else.
		case d.looksLikeCompose():
			s.report(d.diags...)
			s.found = append(s.found, d)
			s.sniffed[f.Path] = true
		}
	}
}

// mayBeCompose looks for services at the start of a line, and for what makes one,
// without parsing.
func mayBeCompose(content []byte) bool {
	if !bytes.HasPrefix(content, []byte("services:")) && !bytes.Contains(content, []byte("\nservices:")) {
		return false
	}
	return (bytes.Contains(content, []byte("image:")) || bytes.Contains(content, []byte("build:"))) &&
		!bytes.Contains(content, []byte("\napiVersion:")) && !bytes.Contains(content, []byte("\nopenapi:"))
}

// parse is parse under a time limit.
func (s *scan) parse(ctx context.Context, file string, content []byte) *document {
	d, err := scanners.Guard(ctx, parseLimit, func(context.Context) (*document, error) {
		return parse(file, content), nil
	})
	if err != nil {
		d = &document{file: file, diags: []scanners.Diagnostic{
			diagnostic(scanners.SeverityError, scanners.Position{File: file}, "not read: "+err.Error()),
		}}
	}
	return d
}

// document reads a file that another one names, once.
func (s *scan) document(ctx context.Context, file string) (*document, error) {
	for _, d := range s.found {
		if d.file == file {
			return d, nil
		}
	}
	if d, ok := s.named[file]; ok {
		return d, nil
	}
	content, err := s.tree.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := s.parse(ctx, file, content)
	s.report(d.diags...)
	s.named[file] = d
	return d, nil
}

// roots sorts the files found into the sets that are run together. Each set is in
// the order of merging, and its last file is the one that it is about.
func (s *scan) roots() [][]*document {
	byFile := map[string]*document{}
	for _, d := range s.found {
		byFile[d.file] = d
	}
	pick := func(dir string, names []string) *document {
		for _, name := range names {
			if d := byFile[path.Join(dir, name)]; d != nil {
				return d
			}
		}
		return nil
	}
	var sets [][]*document
	for _, d := range s.found {
		name := path.Base(d.file)
		base := pick(d.dir(), baseNames)
		switch {
		case base == nil:
			sets = append(sets, []*document{d})
		case d == base:
			set := []*document{d}
			if over := pick(d.dir(), overrideNames); over != nil {
				set = append(set, over)
			}
			sets = append(sets, set)
		case d == pick(d.dir(), overrideNames):
			// Part of its base's set.
		case slices.Contains(baseNames, name) || !needs(d, base):
			sets = append(sets, []*document{d})
		default:
			sets = append(sets, []*document{base, d})
		}
	}
	return sets
}

// needs reports whether a variant is meant to lie over its base: one of its
// services is the base's too, and here has neither image nor build, or little more
// than another image.
func needs(variant, base *document) bool {
	for k, v := range pairs(variant.services()) {
		under := base.service(k.Value)
		if under == nil || get(v, "extends") != nil {
			continue
		}
		if !defines(v) || len(v.Content) <= 4 && len(v.Content) < len(under.Content) {
			return true
		}
	}
	return false
}
