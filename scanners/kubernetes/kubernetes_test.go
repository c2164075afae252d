package kubernetes

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

const file = "deploy/orders.yaml"

func at(line, column int) scanners.Position {
	return scanners.Position{File: file, Line: line, Column: column}
}

const sample = `apiVersion: apps/v1
kind: Deployment
metadata: {name: orders, namespace: shop}
spec:
  template:
    spec:
      initContainers:
        - name: migrate
          image: registry.example/orders:1.4
        - name: proxy
          image: envoyproxy/envoy:v1.31
          restartPolicy: Always
      containers:
        - name: orders
          image: registry.example/orders:1.4
          env:
            - name: LEDGER_ADDR
              value: ledger:50051
            - {name: DATABASE_URL, value: "postgres://shop:hunter2@db:5432/shop"}
            - name: API_TOKEN
              valueFrom: {secretKeyRef: {name: orders, key: token}}
            - name: REGION
              valueFrom: {configMapKeyRef: {name: common, key: region}}
          envFrom:
            - configMapRef: {name: common}
            - secretRef: {name: orders}
          livenessProbe: {httpGet: {path: /live, port: 8080}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
---
apiVersion: v1
kind: Service
metadata: {name: orders}
spec:
  ports: [{port: 80, targetPort: 8080}, {port: 9090}]
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: common}
    data:
      region: eu-west-1
      cache: redis://cache:6379
      config.yaml: |
        password: hunter2
  - apiVersion: v1
    kind: Secret
    metadata: {name: orders}
    stringData: {token: hunter2}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: billing}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: billing, image: "registry.example/billing"}]}}}}}
---
apiVersion: v1
kind: Service
metadata: {name: mail}
spec: {type: ExternalName, externalName: smtp.mail.example}
---
apiVersion: example.com/v1
kind: Service
metadata: {name: other}
`

