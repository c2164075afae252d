package sections

import "testing"

func TestAnchor(t *testing.T) {
	if got, want := Anchor("postgresql:orders"), "integration-postgresql-orders"; got != want {
		t.Errorf("Anchor = %s, want %s", got, want)
	}
	seen := map[string]string{}
	for _, id := range []string{
		"http", "http:a.b", "http-a.b", "http:A.b", "http:a/b", "http:a b", "banking_circle", "banking-circle", "redis:one-two", "redis:one:two", "redis-one-two",
	} {
		a := Anchor(id)
		if other, taken := seen[a]; taken {
			t.Errorf("%s and %s have one anchor, %s", id, other, a)
		}
		seen[a] = id
	}
}
