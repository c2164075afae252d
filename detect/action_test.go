package detect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamedAction(t *testing.T) {
	for method, want := range map[string]Action{
		"GetObject":       ActionRead,
		"HGetAll":         ActionRead,
		"ListBuckets":     ActionRead,
		"DescribeStream":  ActionRead,
		"DeleteItem":      ActionSet,
		"GetDel":          ActionSet,
		"CreateUser":      ActionCreate,
		"SendMessage":     ActionCreate,
		"DialAndSend":     ActionCreate,
		"Ping":            ActionConnect,
		"ReadMessage":     ActionWait,
		"Start":           ActionWait,
		"StartWorkflow":   "",
		"RunWithClient":   ActionWait,
		"WriteLoop":       ActionWait,
		"Ack":             ActionLocal,
		"Frobnicate":      "",
		"Gettysburg":      "",
		"XReadGroup":      ActionWait,
		"PublishToQueue":  ActionCreate,
		"SetLocalAddress": ActionSet,
	} {
		if diff := cmp.Diff(want, namedAction(method)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", method, diff)
		}
	}
}

func TestStatementAction(t *testing.T) {
	for sql, want := range map[string]Action{
		"SELECT 1":                             ActionRead,
		"  -- names\n\tselect name from users": ActionRead,
		"/* hint */ SELECT 1":                  ActionRead,
		"WITH old AS (DELETE FROM t RETURNING id) SELECT * FROM old":     ActionSet,
		"WITH n AS (SELECT 1) INSERT INTO t SELECT * FROM n":             ActionCreate,
		"WITH n AS (SELECT 1) SELECT * FROM n":                           ActionRead,
		"INSERT INTO t VALUES (1)":                                       ActionCreate,
		"INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING":                ActionSet,
		"insert into t values (1) on duplicate key update n = values(n)": ActionSet,
		"DELETE FROM t":                   ActionSet,
		"UPDATE t SET n = n + 1":          "",
		"":                                "",
		"CALL book($1)":                   "",
		"-- nothing but a remark":         "",
		"TRUNCATE TABLE t":                ActionSet,
		"\n\t(SELECT 1) UNION (SELECT 2)": ActionRead,
	} {
		if diff := cmp.Diff(want, statementAction(sql)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", sql, diff)
		}
	}
}

func TestMethodAction(t *testing.T) {
	for method, want := range map[string]Action{"": ActionRead, "get": ActionRead, "PUT": ActionSet, "PATCH": ActionCreate, "PURGE": ""} {
		if diff := cmp.Diff(want, methodAction(method)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", method, diff)
		}
	}
}
