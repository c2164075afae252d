package config

import (
	"path"
	"strings"
)

// IsConfigFile tells by name and folder whether a file is likely an application's
// configuration. Content decides about the rest; see foreign.
func IsConfigFile(name string) bool {
	ext := format(name)
	if readers[ext] == nil {
		return false
	}
	base := strings.ToLower(path.Base(name))
	dirs := strings.Split(strings.ToLower(path.Dir(name)), "/")
	for _, d := range dirs {
		if strings.HasPrefix(d, ".") && d != "." || d == "templates" { // .github and the like; Helm
			return false
		}
	}
	if strings.HasPrefix(base, ".") || toolFiles[base] || anyWord(base, toolWords) {
		return false
	}
	// Linters say foo.config.js; foo.conf is also the web server's.
	if anyWord(base, configWords) {
		return true
	}
	inConfig := len(dirs) == 1 && dirs[0] == "." && (ext == "toml" || ext == "ini" || ext == "properties")
	for _, d := range dirs {
		inConfig = inConfig || anyWord(d, configDirs)
	}
	return inConfig
}

func anyWord(name string, set map[string]bool) bool {
	for w := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '.' || r == '-' || r == '_' }) {
		if set[w] {
			return true
		}
	}
	return false
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	configWords = set("config configs configuration configurations cfg conf settings setting application appsettings app params " +
		"parameters values secrets credentials bootstrap local development production staging env environment environments otelcol")
	configDirs = set("config configs configuration configurations cfg conf settings etc env envs environments")

	// toolFiles and toolWords are of tools that build, test and check; what they
	// name is nothing the program talks to.
	toolFiles = set("package.json package-lock.json composer.json cargo.toml pyproject.toml pipfile.toml go.work gradle.properties " +
		"gradle-wrapper.properties app.json manifest.json angular.json nx.json turbo.json lerna.json vercel.json _config.yml " +
		"mkdocs.yml netlify.toml chart.yaml kustomization.yaml setup.cfg tox.ini pytest.ini cliff.toml book.toml")
	toolWords = set("tsconfig jsconfig jest eslint eslintrc prettier babel webpack vite vitest rollup tailwind postcss stylelint " +
		"golangci goreleaser codecov renovate dependabot buf sqlc mockery lefthook commitlint typos typedoc lock compose openapi swagger " +
		"schema schemas locale locales i18n dashboard dashboards sonar cypress playwright karma storybook biome deno gqlgen revive " +
		"pre-commit markdownlint yamllint hadolint semgrep release workflow workflows")
)

// foreign reports whether the keys at the top of a document are those of a file
// that another scanner reads, or of a tool.
func foreign(keys map[string]bool) bool {
	has := func(all ...string) bool {
		for _, k := range all {
			if !keys[k] {
				return false
			}
		}
		return true
	}
	return has("openapi") || has("swagger", "paths") || has("swagger", "info") || has("asyncapi") ||
		has("apiVersion", "kind") || has("on", "jobs") || has("jobs", "stages") ||
		has("$schema", "properties") || has("$schema", "$defs") || has("$schema", "definitions") ||
		has("AWSTemplateFormatVersion") || has("$id", "type", "properties")
}
