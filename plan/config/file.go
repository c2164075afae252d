// Package config is .intscan.yaml: what a team says of its own repository. The types
// of this file are the format; decoding, the JSON Schema for editors and the
// starting file are made from them.
//
// A key or value that is not known is an error with its line and the nearest name
// that is: a misspelt rule would otherwise be switched off for nobody.
package config

import (
	"github.com/intscan/intscan/detect/catalog"
)

// FileName is what the file is called.
const FileName = ".intscan.yaml"

// File is the content of the configuration file. Tags: doc is the description for
// editors, words the vocabulary of values, keys that of a map's keys; a field that is
// required must be there.
type File struct {
	Rules        map[string]Word `yaml:"rules" keys:"rule" words:"setting" doc:"Rules by name: off, on, or the severity of all its findings."`
	Paths        Paths           `yaml:"paths" doc:"Which files are read."`
	BuildTags    []Tag           `yaml:"build-tags" doc:"Build tags that are always set, or with ! before them never; of all others files for and against count."`
	Mode         Word            `yaml:"mode" words:"mode" doc:"How Go code is read."`
	FailOn       Word            `yaml:"fail-on" words:"gate" doc:"The run fails for findings of this severity or graver."`
	FailOnRules  map[string]Word `yaml:"fail-on-rules" keys:"rule" words:"gate" doc:"The same for single rules, before all others."`
	FailOnKinds  map[string]Word `yaml:"fail-on-kinds" keys:"kind" words:"gate" doc:"The same by the kind of the integration that a finding is on."`
	Criticality  map[string]Word `yaml:"criticality" words:"level" doc:"How much hangs on an integration, by its id, where people know better than the code tells."`
	Catalog      Additions       `yaml:"catalog" doc:"Systems and libraries that intscan does not know."`
	Policies     []Policy        `yaml:"policies" doc:"Rules of the team's own."`
	Suppressions []Suppression   `yaml:"suppressions" doc:"Findings that are known and accepted."`
}

// Paths say which files of the repository are read. Globs are relative to the
// configuration file; "**" stands for any folders, and a folder for all in it.
type Paths struct {
	Include []Glob `yaml:"include" doc:"Only these are read; go.mod and go.work files always are."`
	Exclude []Glob `yaml:"exclude" doc:"These are not read."`
}

// Additions join the shipped catalog, in its own format.
type Additions struct {
	Folder   Text               `yaml:"folder" doc:"A folder, relative to this file, with entries/, sdks/, toolkits/ and so on, as the catalog has them."`
	Systems  []*catalog.System  `yaml:"systems" doc:"Entries, as in a file of entries/. One with the slug of a shipped system adds to it."`
	SDKs     []*catalog.SDK     `yaml:"sdks" doc:"Behaviour that several libraries share, as in a file of sdks/."`
	Toolkits []*catalog.Toolkit `yaml:"toolkits" doc:"Libraries that protect or observe calls, as in a file of toolkits/."`
}

// Policy demands protections of certain calls; each violation is a finding of the
// rule policy-NAME.
type Policy struct {
	Line     int    `yaml:"-"`
	Name     Name   `yaml:"name" required:"yes" doc:"Lower case words with hyphens; the rule is policy-NAME."`
	Match    Match  `yaml:"match" doc:"The calls it is for; all where nothing is said."`
	Require  Demand `yaml:"require" required:"yes" doc:"What they must have."`
	Severity Word   `yaml:"severity" words:"severity" doc:"How grave a violation is; medium unless said otherwise."`
	Reason   string `yaml:"reason" doc:"Why the team wants it; findings and reports tell it."`
	Remedy   string `yaml:"remedy" doc:"What to do about a violation."`
}

// Match picks calls; what is set must hold all together.
type Match struct {
	Kind        []Word `yaml:"kind" words:"kind" single:"yes" doc:"Kinds of integrations."`
	Integration []Glob `yaml:"integration" single:"yes" doc:"Ids of integrations, as globs: http:*.example.com."`
	External    *bool  `yaml:"external" doc:"true: not the repository's own components; false: only those."`
	Phase       []Word `yaml:"phase" words:"phase" single:"yes" doc:"When the call is made."`
}

// Demand is what a policy requires.
type Demand struct {
	Timeout    Bound `yaml:"timeout" doc:"The longest bound that is allowed, such as 10s, or any for some bound."`
	Monitoring bool  `yaml:"monitoring" doc:"A span or metric."`
	Retry      bool  `yaml:"retry" doc:"Something repeats the call when it fails."`
	Breaker    bool  `yaml:"breaker" doc:"A circuit breaker."`
}

// Suppression silences findings of a rule, by path or integration.
type Suppression struct {
	Line        int    `yaml:"-"`
	Rule        []Word `yaml:"rule" words:"rule" required:"yes" single:"yes" doc:"The rules."`
	Path        []Glob `yaml:"path" single:"yes" doc:"Where the finding or all calls that it is about stand."`
	Integration []Glob `yaml:"integration" single:"yes" doc:"Ids of integrations, as globs."`
	Reason      string `yaml:"reason" required:"yes" doc:"Why it is accepted."`
	Until       Date   `yaml:"until" doc:"The last day on which it holds, as 2027-03-31."`
}
