package workflows

import (
	"context"
	"strings"
	"testing"

	"github.com/intscan/intscan/fixtures"
)

// FuzzScan: a pipeline is read or told of, and its steps stand on lines that it has.
func FuzzScan(f *testing.F) {
	for i, text := range []string{
		"name: Ship\non: [push]\njobs:\n  build:\n    environment: production\n    steps:\n      - uses: docker/build-push-action@v6\n      - run: |\n          helm upgrade shop\n",
		"deploy:\n  script:\n    - terraform apply -auto-approve\n  environment: {name: live}\n",
		"pipeline {\n  stages { stage('x') { steps { sh 'kubectl apply -f k8s' } } }\n}\n",
		"jobs: [1, {steps: 3}]", "on: {push: [", "? [a]\n: b\n",
	} {
		f.Add(uint8(i), text)
	}
	names := []string{".github/workflows/ship.yml", ".gitlab-ci.yml", "Jenkinsfile", ".circleci/config.yml", "azure-pipelines.yml"}
	f.Fuzz(func(t *testing.T, name uint8, text string) {
		file := names[int(name)%len(names)]
		tree := fixtures.Tree(t, map[string]string{file: text})
		got, diags := Scan(context.Background(), tree)
		if len(got) > 1 || len(got)+len(diags) == 0 && systemOf(file) != "" {
			t.Errorf("one file gives %d workflows and %d diagnostics", len(got), len(diags))
		}
		lines := strings.Count(text, "\n") + 1
		for _, w := range got {
			for _, s := range w.Steps {
				if s.Line < 1 || s.Line > lines {
					t.Errorf("step %+v of a file with %d lines", s, lines)
				}
			}
		}
	})
}
