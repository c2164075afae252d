// Package workflows reads the files of continuous integration: GitHub Actions,
// GitLab CI, CircleCI and the like. It reports what starts each, its jobs, and the
// steps that deploy, publish or test against a contract or under load, by the
// tools that they call.
package workflows

import (
	"bytes"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/yamlnode"
)

// Name is the scanner's name in diagnostics.
const Name = "workflows"

const maxSize = 1 << 20

// Workflow is one file.
type Workflow struct {
	scanners.Position
	System   string // github, gitlab, circleci, ...
	Name     string
	Triggers []string
	Jobs     []string
	Steps    []Step
}

// Step is a line that calls a tool of interest.
type Step struct {
	scanners.Position
	Does string // deploy, publish, contract_test, load_test, migrate
	Tool string
}

// Scan reads the workflow files of the tree, in order of their paths.
func Scan(ctx context.Context, tree *scanners.Tree) ([]Workflow, []scanners.Diagnostic) {
	out := []Workflow{}
	var diags []scanners.Diagnostic
	for _, f := range tree.Files() {
		system := systemOf(f.Path)
		if system == "" || f.Size > maxSize || ctx.Err() != nil {
			continue
		}
		b, err := tree.ReadFile(f.Path)
		if err != nil {
			diags = append(diags, diagnostic(f.Path, 0, "file cannot be read"))
			continue
		}
		w := Workflow{Position: scanners.Position{File: f.Path, Line: 1}, System: system, Name: path.Base(f.Path), Triggers: []string{}, Jobs: []string{}}
		if system != "jenkins" {
			docs, err := yamlnode.Parse(b)
			if err != nil {
				diags = append(diags, diagnostic(f.Path, 0, "workflow was not read: "+scanners.Redact(err.Error())))
			}
			for _, doc := range docs {
				w.document(doc)
			}
		}
		w.Steps = steps(f.Path, b)
		out = append(out, w)
	}
	return out, diags
}

func diagnostic(file string, line int, message string) scanners.Diagnostic {
	return scanners.Diagnostic{
		Severity: scanners.SeverityWarning, Scanner: Name,
		Position: scanners.Position{File: file, Line: line}, Message: message,
	}
}

// systemOf tells by its path which system runs a file.
func systemOf(name string) string {
	ext := path.Ext(name)
	yml := ext == ".yml" || ext == ".yaml"
	switch {
	case strings.HasPrefix(name, ".github/workflows/") && yml:
		return "github"
	case name == ".gitlab-ci.yml":
		return "gitlab"
	case name == ".circleci/config.yml":
		return "circleci"
	case strings.HasPrefix(name, ".woodpecker/") && yml || name == ".woodpecker.yml" || name == ".woodpecker.yaml":
		return "woodpecker"
	case strings.HasPrefix(name, ".buildkite/") && yml:
		return "buildkite"
	case name == ".drone.yml":
		return "drone"
	case name == ".travis.yml":
		return "travis"
	case name == "azure-pipelines.yml":
		return "azure"
	case name == "cloudbuild.yaml":
		return "cloudbuild"
	case name == "Jenkinsfile":
		return "jenkins"
	}
	return ""
}

func (w *Workflow) document(doc *yaml.Node) {
	if name := yamlnode.String(doc, "name"); name != "" {
		w.Name = scanners.Redact(name)
	}
	on := yamlnode.Get(doc, "on")
	switch on.Kind {
	case yaml.ScalarNode:
		w.Triggers = append(w.Triggers, on.Value)
	case yaml.SequenceNode:
		for n := range yamlnode.Items(on) {
			w.Triggers = append(w.Triggers, n.Value)
		}
	case yaml.MappingNode:
		for k := range yamlnode.Fields(on) {
			w.Triggers = append(w.Triggers, k.Value)
		}
	}
	for k := range yamlnode.Fields(yamlnode.Get(doc, "jobs")) {
		w.Jobs = append(w.Jobs, scanners.Redact(k.Value))
	}
	if w.System == "gitlab" {
		for k, v := range yamlnode.Fields(doc) {
			if yamlnode.Get(v, "script").Kind != 0 {
				w.Jobs = append(w.Jobs, scanners.Redact(k.Value))
			}
		}
	}
	slices.Sort(w.Triggers)
	slices.Sort(w.Jobs)
}

