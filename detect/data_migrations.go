package detect

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
	"github.com/intscan/intscan/scanners/migrations"
)

// MigrationSet is one folder of database migrations, or code that makes the schema.
type MigrationSet struct {
	scanners.Position
	Integration string `json:"integration"`
	// Tool runs them; where the repository does not show which, the notation of the
	// files.
	Tool string `json:"tool"`
	Dir  string `json:"dir"`
	// Count is 0 where the schema is made from models.
	Count  int    `json:"count"`
	Down   int    `json:"down"` // those that say how to undo them
	First  string `json:"first,omitempty"`
	Latest string `json:"latest,omitempty"`
	Why    string `json:"why"`
}

// migrations lists the sets and notes in rs which tables they make.
func (g *planFacts) migrations(rs resources) []MigrationSet {
	out := []MigrationSet{}
	inUse := g.migrationTools()
	for _, s := range g.facts.Migrations.Sets {
		m := MigrationSet{
			Position: s.Position, Tool: s.Notation, Dir: s.Dir, Count: s.Count, Down: s.Down, First: s.First, Latest: s.Latest,
			Integration: g.dialectOf(s.Dir), Why: describe("%d SQL files, %s", s.Count, s.Notation),
		}
		if s.Notation == migrations.UpDown || s.Notation == migrations.Numbered {
			if t := soleTool(inUse); t != nil {
				m.Tool, m.Why = t.name, describe("%s; %s is imported at %s", s.Notation, t.name, t.at)
			}
		}
		out = append(out, m)
	}
	for _, t := range g.facts.Migrations.Tables {
		rs.get(g.dialectOf(path.Dir(t.File)), "table", t.Name).note("define", "migration", "CREATE", t.Position)
	}
	out = append(out, g.codeMigrations(inUse)...)
	slices.SortFunc(out, func(a, b MigrationSet) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Tool, b.Tool))
	})
	return out
}

// migrationTool is a migration library in use.
type migrationTool struct {
	name string
	pkg  *gosrc.Package
	at   scanners.Position
	// fromModels: it makes the schema from types, without steps.
	fromModels bool
}

func (g *planFacts) migrationTools() []migrationTool {
	var out []migrationTool
	for _, pkg := range g.p.pkgs {
		if pkg.Scope == gosrc.ScopeTest {
			continue // tools and commands count
		}
		seen := map[string]bool{}
		for _, imp := range pkg.Imports {
			if imp.Test {
				continue
			}
			for _, p := range g.know.Of(imp.Path) {
				if p.Topic != "migrations" || seen[p.Name] {
					continue
				}
				at := imp.At
				if len(p.Uses) > 0 {
					used := firstUse(pkg, imp.Path, p.Uses)
					if used == nil {
						continue
					}
					at = *used
				}
				seen[p.Name] = true
				out = append(out, migrationTool{p.Name, pkg, at, len(p.Uses) > 0 || p.Name == "ent"})
			}
		}
	}
	return out
}

// soleTool is the one tool that runs files; nil where there is none or are several.
func soleTool(tools []migrationTool) *migrationTool {
	var found *migrationTool
	for i := range tools {
		t := &tools[i]
		if t.fromModels || found != nil && found.name == t.name {
			continue
		}
		if found != nil {
			return nil
		}
		found = t
	}
	return found
}

var goMigration = regexp.MustCompile(`^(v?\d[\d_]*\d|\d|migration_?\d+|v\d[\d_.]*)(_.*)?\.go$`)

// codeMigrations are the migrations written in Go, a file each, and the schemas
// that are made from models.
func (g *planFacts) codeMigrations(tools []migrationTool) []MigrationSet {
	var out []MigrationSet
	done := map[string]bool{}
	for _, t := range tools {
		if key := t.name + " " + t.pkg.Dir; done[key] || t.name == "ent" && !strings.HasSuffix(t.pkg.Dir, "migrate") {
			continue
		} else {
			done[key] = true
		}
		m := MigrationSet{Position: t.at, Tool: t.name, Dir: t.pkg.Dir, Integration: g.dialectOf(t.pkg.Dir), Why: "made from models in code"}
		if !t.fromModels {
			if m.Count = countGo(t.pkg, &m); m.Count == 0 {
				continue // it runs the files of another folder
			}
			m.Why = describe("%d Go files import %s", m.Count, t.name)
		}
		out = append(out, m)
	}
	return out
}

func countGo(pkg *gosrc.Package, m *MigrationSet) int {
	n := 0
	for _, f := range pkg.Files {
		if base := path.Base(f.Path); !f.Test && goMigration.MatchString(base) {
			if n++; n == 1 {
				m.First = base
			}
			m.Latest = base
		}
	}
	return n
}

// dialectOf is the database that a folder's name tells, else the only SQL database.
func (g *planFacts) dialectOf(dir string) string {
	var databases []string
	for i := range g.r.Integrations {
		in := &g.r.Integrations[i]
		if in.Kind == "database" && in.Scope != ScopeDevelopment && g.isSQL(in.System) {
			databases = append(databases, in.ID)
		}
	}
	for _, part := range slices.Backward(strings.Split(strings.ToLower(dir), "/")) {
		for _, id := range databases {
			if sys := g.p.cat.System(g.byID[id].System); sys.Slug == part || g.p.cat.Variable(strings.ToUpper(part)) == sys || g.p.cat.Scheme(part) == sys || g.p.cat.Driver(part) == sys {
				return id
			}
		}
	}
	if len(databases) == 1 {
		return databases[0]
	}
	return ""
}

// isSQL: some library of the system serves database/sql.
func (g *planFacts) isSQL(slug string) bool {
	sys := g.p.cat.System(slug)
	return sys != nil && slices.ContainsFunc(sys.Libraries, func(l catalog.Library) bool { return len(l.Drivers) > 0 || l.SDK == "database-sql" })
}
