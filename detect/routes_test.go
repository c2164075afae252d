package detect_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/plan"
)

// An archive of fixtures/routes is a small server in one framework. Its file
// "routes" lists what intscan must find, sorted:
//
//	POST /orders shop.create auth=shop.login body=shop.Order answer=shop.Order
const routeFixtures = "../fixtures/routes"

func TestRoutes(t *testing.T) {
	offline(t, stubCache(t))
	for _, a := range archivesIn(t, routeFixtures, 18) {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "routes" })
			if i < 0 {
				t.Fatal("no file \"routes\" in the archive")
			}
			want := strings.Split(strings.TrimSpace(string(a.Files[i].Data)), "\n")
			slices.Sort(want)
			dir := t.TempDir()
			fixtures.Unpack(t, &txtar.Archive{Files: slices.Delete(slices.Clone(a.Files), i, i+1)}, dir)
			r, err := plan.Scan(context.Background(), plan.Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, routeLines(r.Routes)); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
			for _, e := range r.EntryPoints {
				if e.Kind == detect.EntryHTTP && !strings.Contains(e.Name, "/") {
					t.Errorf("entry point %s at %s has no route", e.Name, e.Position)
				}
			}
		})
	}
}

// TestFrameworksHaveRoutes keeps every framework that registers routes tested.
func TestFrameworksHaveRoutes(t *testing.T) {
	for _, fw := range catalog.Shipped().Frameworks {
		if len(fw.Routes) == 0 {
			continue
		}
		if files, err := filepath.Glob(filepath.Join(routeFixtures, fw.Name+".txtar")); err != nil || len(files) == 0 {
			t.Errorf("frameworks/%s.yaml has no archive in %s", fw.Name, routeFixtures)
		}
	}
}

func routeLines(routes []detect.Route) []string {
	var out []string
	for _, rt := range routes {
		line := rt.Name() + " " + rt.Handler
		for _, part := range [][2]string{{"auth", rt.Auth}, {"body", rt.Request}, {"answer", rt.Response}} {
			if part[1] != "" {
				line += " " + part[0] + "=" + part[1]
			}
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}
