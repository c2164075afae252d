package cache

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// unused is how long a file is kept that nothing asks for.
	unused = 7 * 24 * time.Hour
	// trimEvery is how often the folder is looked through.
	trimEvery = 24 * time.Hour
	// writing is how long a file may be in the writing; one that is older was left
	// by a process that was killed.
	writing = time.Hour
	// maxSize bounds the folder, in bytes, at each trimming.
	maxSize = 1 << 30
	// trimmed is the file whose time says when the folder was last looked through.
	trimmed = "trimmed"
)

// Trim removes, once a day, what was not used for a week, and the longest unused of
// what is more than a gigabyte.
func (c *Cache) Trim() {
	mark := filepath.Join(c.dir, trimmed)
	now := c.now()
	if info, err := os.Stat(mark); err == nil && now.Sub(info.ModTime()) < trimEvery {
		return
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return // there is no folder yet, or it is not ours
	}
	os.Chtimes(mark, now, now)
	type entry struct {
		name string
		info fs.FileInfo
	}
	var entries []entry
	size := int64(0)
	each(c.dir, func(name string, info fs.FileInfo) error {
		if name != mark {
			entries = append(entries, entry{name, info})
			size += info.Size()
		}
		return nil
	})
	slices.SortFunc(entries, func(a, b entry) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, e := range entries {
		age := now.Sub(e.info.ModTime())
		left := strings.HasPrefix(filepath.Base(e.name), temporary) && age > writing
		if age > unused || size > maxSize || left {
			os.Remove(e.name)
			size -= e.info.Size()
		}
	}
}
