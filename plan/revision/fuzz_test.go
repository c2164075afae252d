package revision

import (
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParseList: whatever git lists, no name leads out of the folder that the files
// are laid out in.
func FuzzParseList(f *testing.F) {
	f.Add("100644 blob 257cc5642cb1a054f08cc83f2d943e56fd3ebe99\tsub/a.go\x00120000 blob 1a2b\tlink\x00", "sub/", false)
	f.Add("H 100644 257cc5642cb1a054f08cc83f2d943e56fd3ebe99 0\ta b\t.go\x00h 100755 1a2b 2\tconflict.go\x00", "", true)
	f.Add("100644 blob 1\t../up.go\x00100644 blob 1\t/etc/x\x00100644 blob\tx\x00\x00", "", false)
	f.Fuzz(func(t *testing.T, out, prefix string, index bool) {
		files, err := parseList(out, prefix, index)
		if err != nil && (!index || files != nil) {
			t.Errorf("files %v and error %v", files, err)
		}
		for _, file := range files {
			if !filepath.IsLocal(file.path) || file.object == "" || strings.ContainsAny(file.object, " \n") {
				t.Errorf("%+v", file)
			}
			matters.MatchString(file.path)
		}
	})
}
