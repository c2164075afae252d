package migrations

import (
	"strings"
	"testing"
)

// FuzzScan: whatever a file of SQL holds, it is counted once, and its tables stand on
// lines that it has.
func FuzzScan(f *testing.F) {
	for i, text := range []string{
		"-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, buyer text NOT NULL REFERENCES buyers (id));\n-- +goose Down\nDROP TABLE orders;\n",
		"-- +migrate Up\ncreate table if not exists \"a\".\"b\" (\n  `id` int, -- (\n  CONSTRAINT c CHECK (x > '(')\n);\n",
		"CREATE TABLE t (id int", "/* CREATE TABLE t (id int); */ ALTER TABLE t ADD COLUMN u text;", "\x00'\"`$$",
	} {
		f.Add(uint8(i), text)
	}
	names := []string{"db/migrations/1_a.sql", "m/1_a.up.sql", "m/V1__a.sql", "schema.sql"}
	f.Fuzz(func(t *testing.T, name uint8, text string) {
		file := names[int(name)%len(names)]
		got, _ := scan(t, map[string]string{file: text})
		lines := strings.Count(text, "\n") + 1
		for _, table := range got.Tables {
			if table.File != file || table.Line < 1 || table.Line > lines {
				t.Errorf("table %+v of a file with %d lines", table, lines)
			}
		}
		for _, s := range got.Sets {
			if s.Count != 1 || s.Down > s.Count {
				t.Errorf("one file makes %+v", s)
			}
		}
	})
}