// tools are the commands and actions that a line may call.
var tools = []struct {
	does, tool string
	call       *regexp.Regexp
}{
	{"deploy", "kubectl", regexp.MustCompile(`\bkubectl\b.*\b(apply|rollout|set image|replace)\b`)},
	{"deploy", "helm", regexp.MustCompile(`\bhelm\s+(upgrade|install)\b`)},
	{"deploy", "helmfile", regexp.MustCompile(`\bhelmfile\s+(apply|sync)\b`)},
	{"deploy", "kustomize", regexp.MustCompile(`\bkustomize\s+build\b`)},
	{"deploy", "skaffold", regexp.MustCompile(`\bskaffold\s+(run|deploy)\b`)},
	{"deploy", "terraform", regexp.MustCompile(`\b(terraform|tofu)\b.*\bapply\b`)},
	{"deploy", "pulumi", regexp.MustCompile(`\bpulumi\s+up\b`)},
	{"deploy", "fly", regexp.MustCompile(`\b(fly|flyctl)\s+deploy\b`)},
	{"deploy", "gcloud", regexp.MustCompile(`\bgcloud\s+(run|app|functions)\b.*\bdeploy\b`)},
	{"deploy", "cloud run", regexp.MustCompile(`google-github-actions/deploy-`)},
	{"deploy", "ecs", regexp.MustCompile(`amazon-ecs-deploy|\baws\s+ecs\s+update-service\b`)},
	{"deploy", "lambda", regexp.MustCompile(`\baws\s+lambda\s+update-function-code\b|\b(sls|serverless|sam)\s+deploy\b`)},
	{"deploy", "azure", regexp.MustCompile(`[aA]zure/(webapps-deploy|k8s-deploy|functions-action|container-apps)|\baz\s+webapp\s+deploy`)},
	{"deploy", "argocd", regexp.MustCompile(`\bargocd\s+app\s+sync\b`)},
	{"deploy", "nomad", regexp.MustCompile(`\bnomad\s+job\s+run\b`)},
	{"publish", "docker", regexp.MustCompile(`\bdocker\s+(image\s+)?push\b|docker/build-push-action|docker/bake-action|\bdocker\s+buildx\b.*--push|plugin-docker-buildx`)},
	{"publish", "ko", regexp.MustCompile(`\bko\s+(build|publish|apply)\b`)},
	{"publish", "goreleaser", regexp.MustCompile(`goreleaser/goreleaser-action|\bgoreleaser\s+release\b`)},
	{"publish", "helm chart", regexp.MustCompile(`helm/chart-releaser-action|\bhelm\s+push\b`)},
	{"contract_test", "schemathesis", regexp.MustCompile(`\bschemathesis\b|\bst\s+run\b`)},
	{"contract_test", "dredd", regexp.MustCompile(`\bdredd\b`)},
	{"contract_test", "pact", regexp.MustCompile(`\bpact-broker\b|pact_broker`)},
	{"contract_test", "buf breaking", regexp.MustCompile(`\bbuf\s+breaking\b|bufbuild/buf-breaking-action`)},
	{"contract_test", "oasdiff", regexp.MustCompile(`\boasdiff\b`)},
	{"load_test", "k6", regexp.MustCompile(`\bk6\s+run\b|grafana/(run-)?k6-action`)},
	{"load_test", "vegeta", regexp.MustCompile(`\bvegeta\s+attack\b`)},
	{"load_test", "locust", regexp.MustCompile(`\blocust\b`)},
	{"migrate", "goose", regexp.MustCompile(`\bgoose\b.*\b(up|status)\b`)},
	{"migrate", "migrate", regexp.MustCompile(`\bmigrate\s+-(path|source|database)\b`)},
	{"migrate", "atlas", regexp.MustCompile(`\batlas\s+migrate\b|ariga/atlas-action`)},
}

// steps looks for the tools line by line, comments left out.
func steps(name string, b []byte) []Step {
	out := []Step{}
	line := 0
	for text := range bytes.Lines(b) {
		line++
		text = bytes.TrimSpace(text)
		if len(text) < 5 || text[0] == '#' || bytes.HasPrefix(text, []byte("- name:")) || bytes.HasPrefix(text, []byte("name:")) {
			continue
		}
		for _, t := range tools {
			if t.call.Match(text) {
				out = append(out, Step{Position: scanners.Position{File: name, Line: line}, Does: t.does, Tool: t.tool})
			}
		}
		if bytes.HasPrefix(text, []byte("environment:")) && strings.HasPrefix(name, ".github/") {
			out = append(out, Step{Position: scanners.Position{File: name, Line: line}, Does: "deploy", Tool: "environment"})
		}
	}
	return out
}