func TestParse(t *testing.T) {
	got, diags := Parse(file, []byte(sample))
	want := Result{
		Workloads: []Workload{
			{Kind: "Deployment", Name: "orders", Namespace: "shop", Position: at(1, 1), Containers: []Container{
				{Name: "migrate", Image: "registry.example/orders:1.4", Init: true, Position: at(8, 11)},
				{Name: "proxy", Image: "envoyproxy/envoy:v1.31", Position: at(10, 11)},
				{
					Name: "orders", Image: "registry.example/orders:1.4", Position: at(14, 11),
					Env: []Variable{
						{Name: "LEDGER_ADDR", Position: at(17, 15), Endpoint: &scanners.Endpoint{Host: "ledger", Port: 50051}},
						{Name: "DATABASE_URL", Position: at(19, 15), Secret: true, Endpoint: &scanners.Endpoint{Scheme: "postgres", Host: "db", Port: 5432}},
						{Name: "API_TOKEN", Position: at(20, 15), Secret: true, From: &Reference{Kind: "Secret", Name: "orders", Key: "token"}},
						{Name: "REGION", Position: at(22, 15), From: &Reference{Kind: "ConfigMap", Name: "common", Key: "region"}},
					},
					EnvFrom:  []Reference{{Kind: "ConfigMap", Name: "common"}, {Kind: "Secret", Name: "orders"}},
					Liveness: true, Readiness: true,
				},
			}},
			{Kind: "CronJob", Name: "billing", Position: at(52, 1), Containers: []Container{
				{Name: "billing", Image: "registry.example/billing", Position: at(55, 60)},
			}},
		},
		Services: []Service{
			{Name: "orders", Position: at(30, 1), Ports: []int{80, 9090}},
			{Name: "mail", Position: at(57, 1), ExternalName: "smtp.mail.example"},
		},
		ConfigMaps: []ConfigMap{{Name: "common", Position: at(39, 5), Data: []Variable{
			{Name: "region", Position: at(43, 7)},
			{Name: "cache", Position: at(44, 7), Endpoint: &scanners.Endpoint{Scheme: "redis", Host: "cache", Port: 6379}},
			{Name: "config.yaml", Position: at(45, 7)},
		}}},
		Secrets: []Secret{{Name: "orders", Position: at(47, 5)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if len(diags) != 0 {
		t.Errorf("diagnostics %v, want none", diags)
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "hunter2") {
		t.Errorf("result holds a secret: %s", b)
	}
}

const template = `{{/* The orders
service */}}
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . }}-orders
  labels:
    {{- include "shop.labels" . | nindent 4 }}
spec:
  template:
    spec:
      containers:
        - name: orders
          image: "{{ .Values.image }}:{{ .Values.tag }}"
          env:
            - name: REDIS_URL
              value: redis://{{ .Release.Name }}-redis:6379
            - name: LEDGER_URL
              value: https://{{ .Values.host }}/v1
        - name: sidecar
          image: {{ .Values.registry }}/envoyproxy/envoy:{{ .Values.envoy }}
{{- end }}
`

func TestParseTemplate(t *testing.T) {
	got, diags := Parse(file, []byte(template))
	want := Result{Workloads: []Workload{{Kind: "Deployment", Name: "*-orders", Position: at(4, 1), Containers: []Container{
		{Name: "orders", Position: at(14, 11), Env: []Variable{
			{Name: "REDIS_URL", Position: at(17, 15), Secret: true, Endpoint: &scanners.Endpoint{Scheme: "redis", Port: 6379}},
			{Name: "LEDGER_URL", Position: at(19, 15), Endpoint: &scanners.Endpoint{Scheme: "https"}},
		}},
		{Name: "sidecar", Image: "*/envoyproxy/envoy:*", Position: at(21, 11)},
	}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if len(diags) != 0 {
		t.Errorf("diagnostics %v, want none", diags)
	}
}

func TestParseFaults(t *testing.T) {
	good := "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\n"
	got, diags := Parse(file, []byte(good+"apiVersion: v1\nkind: [\n"))
	if len(got.Secrets) != 1 || len(diags) != 1 || diags[0].Line < 6 {
		t.Errorf("Parse = %v, %v; want the first object, and a diagnostic for the second", got, diags)
	}
	got, diags = Parse(file, []byte("apiVersion: v1\nkind: {{ if }\n x: [\n"))
	if len(got.Secrets) != 0 || len(diags) != 0 {
		t.Errorf("Parse of a template = %v, %v; want nothing", got, diags)
	}
	for _, in := range []string{
		"apiVersion: v1\nkind: Pod\n", "apiVersion: v1\nkind: Pod\nspec: [1, {a: b}]\n", "apiVersion: v1\nkind: Pod\nspec: {containers: {a: b}}\n",
		"apiVersion: v1\nkind: Service\nspec: {ports: [a, {port: x}, {port: 99999}]}\n",
	} {
		if _, diags := Parse(file, []byte(in)); len(diags) != 0 {
			t.Errorf("Parse(%q): diagnostics %v, want none", in, diags)
		}
	}
}

func TestScan(t *testing.T) {
	tree := fixtures.Tree(t, map[string]string{
		"a.yaml": sample, "b.yml": "kind: Pod\nname: apiVersion\n", "c.json": `{"apiVersion": "v1", "kind": "Pod"}`,
		"d.yaml": "x:\n  apiVersion: v1\n  kind: Pod\n", "e.yaml": "apiVersion: v1\nkind: \"\n",
	})
	r, diags := Scan(context.Background(), tree)
	if len(r.Workloads) != 2 || len(r.Services) != 2 || len(r.ConfigMaps) != 1 || len(r.Secrets) != 1 {
		t.Errorf("Scan = %+v; want what a.yaml has", r)
	}
	if len(diags) != 1 || diags[0].File != "e.yaml" || diags[0].Line != 2 {
		t.Errorf("diagnostics %v, want one for e.yaml at line 2", diags)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(template))
	f.Add([]byte("apiVersion: v1\nkind: List\nitems: [&a {kind: Pod, apiVersion: v1, spec: {containers: [{env: [{name: A, value: 'b:80'}]}]}}, *a]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, diags := Parse(file, b)
		for _, w := range r.Workloads {
			if w.Position.Line < 1 || w.Kind == "" {
				t.Errorf("%+v", w)
			}
			for _, c := range w.Containers {
				for _, v := range c.Env {
					if v.Name == "" || v.Position.Line < 1 {
						t.Errorf("%+v", v)
					}
				}
			}
		}
		if len(diags) > 1 {
			t.Errorf("diagnostics %v", diags)
		}
		withoutActions(b)
	})
}
