package suppress

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// goComments finds the directives of a Go file. A file with syntax errors is read
// as far as the parser gets.
func goComments(file string, src []byte) []comment {
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
	if f == nil {
		return nil
	}
	lines := bytes.Split(src, []byte("\n"))
	var out []comment
	var above []int // indices in out of comments that hold for what is below
	targets := map[int]int{}
	for _, group := range f.Comments {
		below := line(fset, group.End()) + 1
		for _, c := range group.List {
			text, ok := goDirective(c.Text)
			if !ok {
				continue
			}
			at := fset.PositionFor(c.Pos(), false)
			found := comment{text: text, line: at.Line, column: at.Column, first: at.Line, last: at.Line}
			if len(bytes.TrimSpace(lines[at.Line-1][:at.Column-1])) == 0 {
				above = append(above, len(out))
				found.last = below
				targets[below] = below
			}
			out = append(out, found)
		}
	}
	if len(above) == 0 {
		return out
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			return false
		}
		if _, isComment := n.(*ast.CommentGroup); isComment {
			return false
		}
		start := line(fset, n.Pos())
		if end, ok := targets[start]; ok {
			targets[start] = max(end, line(fset, n.End()))
		}
		return true
	})
	for _, i := range above {
		out[i].last = targets[out[i].last]
	}
	return out
}

func line(fset *token.FileSet, pos token.Pos) int {
	if !pos.IsValid() {
		return 0
	}
	return fset.PositionFor(pos, false).Line
}

// goDirective is the text of a comment from the marker on. Only a comment that
// begins with it is a directive: others may talk of it.
func goDirective(text string) (string, bool) {
	if rest, ok := strings.CutPrefix(text, "/*"); ok {
		text = strings.TrimSuffix(rest, "*/")
		text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	} else {
		text = strings.TrimPrefix(text, "//")
	}
	return directiveText(text)
}

// directiveText is a comment's text, freed of its marks, if it is a directive.
func directiveText(text string) (string, bool) {
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, marker)
	return text, ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z')
}
