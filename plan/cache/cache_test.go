package cache

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T) *Cache {
	t.Helper()
	c, err := Open(filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPutGet(t *testing.T) {
	c := open(t)
	if _, ok := c.Get("a"); ok {
		t.Error("an empty cache has a value")
	}
	want := []byte("the first")
	c.Put("a", want)
	c.Put("b", nil)
	got, ok := c.Get("a")
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("value of a (-want +got):\n%s", diff)
	}
	if got, ok := c.Get("b"); !ok || len(got) != 0 {
		t.Errorf("value of b is %q, %t; want none, true", got, ok)
	}
	other := *c
	other.build = "another build"
	if _, ok := other.Get("a"); ok {
		t.Error("another build reads what this one wrote")
	}
}

// A file that was cut, changed, or left half written by a process that was killed
// is no value.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(data []byte) []byte{
		"cut":     func(data []byte) []byte { return data[:len(data)-1] },
		"empty":   func([]byte) []byte { return nil },
		"changed": func(data []byte) []byte { data[len(data)/2] ^= 1; return data },
		"longer":  func(data []byte) []byte { return append(data, 'x') },
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			c.Put("key", []byte("a value of some length"))
			data, err := os.ReadFile(c.file("key"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(c.file("key"), damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, ok := c.Get("key"); ok {
				t.Errorf("a damaged file gives %q", got)
			}
			c.Put("key", []byte("again"))
			if got, ok := c.Get("key"); !ok || string(got) != "again" {
				t.Errorf("after it was put again the value is %q, %t", got, ok)
			}
		})
	}
}

// Several writers and readers of one folder get whole values or none.
func TestConcurrent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			c, err := Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range 200 {
				key := fmt.Sprint(i % 10)
				value := bytes.Repeat([]byte(key), 10_000)
				if (i+w)%3 == 0 {
					c.Put(key, value)
				} else if got, ok := c.Get(key); ok && !bytes.Equal(got, value) {
					t.Errorf("key %s has %d other bytes", key, len(got))
				}
			}
		})
	}
	wg.Wait()
}

// A folder that cannot be written is no cache, and no fault.
func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(filepath.Join(file, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	c.Put("key", []byte("value"))
	c.Trim()
	if _, ok := c.Get("key"); ok {
		t.Error("there is a value where nothing can be written")
	}
}

func TestTrim(t *testing.T) {
	c := open(t)
	c.Put("old", []byte("1"))
	c.Put("used", []byte("2"))
	left := filepath.Join(filepath.Dir(c.file("old")), temporary+"123")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Trim() // today: nothing is old
	start := time.Now()
	c.now = func() time.Time { return start.Add(4 * 24 * time.Hour) }
	if _, ok := c.Get("used"); !ok {
		t.Fatal("a value was trimmed on its first day")
	}
	c.now = func() time.Time { return start.Add(8 * 24 * time.Hour) }
	c.Trim()
	if _, ok := c.Get("used"); !ok {
		t.Error("a value used four days ago was trimmed")
	}
	if _, ok := c.Get("old"); ok {
		t.Error("a value unused for eight days was not trimmed")
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a killed process left is still there: %v", err)
	}
}

// Cleaning removes what the cache wrote and nothing else.
func TestClean(t *testing.T) {
	c := open(t)
	c.Put("key", []byte("value"))
	c.Trim()
	kept := filepath.Join(c.dir, "notes.txt")
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files, size, err := Size(c.dir); files != 2 || size != 32+5 || err != nil {
		t.Errorf("the cache has %d files of %d bytes, %v; want 2 of 37", files, size, err)
	}
	if err := Clean(c.dir); err != nil {
		t.Fatal(err)
	}
	var got []string
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff([]string{"notes.txt"}, got); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	if err := Clean(filepath.Join(c.dir, "nowhere")); err != nil {
		t.Errorf("cleaning what is not there: %v", err)
	}
}

func TestDir(t *testing.T) {
	t.Setenv(Variable, "off")
	if _, err := Dir(); !errors.Is(err, ErrOff) {
		t.Errorf("off: %v", err)
	}
	want := t.TempDir()
	t.Setenv(Variable, want)
	if got, err := Dir(); got != want || err != nil {
		t.Errorf("named: %s, %v", got, err)
	}
}
