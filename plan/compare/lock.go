// Package compare says what a change gains and loses: integrations, protections,
// contracts and findings. A lock is the part of a report that a team reviews in its
// repository; two reports, or a report and a lock, are compared by it.
//
// Which of the differences fail a build is package gate's and the command's subject.
package compare

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/detect"
	"github.com/intscan/intscan/detect/catalog"
)

// LockSchema names the format of lock files.
const LockSchema = "intscan.lock/v1"

// Lock is what a repository talks to and how it is protected, small enough to read
// in a review. It holds no line numbers and no counts that every commit changes.
type Lock struct {
	Schema       string        `yaml:"schema" json:"schema"`
	Integrations []Integration `yaml:"integrations" json:"integrations"`
	Contracts    []Contract    `yaml:"contracts" json:"contracts"`
}

// Integration is one system with its protections.
type Integration struct {
	ID         string            `yaml:"id" json:"id"`
	Kind       string            `yaml:"kind" json:"kind"`
	Direction  catalog.Direction `yaml:"direction" json:"direction"`
	Scope      detect.Scope      `yaml:"scope" json:"scope"`
	Timeout    Cover             `yaml:"timeout,omitempty" json:"timeout,omitempty"`
	Retry      Cover             `yaml:"retry,omitempty" json:"retry,omitempty"`
	Monitoring Cover             `yaml:"monitoring,omitempty" json:"monitoring,omitempty"`
	Breaker    Cover             `yaml:"breaker,omitempty" json:"breaker,omitempty"`
}

// Cover says how many of an integration's calls have a protection. It is "" where
// there is no call to judge.
type Cover string

// The covers, the strongest first. Unknown is that of calls of which none lacks the
// protection for certain.
const (
	All  Cover = "all"
	Some Cover = "some"
	None Cover = "none"
)

func (c Cover) rank() int { return slices.Index([]Cover{None, Some, All}, c) }

// Contract is an OpenAPI description, served or consumed.
type Contract struct {
	File       string            `yaml:"file" json:"file"`
	Title      string            `yaml:"title,omitempty" json:"title,omitempty"`
	Version    string            `yaml:"version,omitempty" json:"version,omitempty"`
	Direction  catalog.Direction `yaml:"direction" json:"direction"`
	Operations int               `yaml:"operations" json:"operations"`
}

func (c Contract) key() string { return c.File + " " + c.Title }

// Take makes the lock of a scan. What only development tooling talks to is not in
// it.
func Take(r *detect.Result) *Lock {
	l := &Lock{Schema: LockSchema, Integrations: []Integration{}, Contracts: []Contract{}}
	for i := range r.Integrations {
		in := &r.Integrations[i]
		if in.Scope == detect.ScopeDevelopment {
			continue
		}
		l.Integrations = append(l.Integrations, Integration{
			ID: in.ID, Kind: in.Kind, Direction: in.Direction, Scope: in.Scope,
			Timeout:    cover(r, in.ID, func(s *detect.CallSite) detect.Verdict { return s.Timeout }),
			Retry:      cover(r, in.ID, func(s *detect.CallSite) detect.Verdict { return s.Retry }),
			Monitoring: cover(r, in.ID, func(s *detect.CallSite) detect.Verdict { return s.Monitoring }),
			Breaker:    cover(r, in.ID, func(s *detect.CallSite) detect.Verdict { return s.Breaker }),
		})
	}
	for _, a := range r.APIs {
		l.Contracts = append(l.Contracts, Contract{File: a.File, Title: a.Title, Version: a.Version, Direction: a.Direction, Operations: a.Operations})
	}
	slices.SortFunc(l.Integrations, func(a, b Integration) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(l.Contracts, func(a, b Contract) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Title, b.Title)) })
	return l
}

// cover counts unknown as protected: what the code cannot tell is no news.
func cover(r *detect.Result, id string, pick func(*detect.CallSite) detect.Verdict) Cover {
	calls, missing := 0, 0
	for i := range r.CallSites {
		s := &r.CallSites[i]
		if s.Integration != id || s.Scope != detect.ScopeRuntime {
			continue
		}
		calls++
		if pick(s).Verdict == detect.Absent {
			missing++
		}
	}
	switch {
	case calls == 0:
		return ""
	case missing == 0:
		return All
	case missing == calls:
		return None
	}
	return Some
}

// lockHead explains the file to who meets it in a review.
const lockHead = `# What this repository talks to, and how many of the calls are protected: all, some,
# none. Written by "intscan lock"; a change that alters it belongs in the same commit.
`

// Encode writes the lock as a file.
func (l *Lock) Encode() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(lockHead)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(l), enc.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// ParseLock reads a lock file.
func ParseLock(data []byte) (*Lock, error) {
	var l Lock
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&l); err != nil {
		return nil, err
	}
	if l.Schema != LockSchema {
		return nil, fmt.Errorf("its schema is %q, want %s; intscan lock writes it anew", l.Schema, LockSchema)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document; intscan lock writes it anew")
	}
	seen := map[string]bool{}
	for _, in := range l.Integrations {
		seen["integration "+in.ID] = true
	}
	for _, c := range l.Contracts {
		seen["contract "+c.key()] = true
	}
	if len(seen) < len(l.Integrations)+len(l.Contracts) {
		return nil, errors.New("an integration or contract stands twice, as a merge may leave it; intscan lock writes it anew")
	}
	return &l, nil
}
