package compose_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/compose"
)

const shop = `name: shop
x-common: &common
  restart: unless-stopped
  environment: &env
    LOG_LEVEL: info
services:
  api:
    <<: *common
    build:
      context: ./services/api
      target: release
    ports: ["127.0.0.1:8080:80", "9000-9010:9000-9010/udp"]
    expose: [7000]
    environment:
      <<: *env
      DATABASE_URL: postgres://shop:${DB_PASSWORD:-hunter22}@db:5432/shop
      CACHE_HOST: cache
      MAIL_SERVER: smtp.example.com:587
      API_TOKEN: s3cr3t-value-that-nobody-may-see
      PASSED_ON:
    env_file: [./api.env]
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started, required: false}
    command: ["./api", "serve", "--token=abcdef", "--verbose", "positional"]
  db:
    image: postgres:${PG_VERSION:-16}
    hostname: database
    healthcheck:
      test: pg_isready
    volumes: ["data:/var/lib/postgresql/data", "./init:/docker-entrypoint-initdb.d:ro"]
    deploy: {resources: {limits: {memory: 1g}}}
    networks: {default: {aliases: [pg]}}
  cache:
    image: redis:7
    profiles: [dev]
    container_name: shop-cache
    healthcheck: {disable: true}
volumes: {data: }
`

