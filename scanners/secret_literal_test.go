package scanners

import "testing"

func TestLiteralSecret(t *testing.T) {
	random := "q7Zt9Kx2LmV4" + "pR8sWb3nY6cD1fGh5JkT"
	tests := []struct {
		name, value string
		want        bool
	}{
		{"SIGNING_SECRET", random, true},
		{"BUILD_ID", random, false},
		{"API_KEY", "AKIA" + "Q7ZT9KX2LMV4PR8S", true},
		{"ANYTHING", "ghp_" + "q7Zt9Kx2LmV4pR8sWb3nY6cD1fGh5JkT7qWe", true},
		{"STRIPE_KEY", "sk_test_" + "q7Zt9Kx2LmV4pR8sWb3nY6cD", false},
		{"API_KEY", "AKIAIOSFODNN7EXAMPLE", false},
		{"DATABASE_URL", "postgres://shop:shop@db:5432/shop", false},
		{"DATABASE_URL", "postgres://shop:" + random + "@db.northwind.com:5432/shop", true},
		{"DATABASE_URL", "postgres://shop:${PASSWORD}@db.northwind.com:5432/shop", false},
		{"JWT_SECRET", "change-me-before-you-deploy", false},
		{"JWT_SECRET", "supersecretpassword", false},
		{"JWT_SECRET", "${JWT_SECRET}", false},
		{"SECRET_NAME", random, false},
		{"TOKEN", "", false},
		{"KEY_FILE", "/etc/keys/" + random, false},
		{"PRIVATE_KEY", "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", false},
	}
	for _, tt := range tests {
		if got := LiteralSecret(tt.name, tt.value); got != tt.want {
			t.Errorf("LiteralSecret(%q, %q) = %t, want %t", tt.name, tt.value, got, tt.want)
		}
	}
}

func TestPlainConnection(t *testing.T) {
	for text, want := range map[string]bool{
		"host=db sslmode=disable": true, "?sslmode=disable": true, "u:p@tcp(db:3306)/x?tls=skip-verify": true,
		"sqlserver://db?encrypt=disable": true, "sslmode=require": false, "nosslmode=disabled": false, "host=db": false,
	} {
		if got := PlainConnection(text); got != want {
			t.Errorf("PlainConnection(%q) = %t, want %t", text, got, want)
		}
	}
}
