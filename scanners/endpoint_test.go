package scanners

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseEndpoint(t *testing.T) {
	tests := []struct {
		in   string
		want Endpoint
	}{
		{"postgres://shop:hunter2@db:5432/shop?sslmode=disable", Endpoint{"postgres", "db", 5432, true}},
		{"postgresql://shop@db/shop", Endpoint{"postgresql", "db", 0, false}},
		{"mongodb+srv://u:p@cluster0.abcde.mongodb.net/shop", Endpoint{"mongodb+srv", "cluster0.abcde.mongodb.net", 0, false}},
		{"mongodb://u:p@m1:27017,m2:27018/shop?replicaSet=rs0", Endpoint{"mongodb", "m1", 27017, false}},
		{"redis://cache", Endpoint{"redis", "cache", 0, false}},
		{"redis://:hunter2@cache:6379/0", Endpoint{"redis", "cache", 6379, false}},
		{"AMQP://guest:guest@Rabbit:5672/", Endpoint{"amqp", "rabbit", 5672, false}},
		{"amqp://u:p@r1:5672,amqp://u:p@r2:5672", Endpoint{"amqp", "r1", 5672, false}},
		{"nats://n1:4222, nats://n2:4222", Endpoint{"nats", "n1", 4222, false}},
		{"https://api.payments.example/v1", Endpoint{"https", "api.payments.example", 0, false}},
		{"https://api.payments.example.", Endpoint{"https", "api.payments.example", 0, false}},
		{"https://api.example/a?x=y z", Endpoint{"https", "api.example", 0, false}},
		{"http://[::1]:8080/x", Endpoint{"http", "::1", 8080, false}},
		{"https://h.example/@scope/pkg", Endpoint{"https", "h.example", 0, false}},
		{"sqlserver://sa:p@mssql:1433?database=shop", Endpoint{"sqlserver", "mssql", 1433, false}},
		{"jdbc:postgresql://db:5432/shop", Endpoint{"postgresql", "db", 5432, false}},
		{"jdbc:sqlserver://mssql:1433;user=sa;password=a@b", Endpoint{"sqlserver", "mssql", 1433, false}},
		{"jdbc:mysql:loadbalance://h1:3306,h2:3306/shop", Endpoint{"mysql", "h1", 3306, false}},
		{"jdbc:oracle:thin:scott/tiger@//ora:1521/XE", Endpoint{"oracle", "ora", 1521, false}},
		{"jdbc:oracle:thin:@ora:1521:XE", Endpoint{"oracle", "ora", 1521, false}},
		{"s3://invoices/2024", Endpoint{"s3", "invoices", 0, false}},
		{"dns:///ledger:50051", Endpoint{"dns", "ledger", 50051, false}},

		{"shop:hunter2@tcp(mysql:3306)/shop?parseTime=true", Endpoint{"mysql", "mysql", 3306, false}},
		{"shop:p@ss/w@tcp(mysql:3306)/shop", Endpoint{"mysql", "mysql", 3306, false}},
		{"tcp(mysql)/shop", Endpoint{"mysql", "mysql", 0, false}},
		{"shop:hunter2@unix(/run/mysqld.sock)/shop", Endpoint{"mysql", "", 0, false}},
		{"mysql://shop:hunter2@tcp(mysql:3306)/shop", Endpoint{"mysql", "mysql", 3306, false}},
		{"%s:%s@tcp(%s:%d)/%s", Endpoint{"mysql", "", 0, false}},
		{"root:root@/shop?charset=utf8", Endpoint{"mysql", "", 0, false}},

		{"host=db port=5432 user=shop password='a b' dbname=shop", Endpoint{"postgres", "db", 5432, false}},
		{"host=db,db2 port=5433,5434 user=shop TimeZone=Asia/Shanghai", Endpoint{"postgres", "db", 5433, false}},
		{"host=%s port=%d user=%s", Endpoint{"postgres", "", 0, false}},
		{"host=/var/run/postgresql dbname=shop", Endpoint{"postgres", "", 0, false}},
		{"Server=mssql,1433;Database=Shop;User Id=sa;Password=x", Endpoint{"sqlserver", "mssql", 1433, false}},
		{`Data Source=tcp:mssql.example,1433;Initial Catalog=Shop`, Endpoint{"sqlserver", "mssql.example", 1433, false}},
		{"Host=db;Port=5432;Username=shop;Password=x;Database=shop", Endpoint{"postgres", "db", 5432, false}},
		{"Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k", Endpoint{"sb", "shop.servicebus.windows.net", 0, false}},
		{"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=k;EndpointSuffix=core.windows.net", Endpoint{"https", "*.core.windows.net", 0, false}},

		{"redis:6379", Endpoint{"", "redis", 6379, false}},
		{"localhost:8080/api/v1", Endpoint{"", "localhost", 8080, false}},
		{"localhost:%d", Endpoint{"", "localhost", 0, false}},
		{"127.0.0.1:53", Endpoint{"", "127.0.0.1", 53, false}},
		{"[fe80::1]:9000", Endpoint{"", "fe80::1", 9000, false}},
		{"kafka1:9092,kafka2:9092", Endpoint{"", "kafka1", 9092, false}},
		{"cache:6379,password=x@y,ssl=True", Endpoint{"", "cache", 6379, false}},
		{"guest:guest@rabbit:5672/", Endpoint{"", "rabbit", 5672, false}},
		{"mailhog:25", Endpoint{"", "mailhog", 25, false}},

		{"file:shop.db?cache=shared", Endpoint{"file", "", 0, false}},
		{"file:///var/lib/shop.db", Endpoint{"file", "", 0, false}},
		{"sqlite://shop.db", Endpoint{"sqlite", "", 0, false}},
		{"unix:///run/shop.sock", Endpoint{"unix", "", 0, false}},
		{"/var/run/docker.sock", Endpoint{"unix", "", 0, false}},

		{"https://%s/api", Endpoint{"https", "", 0, false}},
		{"http://{host}/api", Endpoint{"http", "", 0, false}},
		{"http://${HOST:-a/b}:8080/", Endpoint{"http", "", 8080, false}},
		{"http://{{ .Values.host }}:8080/", Endpoint{"http", "", 8080, false}},
		{"https://<your-domain>/", Endpoint{"https", "", 0, false}},
		{"http://$HOST/", Endpoint{"http", "", 0, false}},
		{"%s://ledger:%d/x", Endpoint{"", "ledger", 0, false}},
		{"https://%s.helpdesk.example/api", Endpoint{"https", "*.helpdesk.example", 0, false}},
		{"https://s3.${REGION}.amazonaws.com", Endpoint{"https", "*.amazonaws.com", 0, false}},
		{"postgres://u:${PW:-{x}}@db:5432/x", Endpoint{"postgres", "db", 5432, false}},

		// Passwords that URLs ought to encode.
		{"postgres://u:pa/ss@db:5432/x", Endpoint{"postgres", "db", 5432, false}},
		{"postgres://u:123/4@db:5432/x", Endpoint{"postgres", "db", 5432, false}},
		{"postgres://u:p#w?x@db:5432/x", Endpoint{"postgres", "db", 5432, false}},
		{"postgres://u:p@s@db/x", Endpoint{"postgres", "db", 0, false}},
		{"postgres://a:b/c?password=d@topsecret", Endpoint{"postgres", "", 0, false}},
		{"http://u:123/4@h/x", Endpoint{"http", "", 0, false}},
		{"slack://xoxb-1234567890-abcdefgh/C01", Endpoint{"slack", "", 0, false}},
	}
	for _, tt := range tests {
		got, ok := ParseEndpoint(tt.in)
		if !ok {
			t.Errorf("ParseEndpoint(%q) is not ok, want %+v", tt.in, tt.want)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseEndpoint(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParseEndpointNot(t *testing.T) {
	for _, in := range []string{
		"", " ", "redis", "plain words", ":8080", "0.0.0.0:8080", "%s:%d", "12:30", "127.0.0.1:8080:8080", "db:99999",
		"postgres:17", "node:22-alpine", "main.go:120", "count:%d", "see https://example.com/docs",
		"https://example.com/docs for details", "example.com", "a@b.example", "mailto:a@b.example", "C:\\data",
		`{"url": "https://example.com"}`, "x=1", "a=1 b=2", "name=x; path=/", "key: value", "file: not found",
		"user:1234,x@h:6379", "http://a\nb", "://h", "https://", "select * from t where host=1 and port=2", "error: %v", "host=", "db:${TAG}",
	} {
		if got, ok := ParseEndpoint(in); ok {
			t.Errorf("ParseEndpoint(%q) = %+v, want not ok", in, got)
		}
	}
}

func TestEndpointOf(t *testing.T) {
	tests := []struct {
		name, value string
		want        *Endpoint
	}{
		{"SMTP_HOST", "smtp.mail.example", &Endpoint{Host: "smtp.mail.example"}},
		{"db.host", "db", &Endpoint{Host: "db"}},
		{"DB_HOST", "${DB_HOST}", nil},
		{"DB_HOST", "0.0.0.0", nil},
		{"ENABLE_HOST", "true", nil},
		{"DB_NAME", "db", nil},
		{"CASSANDRA_HOSTS", "c1, c2", &Endpoint{Host: "c1"}},
		{"S3_ENDPOINT", "s3.cloud.example", &Endpoint{Host: "s3.cloud.example"}},
		{"WRITE_ENDPOINT", "orders", nil},
		{"API_SERVER", "1.5", nil},
		{"DB_HOST", strings.Repeat("x", 300), nil},
		{"REDIS_ADDR", "cache:6379", &Endpoint{Host: "cache", Port: 6379}},
		{"BASIC_AUTH", "admin:8080", nil},
		{"DATABASE_URL", "db:5432", &Endpoint{Host: "db", Port: 5432}},
		{"PASSWORD_HOST_TOKEN", "word", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, EndpointOf(tt.name, tt.value)); diff != "" {
			t.Errorf("EndpointOf(%q, %q) (-want +got):\n%s", tt.name, tt.value, diff)
		}
	}
}

// FuzzParseEndpoint checks that no text makes the parser fail, and that no part
// of a password comes out, encoded as it should be or not.
func FuzzParseEndpoint(f *testing.F) {
	f.Add("postgres", "shop", "hunter2-x/y", "db:5432")
	f.Add("amqp", "", "q@q#?q:", "r1:5672,r2:5672")
	f.Add("https", "u", "Zq,{}$;=", "[::1]:80")
	f.Fuzz(func(t *testing.T, scheme, user, password, host string) {
		for _, s := range []string{scheme, user, password, host, scheme + "://" + host, scheme + ":" + host} {
			ParseEndpoint(s)
		}
		if strings.Contains(strings.ToLower(scheme+user+host), "zq") {
			return
		}
		secret := "zq" + password + "qz"
		for _, s := range []string{
			scheme + "://" + url.UserPassword(user, secret).String() + "@db.example:5432/x",
			"postgres://shop:" + secret + "@db.example:5432/x",
			"https://shop:" + secret + "@db.example/x",
			"shop:" + secret + "@tcp(db.example:3306)/x",
			"Server=db.example;Password=" + secret + ";Database=x",
			"host=db.example password=" + secret + " dbname=x",
			"shop:" + secret + "@db.example:5432",
		} {
			e, _ := ParseEndpoint(s)
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), "zq") || strings.Contains(string(b), "qz") {
				t.Errorf("ParseEndpoint(%q) = %s holds the password", s, b)
			}
			if e.Port < 0 || e.Port > 65535 || strings.ContainsAny(e.Host, "@/ ") {
				t.Errorf("ParseEndpoint(%q) = %s is malformed", s, b)
			}
		}
	})
}