func TestFacts(t *testing.T) {
	p := files{"compose.yaml": shop, ".env": "PG_VERSION=17.2 # newest\nPASSED_ON=nats://nats.internal:4222\n"}.one(t)
	at := func(line, column int) scanners.Position {
		return scanners.Position{File: "compose.yaml", Line: line, Column: column}
	}
	want := compose.Project{
		Files: []string{"compose.yaml"}, Name: "shop",
		Services: []compose.Service{{
			Position: at(7, 3), Name: "api",
			Build: &compose.Build{Position: at(9, 5), Context: "services/api", Dockerfile: "services/api/Dockerfile", Target: "release"},
			Ports: []compose.Port{
				{Position: at(12, 13), HostIP: "127.0.0.1", Published: "8080", Target: "80"},
				{Position: at(12, 34), Published: "9000-9010", Target: "9000-9010", Protocol: "udp"},
				{Position: at(13, 14), Target: "7000", Internal: true},
			},
			Healthcheck: compose.Healthcheck{Position: at(7, 3), State: compose.HealthcheckAbsent},
			Restart:     "unless-stopped",
			DependsOn: []compose.Dependency{
				{Position: at(24, 7), Service: "cache", Condition: "service_started", Optional: true},
				{Position: at(23, 7), Service: "db", Condition: "service_healthy"},
			},
			Environment: []compose.Variable{
				{Position: at(5, 5), Name: "LOG_LEVEL"},
				{
					Position: at(16, 7), Name: "DATABASE_URL", Secret: true, References: []string{"DB_PASSWORD"},
					Endpoint: &scanners.Endpoint{Scheme: "postgres", Host: "db", Port: 5432},
				},
				{Position: at(17, 7), Name: "CACHE_HOST", Endpoint: &scanners.Endpoint{Host: "cache"}},
				{Position: at(18, 7), Name: "MAIL_SERVER", Endpoint: &scanners.Endpoint{Host: "smtp.example.com", Port: 587}},
				{Position: at(19, 7), Name: "API_TOKEN", Secret: true},
				{
					Position: at(20, 7), Name: "PASSED_ON", References: []string{"PASSED_ON"},
					Endpoint: &scanners.Endpoint{Scheme: "nats", Host: "nats.internal", Port: 4222},
				},
			},
			EnvFiles: []string{"api.env"},
			Command:  []string{"./api", "serve", "--token", "--verbose"},
		}, {
			Position: at(26, 3), Name: "db", Image: "postgres:${PG_VERSION:-16}", ResolvedImage: "postgres:17.2", Hostname: "database",
			Healthcheck:    compose.Healthcheck{Position: at(29, 5), State: compose.HealthcheckPresent},
			NetworkAliases: []string{"pg"},
			Volumes: []compose.Volume{
				{Position: at(31, 15), Name: "data", Target: "/var/lib/postgresql/data"},
				{Position: at(31, 48), Source: "init", Target: "/docker-entrypoint-initdb.d"},
			},
			ResourceLimits: true, Limits: compose.Limits{Memory: 1 << 30},
		}, {
			Position: at(34, 3), Name: "cache", Image: "redis:7", ResolvedImage: "redis:7", ContainerName: "shop-cache",
			Healthcheck: compose.Healthcheck{Position: at(38, 5), State: compose.HealthcheckDisabled},
			Profiles:    []string{"dev"},
		}},
		References: []compose.Reference{
			{Position: at(16, 21), Name: "DB_PASSWORD", Default: true},
			{Position: at(27, 12), Name: "PG_VERSION", Default: true},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("project (-want +got):\n%s", diff)
	}
}

func TestProjects(t *testing.T) {
	for name, tt := range map[string]struct {
		files  files
		want   []string // services
		merged []string // files of each project
		diags  []string
	}{
		"override": {
			files: files{
				"docker-compose.yml":          "services:\n  web:\n    image: nginx:1\n  db:\n    image: mysql:8\n",
				"docker-compose.override.yml": "services:\n  web:\n    ports: ['80:80']\n  db:\n    image: mysql:9\n",
			},
			want: []string{
				"docker-compose.override.yml:2:3 web  -> nginx:1 (overlay)", "docker-compose.override.yml:4:3 db mysql:9",
				"docker-compose.yml:2:3 web nginx:1", "docker-compose.yml:4:3 db mysql:8 -> mysql:9",
			},
			merged: []string{"docker-compose.yml docker-compose.override.yml"},
		},
		"variants, one over the base and one alone": {
			files: files{
				"compose.yaml":      "services:\n  web:\n    image: nginx:1\n    restart: always\n",
				"compose.prod.yaml": "services:\n  web:\n    restart: 'no'\n",
				"compose.ci.yaml":   "services:\n  tests:\n    image: golang:1\n",
			},
			want: []string{
				"compose.ci.yaml:2:3 tests golang:1", "compose.yaml:2:3 web nginx:1",
				"compose.prod.yaml:2:3 web  -> nginx:1 (overlay)",
			},
			merged: []string{"compose.ci.yaml", "compose.yaml", "compose.yaml compose.prod.yaml"},
		},
		"include with its own .env": {
			files: files{
				"compose.yaml":        "include:\n  - infra/compose.yaml\nservices:\n  web:\n    image: nginx:1\n    depends_on: [db]\n",
				"infra/compose.yaml":  "services:\n  db:\n    image: postgres:${PG}\n",
				"infra/.env":          "PG=15\n",
				"other/compose.yaml":  "include:\n  - path: [../infra/compose.yaml]\nservices:\n  job:\n    image: job:1\n",
				"circle/compose.yaml": "include: [b.yaml]\nservices:\n  a:\n    image: a:1\n",
				"circle/b.yaml":       "include: [compose.yaml]\nservices:\n  b:\n    image: b:1\n",
			},
			want: []string{
				"circle/b.yaml:3:3 b b:1", "circle/compose.yaml:3:3 a a:1", "compose.yaml:4:3 web nginx:1",
				"infra/compose.yaml:2:3 db postgres:${PG} -> postgres:15", "other/compose.yaml:4:3 job job:1",
			},
			merged: []string{"circle/compose.yaml circle/b.yaml", "infra/compose.yaml compose.yaml", "infra/compose.yaml other/compose.yaml"},
			diags:  []string{"warning circle/compose.yaml:1:11 includes itself by way of circle/b.yaml; left out"},
		},
		"extends in the file, over files and in a circle": {
			files: files{
				"compose.yaml": "services:\n  a:\n    extends: {file: common/base.yml, service: app}\n  b:\n    extends: a\n" +
					"  c:\n    extends: d\n  d:\n    extends: c\n    image: d:1\n  e:\n    image: e:1\n    extends: {service: nobody}\n",
				"common/base.yml": "services:\n  app:\n    extends: root\n    restart: always\n  root:\n    image: app:1\n    build: ./src\n",
			},
			want: []string{
				"compose.yaml:2:3 a  -> app:1", "compose.yaml:4:3 b  -> app:1", "compose.yaml:6:3 c  -> d:1",
				"compose.yaml:8:3 d d:1", "compose.yaml:11:3 e e:1",
			},
			merged: []string{"compose.yaml"},
			diags: []string{
				"warning compose.yaml:9:5 service d: extends itself, or over more than 16 others; not followed",
				`warning compose.yaml:13:5 service e: extends "nobody", which compose.yaml does not define; not followed`,
			},
		},
		"reset and override tags": {
			files: files{
				"compose.yaml":          "services:\n  web:\n    image: nginx:1\n    ports: ['80:80']\n    healthcheck: {test: x}\n",
				"compose.override.yaml": "services:\n  web:\n    ports: !override ['81:81']\n    healthcheck: !reset null\n",
			},
			want:   []string{"compose.override.yaml:2:3 web  -> nginx:1 (overlay)", "compose.yaml:2:3 web nginx:1"},
			merged: []string{"compose.yaml compose.override.yaml"},
		},
		"found by content, and what is none": {
			files: files{
				"deploy/stack.yaml":        "version: '3'\nservices:\n  q:\n    image: rabbitmq:3\n",
				"k8s/service.yaml":         "apiVersion: v1\nkind: Service\nservices:\n  x:\n    image: y\n",
				".github/workflows/ci.yml": "jobs:\n  test:\n    services:\n      db:\n        image: postgres\n",
				"symfony/services.yaml":    "services:\n  App\\Mailer:\n    class: App\\Mailer\n",
				"chart/values.yaml":        "services:\n  web:\n    image: {repository: x}\n",
				"azure.yaml":               "name: x\nservices:\n  api:\n    project: src\n    image: x\ninfra: {}\n",
			},
			want:   []string{"deploy/stack.yaml:3:3 q rabbitmq:3"},
			merged: []string{"deploy/stack.yaml"},
		},
		"the format before version 2": {
			files:  files{"docker-compose.yml": "web:\n  build: .\n  links: [db]\ndb:\n  image: mysql:5\n"},
			want:   []string{"docker-compose.yml:1:1 web ", "docker-compose.yml:4:1 db mysql:5"},
			merged: []string{"docker-compose.yml"},
			diags: []string{"info docker-compose.yml:1:1 services stand at the top level, the format before version 2; " +
				"docker compose rejects it today"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			projects, diags := tt.files.scan(t)
			if diff := cmp.Diff(tt.want, brief(projects)); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			var merged []string
			for _, p := range projects {
				merged = append(merged, strings.Join(p.Files, " "))
			}
			if diff := cmp.Diff(tt.merged, merged); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.diags, lines(diags)); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTagsAreApplied(t *testing.T) {
	p := files{
		"compose.yaml":          "services:\n  web:\n    image: nginx:1\n    ports: ['80:80']\n    healthcheck: {test: x}\n",
		"compose.override.yaml": "services:\n  web:\n    ports: !override ['81:81']\n    healthcheck: !reset null\n",
	}.one(t)
	for _, s := range p.Services {
		if s.Healthcheck.State != compose.HealthcheckAbsent {
			t.Errorf("%s: healthcheck %s after !reset", s.Position, s.Healthcheck.State)
		}
		if len(s.Ports) != 1 || s.Ports[0].Published != "81" {
			t.Errorf("%s: ports %v after !override, want 81 alone", s.Position, s.Ports)
		}
	}
}

func TestPathsAreRelativeToTheRoot(t *testing.T) {
	projects, _ := files{
		"deploy/compose.yaml": "services:\n  a:\n    build: ../app\n    env_file: a.env\n    volumes: ['./conf:/conf', '../..:/out']\n" +
			"  b:\n    extends: {file: ../lib/base.yaml, service: b}\n  c:\n    build: https://user:pw@git.example.com/c.git#main\n",
		"lib/base.yaml": "services:\n  b:\n    build: {dockerfile: Dockerfile.b}\n    env_file: [{path: b.env, required: false}]\n",
	}.scan(t)
	got := map[string][]string{}
	for _, s := range projects[0].Services {
		if s.Build != nil {
			got[s.Name] = append(got[s.Name], s.Build.Context, s.Build.Dockerfile)
		}
		got[s.Name] = append(got[s.Name], s.EnvFiles...)
		for _, v := range s.Volumes {
			got[s.Name] = append(got[s.Name], v.Source)
		}
	}
	want := map[string][]string{
		"a": {"app", "app/Dockerfile", "deploy/a.env", "deploy/conf", ".."},
		"b": {"lib", "lib/Dockerfile.b", "lib/b.env"},
		"c": {"git.example.com", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

// Nothing of the person who scans may reach a report.
func TestEnvironmentOfTheProcessIsNotRead(t *testing.T) {
	t.Setenv("SCANNER_TAG", "leaked")
	t.Setenv("HOME", "/leaked")
	projects, diags := files{"compose.yaml": "services:\n  a:\n    image: a:${SCANNER_TAG}\n    volumes: ['~/x:/x']\n    environment: [SCANNER_TAG]\n"}.scan(t)
	b, err := json.Marshal([]any{projects, diags})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "leaked") {
		t.Errorf("the environment was read: %s", b)
	}
	if diff := cmp.Diff([]string{"compose.yaml:2:3 a a:${SCANNER_TAG} -> a:"}, brief(projects)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}
