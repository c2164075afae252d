// Package cache keeps what a scan worked out, in files named by what it was worked
// out from, so that the next scan does not have to. It knows nothing of the values.
//
// Several processes may use one folder at a time, and each may be killed at any
// moment: a file is written under another name and renamed when it is whole, and is
// read only if its checksum is right. What cannot be read or written is worked out
// again.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Variable is the environment variable that names another folder for the cache, or
// is "off".
const Variable = "INTSCAN_CACHE"

// Cache is one folder, in the view of one build of the program.
type Cache struct {
	dir   string
	build string
	now   func() time.Time
}

// Dir is the folder of the cache: that of the environment variable, or "intscan" in
// the user's cache folder. It fails where the machine has neither, and with ErrOff.
func Dir() (string, error) {
	switch dir := os.Getenv(Variable); {
	case dir == "off":
		return "", ErrOff
	case dir != "":
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for the cache (%s names one): %w", Variable, err)
	}
	return filepath.Join(dir, "intscan"), nil
}

// ErrOff says that the environment turns the cache off.
var ErrOff = errors.New("the cache is off: " + Variable + " is \"off\"")

// Open gives the cache in the folder, for this build of the program: another build
// may work other things out of the same.
func Open(dir string) (*Cache, error) {
	build, err := identity()
	if err != nil {
		return nil, err
	}
	return &Cache{dir: dir, build: build, now: time.Now}, nil
}

// Get returns the value that was put under the key.
func (c *Cache) Get(key string) ([]byte, bool) {
	name := c.file(key)
	data, err := os.ReadFile(name)
	if err != nil || len(data) < sha256.Size {
		return nil, false
	}
	sum := sha256.Sum256(data[sha256.Size:])
	if !bytes.Equal(sum[:], data[:sha256.Size]) {
		return nil, false
	}
	c.touch(name)
	return data[sha256.Size:], true
}

// Put keeps the value under the key, if it can.
func (c *Cache) Put(key string, value []byte) {
	name := c.file(key)
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return
	}
	f, err := os.CreateTemp(dir, temporary+"*")
	if err != nil {
		return
	}
	sum := sha256.Sum256(value)
	_, err1 := f.Write(sum[:])
	_, err2 := f.Write(value)
	if errors.Join(err1, err2, f.Close()) != nil || os.Rename(f.Name(), name) != nil {
		os.Remove(f.Name())
	}
}

// temporary begins the names of files that are being written.
const temporary = "new-"

func (c *Cache) file(key string) string {
	sum := sha256.Sum256([]byte(c.build + "\n" + key))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, name[:2], name[2:])
}

// freshness is how precisely the time of the last use is kept.
const freshness = time.Hour

// touch notes that a file was used.
func (c *Cache) touch(name string) {
	now := c.now()
	if info, err := os.Stat(name); err == nil && now.Sub(info.ModTime()) > freshness {
		os.Chtimes(name, now, now)
	}
}

// Size counts the files of a cache's folder and their bytes.
func Size(dir string) (files int, size int64, err error) {
	err = each(dir, func(_ string, info fs.FileInfo) error {
		files++
		size += info.Size()
		return nil
	})
	return files, size, err
}

// Clean removes what the cache keeps in the folder, and the folder where nothing
// else is in it.
func Clean(dir string) error {
	err := each(dir, func(name string, _ fs.FileInfo) error { return ignoreMissing(os.Remove(name)) })
	if err != nil {
		return fmt.Errorf("cannot clean the cache: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, e := range entries {
		if isShard(e) {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	os.Remove(dir) // fails where there is more in it
	return nil
}

// each calls visit for every file of the cache, and for no other that may lie in the
// folder.
func each(dir string, visit func(name string, info fs.FileInfo) error) error {
	shards, err := os.ReadDir(dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, shard := range shards {
		if !isShard(shard) {
			if name := filepath.Join(dir, shard.Name()); shard.Name() == trimmed {
				if info, err := shard.Info(); err == nil {
					if err := visit(name, info); err != nil {
						return err
					}
				}
			}
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, shard.Name()))
		if err != nil {
			return ignoreMissing(err)
		}
		for _, f := range files {
			if info, err := f.Info(); err == nil && isEntry(f) {
				if err := visit(filepath.Join(dir, shard.Name(), f.Name()), info); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func isShard(e fs.DirEntry) bool { return e.IsDir() && len(e.Name()) == 2 && isHex(e.Name()) }

func isEntry(e fs.DirEntry) bool {
	return e.Type().IsRegular() && (len(e.Name()) == 2*sha256.Size-2 && isHex(e.Name()) || strings.HasPrefix(e.Name(), temporary))
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) })
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
