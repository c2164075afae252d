package compose_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each fault is named at its line, and the services beside it are still reported.
func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		files files
		want  []string
		diags []string
	}{
		"not YAML": {
			files: files{"compose.yaml": "services:\n  a:\n    image: [x\n"},
			diags: []string{"error compose.yaml:4:1 not valid YAML: did not find expected ',' or ']'"},
		},
		"binary": {
			files: files{"compose.yaml": "\x00\x01\x02services:\n"},
			diags: []string{"error compose.yaml not valid YAML: control characters are not allowed"},
		},
		"a list": {
			files: files{"compose.yaml": "- services\n"},
			diags: []string{"error compose.yaml:1:1 the top level is not a mapping; not a compose file"},
		},
		"wrong types": {
			files: files{"compose.yaml": "services:\n  a:\n    image: a:1\n    restart: [always]\n    cpus: many\n  b: text\n  c:\n    image: c:1\n" +
				"networks: 3\n"},
			want: []string{"compose.yaml:2:3 a a:1", "compose.yaml:6:3 b ", "compose.yaml:7:3 c c:1"},
			diags: []string{
				`warning compose.yaml:4:5 compose rejects "restart" of service a`,
				`warning compose.yaml:5:5 compose rejects "cpus" of service a`,
				`warning compose.yaml:6:3 compose rejects service b`,
				`warning compose.yaml:9:1 compose rejects top-level "networks"`,
			},
		},
		"a key twice": {
			files: files{"compose.yaml": "services:\n  a:\n    image: a:1\n    image: a:2\n"},
			want:  []string{"compose.yaml:2:3 a a:2"},
			diags: []string{`warning compose.yaml:4:5 key "image" stands twice here, first in line 3`},
		},
		"a required variable that nobody sets": {
			files: files{"compose.yaml": "services:\n  a:\n    image: a:${TAG:?set it}\n    ports: ['${PORT:?}:80', '${P}:${P}']\n"},
			want:  []string{"compose.yaml:2:3 a a:${TAG:?set it} -> a:"},
		},
		"includes and extends that lead out": {
			files: files{"compose.yaml": "include:\n  - https://example.com/compose.yaml\n  - path: git@example.com:x/y.git\n  - ../up.yaml\n" +
				"  - /etc/compose.yaml\n  - oci://example.com/x\n  - none.yaml\n  - ${UNSET}\nservices:\n  a:\n    image: a:1\n" +
				"    extends: {file: ../../x.yaml, service: y}\n"},
			want: []string{"compose.yaml:10:3 a a:1"},
			diags: []string{
				"warning compose.yaml:2:5 include of a remote resource; nothing is fetched, so what it defines is missing here",
				"warning compose.yaml:3:11 include of a remote resource; nothing is fetched, so what it defines is missing here",
				"warning compose.yaml:4:5 include of a file outside the repository; not read",
				"warning compose.yaml:5:5 include of a file outside the repository; not read",
				"warning compose.yaml:6:5 include of a remote resource; nothing is fetched, so what it defines is missing here",
				"warning compose.yaml:7:5 included file none.yaml cannot be read: no such file in the repository",
				"warning compose.yaml:8:5 include names no file, or a variable that no .env file defines; left out",
				"warning compose.yaml:12:21 extends of a file outside the repository; not read",
			},
		},
		"faults without end": {
			files: files{"compose.yaml": "services:\n  a:\n    image: a:1\n    ports:\n" + strings.Repeat("      - x\n", 9_000)},
			want:  []string{"compose.yaml:2:3 a a:1"},
			diags: slips(),
		},
		"slips in lists": {
			files: files{"compose.yaml": "services:\n  a:\n    image: a:1\n    environment:\n      - REDIS_URL: redis://cache:6379\n    ports: [http]\n"},
			want:  []string{"compose.yaml:2:3 a a:1"},
			diags: []string{
				"warning compose.yaml:5:9 service a: an entry of environment is no text; compose rejects it",
				"warning compose.yaml:6:13 service a: not a port; left out",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			projects, diags := tt.files.scan(t)
			if diff := cmp.Diff(tt.want, brief(projects)); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			// The reason is compose-go's to word.
			begins := cmp.Comparer(func(x, y string) bool { return strings.HasPrefix(x, y) || strings.HasPrefix(y, x) })
			if diff := cmp.Diff(tt.diags, lines(diags), begins); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func slips() []string {
	var out []string
	for i := range 50 {
		out = append(out, fmt.Sprintf("warning compose.yaml:%d:9 service a: not a port; left out", 5+i))
	}
	return append(out, "warning compose.yaml:55:9 more faults from here on are not listed")
}

// bombs are files made to exhaust a parser.
func bombs() map[string]files {
	var aliases, chain, doubling, ports, extends, services, depends strings.Builder
	aliases.WriteString("x-0: &a0 {k: v, l: w}\n")
	chain.WriteString("x-0: &m0 {k0: v}\n")
	doubling.WriteString("V0=xxxxxxxxxxxxxxxx\n")
	extends.WriteString("services:\n  base:\n    image: base:1\n    labels: {")
	for i := 1; i <= 40; i++ {
		fmt.Fprintf(&aliases, "x-%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9))
		fmt.Fprintf(&chain, "x-%d: &m%d {<<: [%s], k%d: v}\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d,", i-1), 9), ","), i)
		fmt.Fprintf(&doubling, "V%d=${V%d}${V%d}\n", i, i-1, i-1)
	}
	for i := range 3000 {
		fmt.Fprintf(&ports, "      - '1-65535:1-65535'\n")
		fmt.Fprintf(&extends, "l%d: x, ", i)
	}
	extends.WriteString("}\n")
	for i := range 3000 {
		fmt.Fprintf(&extends, "  s%d: {extends: base}\n", i)
	}
	services.WriteString("services:\n")
	depends.WriteString("services:\n  a:\n    image: a:1\n    cpus: x\n    depends_on:\n")
	for i := range 6_000 {
		fmt.Fprintf(&services, "  s%d: {image: x, cpus: y}\n", i)
		fmt.Fprintf(&depends, "      - s%d\n", i)
	}
	service := "services:\n  web:\n    image: nginx:1\n"
	return map[string]files{
		"aliases":         {"compose.yaml": aliases.String() + service},
		"merge keys":      {"compose.yaml": chain.String() + service},
		"merge circle":    {"compose.yaml": "x-a: &a\n  <<: *a\n" + service},
		"alias circle":    {"compose.yaml": "x-a: &a\n  b: *a\n" + service},
		"deep flow":       {"compose.yaml": "x-a: " + strings.Repeat("[", 100_000) + "\n" + service},
		"deep block":      {"compose.yaml": service + "    labels:\n" + deep(500)},
		"many keys":       {"compose.yaml": service + "    labels:\n" + strings.Repeat("      a: b\n", 60_000)},
		"huge":            {"compose.yaml": service + strings.Repeat("# nothing\n", 200_000)},
		"port ranges":     {"compose.yaml": service + "    ports:\n" + ports.String()},
		"doubling values": {"compose.yaml": strings.Replace(service, "nginx:1", "${V40}${V40}", 1), ".env": doubling.String()},
		"open braces":     {"compose.yaml": service + "    hostname: '" + strings.Repeat("${", 200_000) + "'\n"},
		"nested defaults": {"compose.yaml": service + "    hostname: '" + strings.Repeat("${A:-", 50_000) + strings.Repeat("}", 50_000) + "'\n"},
		"extends of much": {"compose.yaml": extends.String()},
		"many services":   {"compose.yaml": services.String()},
		"many depended":   {"compose.yaml": depends.String()},
	}
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sk:\n", strings.Repeat(" ", 6+i))
	}
	return b.String()
}

