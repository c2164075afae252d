package openapi

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Bounds of one description split over files.
const (
	maxHops      = 32       // references that lead to one another
	maxFiles     = 2000     // files read for one description
	maxFileBytes = 32 << 20 // bytes of all of them
)

// reader reads a file of the tree.
type reader interface {
	ReadFile(name string) ([]byte, error)
}

// store holds the files that one description refers to, each read once.
type store struct {
	tree  reader
	docs  map[string]*loaded
	bytes int
	large map[*yaml.Node]map[string]*yaml.Node // see child
}

type loaded struct {
	doc   *document
	fault *fault
}

func newStore(tree reader, docs ...*document) *store {
	s := &store{tree: tree, docs: map[string]*loaded{}, large: map[*yaml.Node]map[string]*yaml.Node{}}
	for _, d := range docs {
		s.docs[d.file] = &loaded{doc: d}
	}
	return s
}

// load reads a file of the tree, of which the first YAML document counts.
func (s *store) load(file string) (*document, *fault) {
	l, ok := s.docs[file]
	if !ok {
		l = &loaded{}
		l.doc, l.fault = s.read(file)
		s.docs[file] = l
	}
	return l.doc, l.fault
}

func (s *store) read(file string) (*document, *fault) {
	if len(s.docs) >= maxFiles || s.bytes > maxFileBytes {
		return nil, &fault{text: fmt.Sprintf("is not read: the description is split over more than %d files or %d MiB", maxFiles, maxFileBytes>>20)}
	}
	b, err := s.tree.ReadFile(file)
	if err != nil {
		return nil, &fault{text: "cannot be read: " + plainError(err)}
	}
	s.bytes += len(b)
	docs, f := parse(file, plainText(b))
	switch {
	case len(docs) > 0:
		return &docs[0], nil
	case f == nil:
		return nil, &fault{text: "is empty"}
	case f.line > 0:
		return nil, &fault{text: fmt.Sprintf("is malformed at its line %d: %s", f.line, f.text)}
	}
	return nil, &fault{text: "is malformed: " + f.text}
}

// refOf is the $ref of a mapping, with its value's node; "" where there is none. A
// property that is named $ref has a mapping as its value and is none.
func refOf(p place) (string, *yaml.Node) {
	v := p.get("$ref")
	return v.text(), v.node
}

// resolve follows the references from a place to what is written at their end. It
// is silent about those that lead nowhere, which checkRefs reports.
func (s *store) resolve(p place) place {
	end, _ := s.follow(p)
	return end
}

func (s *store) follow(p place) (place, *fault) {
	for range maxHops {
		ref, _ := refOf(p)
		if ref == "" {
			return p, nil
		}
		next, f := s.target(p, ref, maxHops)
		if f != nil {
			return place{doc: p.doc}, f
		}
		p = next
	}
	return place{doc: p.doc}, &fault{text: "leads in a circle, or over too many others"}
}

// target is the place that a reference names, which may be another reference.
func (s *store) target(from place, ref string, hops int) (place, *fault) {
	name, pointer, _ := strings.Cut(ref, "#")
	doc := from.doc
	if name != "" {
		file, f := localFile(from.doc.file, name)
		if f == nil {
			doc, f = s.load(file)
		}
		if f != nil {
			return place{}, f
		}
	}
	if decoded, err := url.PathUnescape(pointer); err == nil {
		pointer = decoded
	}
	return s.walk(place{doc, doc.root}, pointer, hops)
}

// walk goes down a JSON pointer, through references on the way.
func (s *store) walk(p place, pointer string, hops int) (place, *fault) {
	if pointer == "" || pointer == "/" {
		return p, nil
	}
	if !strings.HasPrefix(pointer, "/") {
		return place{}, &fault{text: "names an anchor, which is not followed"}
	}
	for step := range strings.SplitSeq(pointer[1:], "/") {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		next := s.child(p, step)
		if next.node == nil {
			end, f := s.through(p, hops)
			if f != nil {
				return place{}, f
			}
			next = s.child(end, step)
		}
		if next.node == nil {
			return place{}, &fault{text: "leads to nothing"}
		}
		p = next
	}
	return p, nil
}

// through is what the reference at a place in the middle of a pointer leads to; the
// place itself where it has none.
func (s *store) through(p place, hops int) (place, *fault) {
	ref, _ := refOf(p)
	switch {
	case ref == "":
		return p, nil
	case hops == 0:
		return place{}, &fault{text: "leads in a circle, or over too many others"}
	}
	return s.target(p, ref, hops-1)
}

// child is one step of a pointer. Thousands of references go through the same few
// large mappings, of which an index is kept.
func (s *store) child(p place, step string) place {
	if p.isSequence() {
		items := p.items()
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(items) {
			return items[i]
		}
		return place{doc: p.doc}
	}
	n := dealias(p.node)
	if n == nil || n.Kind != yaml.MappingNode || len(n.Content) < 64 {
		return p.get(step)
	}
	index, ok := s.large[n]
	if !ok {
		es := p.entries()
		index = make(map[string]*yaml.Node, len(es))
		for _, e := range es {
			index[e.name()] = e.value.node
		}
		s.large[n] = index
	}
	return place{p.doc, index[step]}
}

// localFile is the file of the tree that a reference names, as seen from a file.
func localFile(from, name string) (string, *fault) {
	name = strings.ReplaceAll(name, `\`, "/")
	u, err := url.Parse(name)
	switch {
	case err == nil && (u.Host != "" || u.Scheme == "http" || u.Scheme == "https"):
		return "", &fault{text: "is on another host, and nothing is fetched"}
	case err == nil && u.Scheme != "":
		return "", &fault{text: "leads out of the repository, where nothing is read"}
	case err == nil:
		name = u.Path
	}
	if strings.HasPrefix(name, "/") {
		return "", &fault{text: "leads out of the repository, where nothing is read"}
	}
	file := path.Join(path.Dir(from), name)
	if file == ".." || strings.HasPrefix(file, "../") {
		return "", &fault{text: "leads out of the repository, where nothing is read"}
	}
	return file, nil
}
