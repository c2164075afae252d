package detect

import "testing"

func TestShortSymbol(t *testing.T) {
	for symbol, want := range map[string]string{
		"net/http.Client.Do":                                          "http.Client.Do",
		"context.Background":                                          "context.Background",
		"github.com/redis/go-redis/v9.Client.Get":                     "redis.Client.Get",
		"github.com/jackc/pgx/v5/pgxpool.Pool.BeginTx":                "pgxpool.Pool.BeginTx",
		"github.com/jackc/pgx/v5.Conn.Query":                          "pgx.Conn.Query",
		"github.com/segmentio/kafka-go.Writer.WriteMessages":          "kafka.Writer.WriteMessages",
		"github.com/nats-io/nats.go.Conn.Publish":                     "nats.Conn.Publish",
		"github.com/eclipse/paho.mqtt.golang.NewClient":               "mqtt.NewClient",
		"gopkg.in/mgo.v2.Session.DB":                                  "mgo.Session.DB",
		"k8s.io/client-go/kubernetes.NewForConfig":                    "kubernetes.NewForConfig",
		"github.com/aws/aws-sdk-go-v2/service/sqs.Client.SendMessage": "sqs.Client.SendMessage",
		"github.com/jackc/pgx/v5/pgxpool.?.Ping":                      "pgxpool.Ping",
		"error":                                                       "error",
		"":                                                            "",
	} {
		if got := shortSymbol(symbol); got != want {
			t.Errorf("shortSymbol(%q) = %q, want %q", symbol, got, want)
		}
	}
}

func TestShortCall(t *testing.T) {
	for call, want := range map[string]string{
		"(*net/http.Client).Do":                        "http.Client.Do",
		"(github.com/redis/go-redis/v9.cmdable).Get":   "redis.cmdable.Get",
		"(*github.com/jackc/pgx/v5/pgxpool.Pool).Ping": "pgxpool.Pool.Ping",
		"net/http.Get": "http.Get",
		"":             "",
	} {
		if got := ShortCall(call); got != want {
			t.Errorf("ShortCall(%q) = %q, want %q", call, got, want)
		}
	}
}
