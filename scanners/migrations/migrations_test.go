package migrations

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

func scan(t *testing.T, files map[string]string) (Result, []scanners.Diagnostic) {
	t.Helper()
	return Scan(context.Background(), fixtures.Tree(t, files))
}

// TestSets: a folder's notation, its migrations, and those that can be undone.
func TestSets(t *testing.T) {
	const table = "CREATE TABLE t (id int);\n"
	type counts struct {
		Notation      string
		Count, Down   int
		First, Latest string
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  map[string]counts
	}{
		"goose": {
			map[string]string{
				"db/1_a.sql": "-- +goose Up\n" + table + "-- +goose Down\nDROP TABLE t;\n",
				"db/2_b.sql": "-- +goose Up\n" + table + "-- +goose Down\n-- nothing\n",
			},
			map[string]counts{"db": {Goose, 2, 1, "1_a.sql", "2_b.sql"}},
		},
		"pairs": {
			map[string]string{"m/9_a.up.sql": table, "m/9_a.down.sql": "DROP TABLE t;", "m/10_b.up.sql": table},
			map[string]counts{"m": {UpDown, 2, 1, "9_a.up.sql", "10_b.up.sql"}},
		},
		"pairs by dialect are one migration": {
			map[string]string{"m/1_a.postgres.up.sql": table, "m/1_a.mysql.up.sql": table, "m/1_a.mysql.down.sql": "-- no\n"},
			map[string]counts{"m": {UpDown, 1, 0, "1_a.mysql.up.sql", "1_a.postgres.up.sql"}},
		},
		"sql-migrate, dbmate, tern": {
			map[string]string{
				"a/1.sql": "-- +migrate Up\n" + table + "-- +migrate Down\nDROP TABLE t;\n",
				"b/1.sql": "-- migrate:up\n" + table + "-- migrate:down\nDROP TABLE t;\n",
				"c/1.sql": table + "---- create above / drop below ----\nDROP TABLE t;\n",
			},
			map[string]counts{"a": {SQLMigrate, 1, 1, "1.sql", "1.sql"}, "b": {Dbmate, 1, 1, "1.sql", "1.sql"}, "c": {Tern, 1, 1, "1.sql", "1.sql"}},
		},
		"flyway": {
			map[string]string{"sql/V1__a.sql": table, "sql/V2__b.sql": table, "sql/U2__b.sql": "DROP TABLE t;"},
			map[string]counts{"sql": {Flyway, 2, 1, "V1__a.sql", "V2__b.sql"}},
		},
		"atlas": {
			map[string]string{"migrations/20250101_a.sql": table, "migrations/atlas.sum": "h1:"},
			map[string]counts{"migrations": {Atlas, 1, 0, "20250101_a.sql", "20250101_a.sql"}},
		},
		"numbered, by dialect and version": {
			map[string]string{"store/migration/sqlite/0.9/1__a.sql": table, "store/migration/sqlite/0.10/1__b.sql": table, "store/migration/sqlite/LATEST.sql": table},
			map[string]counts{"store/migration/sqlite": {Numbered, 2, 0, "1__a.sql", "1__b.sql"}},
		},
		"a folder for each version": {
			map[string]string{"schema/postgresql/versioned/v1.9/schema.sql": table, "schema/postgresql/versioned/v1.10/a.sql": table, "schema/postgresql/versioned/v1.10/b.sql": table},
			map[string]counts{"schema/postgresql/versioned": {Numbered, 2, 0, "schema.sql", "b.sql"}},
		},
		"queries and tests are none": {
			map[string]string{"queries/1_orders.sql": "SELECT 1;", "test/migrations/1_a.up.sql": table},
			map[string]counts{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, diags := scan(t, c.files)
			got := map[string]counts{}
			for _, s := range r.Sets {
				got[s.Dir] = counts{s.Notation, s.Count, s.Down, s.First, s.Latest}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("sets (-want +got):\n%s", diff)
			}
			if len(diags) > 0 {
				t.Errorf("diagnostics %v", diags)
			}
		})
	}
}

func TestTables(t *testing.T) {
	r, _ := scan(t, map[string]string{
		"schema.sql":     "-- CREATE TABLE none (id int);\ncreate table if not exists `public`.\"orders\" (\n id int);\nCREATE UNLOGGED TABLE Jobs(id int);\n",
		"m/1_a.up.sql":   "CREATE TABLE a (id int);",
		"m/1_a.down.sql": "CREATE TABLE back (id int);",
	})
	got := map[string]string{}
	for _, table := range r.Tables {
		got[table.Name] = table.Position.String()
	}
	want := map[string]string{"public.orders": "schema.sql:2", "Jobs": "schema.sql:4", "a": "m/1_a.up.sql:1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
