package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/plan"
)

func integrationIDs(r *plan.Report) (ids []string) {
	for _, in := range r.Integrations {
		ids = append(ids, in.ID)
	}
	return ids
}

func TestInstances(t *testing.T) {
	r := stubbed(t, map[string]string{
		"go.mod": "module example.com/ledger\n\ngo 1.24\n\nrequire github.com/lib/pq v1.10.9\n",
		"main.go": `package main

import (
	"database/sql"
	"log"
	"os"

	_ "github.com/lib/pq"
)

type store struct{ main, reports *sql.DB }

func open(dsn string) *sql.DB {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func main() {
	mainDB, err := sql.Open("postgres", os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	reports, err := sql.Open("postgres", os.Getenv("REPORTS_DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	s := store{main: mainDB, reports: reports}
	if _, err := s.main.Exec("delete from drafts"); err != nil {
		log.Print(err)
	}
	if _, err := s.reports.Exec("refresh materialized view totals"); err != nil {
		log.Print(err)
	}
	open("").Close()
}
`,
	})
	if diff := cmp.Diff([]string{"postgresql", "postgresql:reports"}, integrationIDs(r)); diff != "" {
		t.Errorf("integrations (-want +got):\n%s", diff)
	}
	var got []string
	for _, c := range r.CallSites {
		got = append(got, c.Integration)
	}
	if diff := cmp.Diff([]string{"postgresql", "postgresql:reports"}, got); diff != "" {
		t.Errorf("integrations of the calls (-want +got):\n%s", diff)
	}
}

func TestInternalCalls(t *testing.T) {
	r := stubbed(t, map[string]string{
		"go.mod": "module example.com/post\n\ngo 1.24\n",
		"cmd/front/main.go": `package main

import (
	"log"
	"net/http"
	"os"
)

func main() {
	resp, err := http.Get(os.Getenv("SORT_URL"))
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}
`,
		"cmd/sort/main.go": "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":8080\", nil) }\n",
		"compose.yaml": `services:
  front:
    build: {context: ., dockerfile: cmd/front/Dockerfile}
    environment:
      SORT_URL: http://sort:8080
  sort:
    build: {context: ., dockerfile: cmd/sort/Dockerfile}
`,
	})
	for _, in := range r.Integrations {
		if in.ID == "http" && !in.Internal {
			t.Errorf("calls between front and sort are not told as internal: %+v", in)
		}
	}
	if diff := cmp.Diff([]string{"http"}, integrationIDs(r)); diff != "" {
		t.Errorf("integrations (-want +got):\n%s", diff)
	}
}

func TestKubernetesIsEvidence(t *testing.T) {
	r := stubbed(t, map[string]string{
		"deploy/cache.yaml": `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sessions}
spec:
  template:
    spec:
      containers:
        - name: sessions
          image: redis:7
          env:
            - {name: MONGO_URL, value: "mongodb://store:27017/app"}
`,
	})
	if diff := cmp.Diff([]string{"mongodb", "redis"}, integrationIDs(r)); diff != "" {
		t.Fatalf("integrations (-want +got):\n%s", diff)
	}
	for _, in := range r.Integrations {
		if in.Scope != "declared" || in.Evidence[0].Source != "kubernetes" || in.Evidence[0].Line == 0 {
			t.Errorf("%s: scope %s, evidence %+v", in.ID, in.Scope, in.Evidence)
		}
	}
}
