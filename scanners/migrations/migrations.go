// Package migrations reports the SQL migrations of a repository: in which folders
// they lie, in whose notation, how many there are, how many can be undone, and
// which tables they make.
//
// Migrations written in Go are read with the rest of the Go code.
package migrations

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// Name is the scanner's name in diagnostics.
const Name = "migrations"

const (
	maxSize   = 4 << 20
	maxFiles  = 20_000
	maxTables = 5000
)

// The notations of migration files. Which tool runs files of the last two, their
// names alone do not tell.
const (
	Goose      = "goose"
	SQLMigrate = "sql-migrate"
	Dbmate     = "dbmate"
	Tern       = "tern"
	Flyway     = "flyway"
	Atlas      = "atlas"
	UpDown     = "up and down files"
	Numbered   = "numbered SQL files"
)

// Set is one folder of migrations.
type Set struct {
	scanners.Position // the first file
	Dir               string
	Notation          string
	Count             int // migrations, a pair of up and down files being one
	Down              int // those that say how to undo them
	First, Latest     string
}

// Table is a table that a migration or another SQL file makes.
type Table struct {
	scanners.Position
	Name string
	Dir  string // of the set; "" outside any
}

// Result is what the SQL files of a tree say.
type Result struct {
	Sets   []Set
	Tables []Table
}

// file is one migration file as read.
type file struct {
	path, notation, dir string
	version             string
	down                bool // says how to undo it
	onlyDown            bool // does nothing else
}

// Scan reads the SQL files of the tree outside tests.
func Scan(ctx context.Context, tree *scanners.Tree) (Result, []scanners.Diagnostic) {
	var r Result
	var diags []scanners.Diagnostic
	var files []file
	warn := func(name, message string) {
		diags = append(diags, scanners.Diagnostic{
			Severity: scanners.SeverityWarning, Scanner: Name, Position: scanners.Position{File: name}, Message: message,
		})
	}
	atlas := map[string]bool{}
	read := 0
	for _, f := range tree.Files() {
		if path.Base(f.Path) == "atlas.sum" {
			atlas[path.Dir(f.Path)] = true
		}
		if !strings.HasSuffix(strings.ToLower(f.Path), ".sql") || inTests(f.Path) {
			continue
		}
		if ctx.Err() != nil {
			warn(f.Path, "the scan was cut short before this file")
			break
		}
		if read++; read > maxFiles {
			warn(f.Path, "this SQL file and those after it were not read: there are too many")
			break
		}
		if f.Size > maxSize {
			warn(f.Path, "SQL file of over 4 MiB was not read")
			continue
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			warn(f.Path, "file cannot be read")
			continue
		}
		m, ok := classify(f.Path, b)
		if ok {
			files = append(files, m)
		}
		if !m.onlyDown && len(r.Tables) < maxTables {
			r.Tables = append(r.Tables, tables(f.Path, m.dir, b)...)
		}
	}
	r.Sets = sets(files, atlas)
	return r, diags
}

func inTests(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		switch strings.ToLower(part) {
		case "test", "tests", "fixtures", "examples", "example", "e2e", "stub", "stubs":
			return true
		}
	}
	return false
}

var (
	upDown        = regexp.MustCompile(`(?i)^(V?\d[^.]*?)[._].*?\.?(up|down)\.sql$`)
	flyway        = regexp.MustCompile(`^([VU])(\d[\d_.]*)__.+\.sql$`)
	numbered      = regexp.MustCompile(`^(v?\d[\d._]*\d|\d)[-_. ].*sql$|^\d+\.sql$`)
	versionFolder = regexp.MustCompile(`^v?\d+(\.\d+)*$`)
	leading       = regexp.MustCompile(`^[vV]?\d[\d_.]*\d|^\d`)
)

// markers are the comments by which a notation's files are known, and what begins
// the step that undoes them.
var markers = []struct{ notation, up, down string }{
	{Goose, "-- +goose Up", "-- +goose Down"},
	{SQLMigrate, "-- +migrate Up", "-- +migrate Down"},
	{Dbmate, "-- migrate:up", "-- migrate:down"},
	{Tern, "", "---- create above / drop below ----"},
}