func TestBombs(t *testing.T) {
	for name, fs := range bombs() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			projects, diags := fs.scan(t)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %s", took)
			} else {
				t.Logf("%s, %d projects, %v", took, len(projects), lines(diags))
			}
			if len(projects) == 0 && len(diags) == 0 {
				t.Error("nothing is reported, and no reason")
			}
			for _, d := range diags {
				if d.File == "" || d.Message == "" {
					t.Errorf("diagnostic without file or message: %+v", d)
				}
			}
		})
	}
}

// Wherever a secret may stand in a compose project, no byte of it may come out.
func TestNoSecretComesOut(t *testing.T) {
	const secret = "hunter2-planted"
	fs := files{
		".env": "DB_PASSWORD=" + secret + "\nDATABASE_URL=postgres://u:" + secret + "@db:5432/x\n",
		"compose.yaml": `services:
  api:
    image: api:${DB_PASSWORD}
    build:
      context: https://u:hunter2-planted@git.example.com/x.git
      args: {TOKEN: hunter2-planted}
    hostname: ${DB_PASSWORD:-hunter2-planted}
    container_name: ${API_TOKEN:-hunter2-planted}
    command: redis-server --requirepass hunter2-planted --masterauth=hunter2-planted -phunter2-planted
    entrypoint: [sh, -c, "PGPASSWORD=hunter2-planted psql"]
    labels: {token: hunter2-planted}
    environment:
      DB_PASSWORD: hunter2-planted
      DATABASE_URL:
      REDIS_URL: redis://:hunter2-planted@cache:6379/0?password=hunter2-planted
      PLAIN: ${DB_PASSWORD}
    healthcheck: {test: "curl -H 'Authorization: hunter2-planted' localhost"}
    cpus: hunter2-planted
    labels2: hunter2-planted
    ports: ["hunter2-planted:80", {target: hunter2-planted}]
secrets: {x: {environment: DB_PASSWORD}}
`,
	}
	projects, diags := fs.scan(t)
	if len(projects) != 1 {
		t.Fatalf("%d projects, want 1", len(projects))
	}
	b, err := json.MarshalIndent([]any{projects, diags}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "hunter2") || strings.Contains(line, "planted") {
			t.Errorf("secret in: %s", line)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("services:\n  a:\n    image: a:${TAG:-1}\n    extends: {file: b.yaml, service: b}\n", "TAG=2\nX=\"a\n")
	f.Add("include: [b.yaml]\nservices:\n  a:\n    <<: &x {ports: ['1-2:3-4/udp', {target: 1}]}\n    environment: [A, B=$C]\n", "")
	f.Add("web:\n  build: .\n  links: [db:x]\n", "A=${B:?}")
	f.Add(shop, "PG_VERSION=$PG_VERSION")
	f.Add("services: {a: {image: !reset null, depends_on: !override [a], volumes: ['.:', {type: bind}]}}", "")
	f.Fuzz(func(t *testing.T, content, env string) {
		start := time.Now()
		projects, _ := files{"compose.yaml": content, ".env": env, "b.yaml": "services:\n  b:\n    image: b:1\n"}.scan(t)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("took %s", took)
		}
		for _, p := range projects {
			for _, s := range p.Services {
				if s.Line < 1 || s.File == "" {
					t.Errorf("service %q has no position: %v", s.Name, s.Position)
				}
			}
		}
	})
}
