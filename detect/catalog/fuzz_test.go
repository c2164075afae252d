package catalog_test

import (
	"os"
	"path"
	"testing"
	"testing/fstest"

	"github.com/intscan/intscan/detect/catalog"
)

// FuzzLoad: a file of any of the catalog's folders is taken or refused, and what is
// taken makes a catalog or is refused then.
func FuzzLoad(f *testing.F) {
	dirs := []string{"entries", "sdks", "toolkits", "webhooks", "frameworks", "retired", "practices", "naming"}
	for i, dir := range dirs {
		files, err := os.ReadDir(dir)
		if err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(path.Join(dir, files[0].Name()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), files[0].Name(), string(text))
		f.Add(uint8(i), "x.yaml", "name: x\nslug: x\npackages: {a: [1]}\n")
	}
	f.Fuzz(func(t *testing.T, dir uint8, name, text string) {
		if path.Base(name) != name {
			t.Skip("a name with folders")
		}
		fsys := fstest.MapFS{path.Join(dirs[int(dir)%len(dirs)], name): &fstest.MapFile{Data: []byte(text)}}
		if c, err := catalog.Load(fsys); err == nil {
			c.System("x")
		}
		catalog.LoadPractices(fsys, catalog.Shipped())
	})
}