// classify tells a migration by its marks or by its name.
func classify(name string, b []byte) (file, bool) {
	base, dir := path.Base(name), path.Dir(name)
	f := file{path: name, dir: dir, version: leading.FindString(base)}
	for _, m := range markers {
		if m.up != "" && bytes.Contains(b, []byte(m.up)) || m.up == "" && bytes.Contains(b, []byte(m.down)) {
			_, after, found := bytes.Cut(b, []byte(m.down))
			f.notation, f.down = m.notation, found && says(after)
			return f, true
		}
	}
	if m := flyway.FindStringSubmatch(base); m != nil {
		f.notation, f.version, f.down, f.onlyDown = Flyway, m[2], m[1] == "U", m[1] == "U"
		return f, true
	}
	if m := upDown.FindStringSubmatch(base); m != nil {
		down := strings.EqualFold(m[2], "down")
		f.notation, f.version, f.onlyDown, f.down = UpDown, m[1], down, down && says(b)
		return f, true
	}
	if root := migrationRoot(dir); root != "" {
		rel := strings.TrimPrefix(name, root+"/")
		version, _, inFolder := strings.Cut(rel, "/")
		switch {
		case numbered.MatchString(base):
			f.notation, f.dir, f.version = Numbered, root, rel
			return f, true
		case inFolder && versionFolder.MatchString(version): // versioned/v1.4/schema.sql
			f.notation, f.dir, f.version = Numbered, root, version
			return f, true
		}
	}
	return file{}, false
}

// says reports that SQL has a statement: more than white space and comments.
func says(b []byte) bool {
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("--")) {
			return true
		}
	}
	return false
}

// migrationRoot is the folder named for migrations above a numbered file, with one
// folder for the dialect below it; "" where there is none.
func migrationRoot(dir string) string {
	parts := strings.Split(dir, "/")
	for i, part := range parts {
		switch strings.ToLower(part) {
		case "migration", "migrations", "migrate", "versioned":
			if i+1 < len(parts) && !versionFolder.MatchString(parts[i+1]) {
				i++ // the dialect
			}
			return strings.Join(parts[:i+1], "/")
		}
	}
	return ""
}

// sets groups files by folder and notation.
func sets(files []file, atlas map[string]bool) []Set {
	type key struct{ dir, notation string }
	groups := map[key][]file{}
	for _, f := range files {
		k := key{f.dir, f.notation}
		groups[k] = append(groups[k], f)
	}
	out := []Set{}
	for k, fs := range groups {
		up, down := map[string]bool{}, map[string]bool{}
		for _, f := range fs {
			if !f.onlyDown {
				up[f.version] = true
			}
			if f.down {
				down[f.version] = true
			}
		}
		if len(up) == 0 {
			continue
		}
		fs = slices.DeleteFunc(fs, func(f file) bool { return f.onlyDown })
		slices.SortFunc(fs, func(a, b file) int { return byNumber(a.path, b.path) })
		s := Set{
			Position: scanners.Position{File: fs[0].path, Line: 1}, Dir: k.dir, Notation: k.notation, Count: len(up), Down: len(down),
			First: path.Base(fs[0].path), Latest: path.Base(fs[len(fs)-1].path),
		}
		if atlas[k.dir] && (k.notation == Numbered || k.notation == UpDown) {
			s.Notation = Atlas
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Set) int {
		return cmp.Or(a.Position.Compare(b.Position), strings.Compare(a.Notation, b.Notation))
	})
	return out
}

var digits = regexp.MustCompile(`\d+`)

// byNumber orders paths as people do: 0.9 before 0.10.
func byNumber(a, b string) int {
	pad := func(s string) string {
		return digits.ReplaceAllStringFunc(s, func(n string) string {
			n = strings.TrimLeft(n, "0")
			return strings.Repeat("0", max(0, 20-len(n))) + n
		})
	}
	return cmp.Or(strings.Compare(pad(a), pad(b)), strings.Compare(a, b))
}

var createTable = regexp.MustCompile("(?i)^\\s*CREATE\\s+(?:UNLOGGED\\s+|TEMP(?:ORARY)?\\s+|VIRTUAL\\s+)?TABLE\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?([\\w.\"`\\[\\]-]+)")

// tables are the CREATE TABLE statements of a file.
func tables(name, dir string, b []byte) []Table {
	var out []Table
	line := 0
	for text := range bytes.Lines(b) {
		line++
		if m := createTable.FindSubmatch(text); m != nil {
			table := strings.Map(func(r rune) rune {
				if strings.ContainsRune("\"`[]", r) {
					return -1
				}
				return r
			}, string(m[1]))
			out = append(out, Table{Name: table, Dir: dir, Position: scanners.Position{File: name, Line: line}})
		}
	}
	return out
}
