package scanners

import (
	"bytes"
	"io/fs"
	"slices"
	"time"
)

// Overlay is another state of a tree than that on disk: fewer files, some of which
// have other content. What is staged in git is one.
type Overlay struct {
	// Files are those that there are, by path. Changed is the content of those that
	// differ from the disk.
	Files   map[string]bool
	Changed map[string][]byte
}

// Apply shows the tree in that state from now on.
func (t *Tree) Apply(o *Overlay) {
	if o == nil {
		return
	}
	t.Restrict(func(path string) bool { return o.Files[path] })
	t.other = o
	for i := range t.files {
		if content, ok := o.Changed[t.files[i].Path]; ok {
			t.files[i].Size = int64(len(content))
		}
	}
}

func (o *Overlay) has(name string) bool { return o == nil || o.Files[name] }

// read gives the content of a file that is not the one on disk: ok where it is
// another, and an error where there is none.
func (o *Overlay) read(name string) (content []byte, ok bool, err error) {
	if !o.has(name) {
		return nil, false, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if o != nil {
		content, ok = o.Changed[name]
	}
	return slices.Clone(content), ok, nil
}

// memoryFile is an open file whose content is in memory.
type memoryFile struct {
	name string
	*bytes.Reader
}

func (f memoryFile) Stat() (fs.FileInfo, error) { return memoryInfo{f.name, f.Size()}, nil }
func (memoryFile) Close() error                 { return nil }

type memoryInfo struct {
	name string
	size int64
}

func (i memoryInfo) Name() string     { return i.name }
func (i memoryInfo) Size() int64      { return i.size }
func (memoryInfo) Mode() fs.FileMode  { return 0o644 }
func (memoryInfo) ModTime() time.Time { return time.Time{} }
func (memoryInfo) IsDir() bool        { return false }
func (memoryInfo) Sys() any           { return nil }
