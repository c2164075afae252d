package catalog

import "testing"

func TestShippedCatalogIsValid(t *testing.T) {
	c, err := Load(shipped)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Systems) < 1 {
		t.Fatal("the shipped catalog is empty")
	}
}
