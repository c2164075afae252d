package detect_test

import (
	"strings"
	"testing"

	"github.com/intscan/intscan/detect/catalog"
)

func TestSplitSymbol(t *testing.T) {
	for symbol, want := range map[string][2]string{
		"net/http.Get":                                  {"net/http", "Get"},
		"net/http.Client.Do":                            {"net/http", "Client.Do"},
		"os.Getenv":                                     {"os", "Getenv"},
		"gopkg.in/yaml.v3.Unmarshal":                    {"gopkg.in/yaml.v3", "Unmarshal"},
		"gopkg.in/mgo.v2.Session.DB":                    {"gopkg.in/mgo.v2", "Session.DB"},
		"github.com/nats-io/nats.go.Conn.Publish":       {"github.com/nats-io/nats.go", "Conn.Publish"},
		"github.com/redis/go-redis/v9.Client.Get":       {"github.com/redis/go-redis/v9", "Client.Get"},
		"github.com/redis/go-redis/v9.cmdable.Get":      {"github.com/redis/go-redis/v9", "cmdable.Get"},
		"github.com/socketio/socket.io.Server.Emit":     {"github.com/socketio/socket.io", "Server.Emit"},
		"github.com/eclipse/paho.mqtt.golang.NewClient": {"github.com/eclipse/paho.mqtt.golang", "NewClient"},
		"example.com.Fetch":                             {"example.com", "Fetch"},
		"gorm.io/gorm.DB.Find":                          {"gorm.io/gorm", "DB.Find"},
		"error":                                         {"error", ""},
		"":                                              {"", ""},
	} {
		pkg, rest := catalog.SplitSymbol(symbol)
		if got := [2]string{pkg, rest}; got != want {
			t.Errorf("SplitSymbol(%q) = %q, want %q", symbol, got, want)
		}
	}
}

// FuzzSplitSymbol: the two parts are the symbol again, and the second has no slash.
func FuzzSplitSymbol(f *testing.F) {
	for _, s := range []string{"net/http.Client.Do", "gopkg.in/yaml.v3.Node", "", ".", "/", "a.", "?.Get", "github.com/x/y.go.T", "x/.v2.A", "a/b.v2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, symbol string) {
		pkg, rest := catalog.SplitSymbol(symbol)
		whole := pkg
		if rest != "" || strings.HasSuffix(symbol, ".") && len(symbol) > len(pkg) {
			whole += "." + rest
		}
		if whole != symbol {
			t.Errorf("SplitSymbol(%q) = %q, %q: not the symbol again", symbol, pkg, rest)
		}
		if strings.Contains(rest, "/") {
			t.Errorf("SplitSymbol(%q): %q has a slash", symbol, rest)
		}
	})
}
