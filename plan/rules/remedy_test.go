package rules

import (
	"testing"

	"github.com/intscan/intscan/detect"
)

func TestRemedySentence(t *testing.T) {
	redis := []string{"Options.ReadTimeout", "ClusterOptions.ReadTimeout", "*.Timeout"}
	cluster := []detect.Step{{What: "redis.NewClusterClient"}, {What: "redis.ClusterOptions"}}
	for _, tc := range []struct {
		name    string
		symbols []string
		pkg     string
		client  []detect.Step
		want    string
	}{
		{"nothing known", nil, "example.com/x", nil, ""},
		{"the type in use", redis, "github.com/redis/go-redis/v9", cluster, "Set redis.ClusterOptions.ReadTimeout."},
		{"no type in use", redis, "github.com/redis/go-redis/v9", nil, "Set redis.Options.ReadTimeout, or set redis.ClusterOptions.ReadTimeout."},
		{"an option", []string{"WithTimeout"}, "github.com/google/go-github/v72/github", nil, "Pass github.WithTimeout."},
		{"a method", []string{"Client.SetTimeout"}, "github.com/go-resty/resty/v2", nil, "Call resty.Client.SetTimeout."},
		{"another project's", []string{"github.com/zeromicro/go-zero/zrpc.WithTimeout"}, "google.golang.org/grpc", nil, ""},
		{"the same project's", []string{"k8s.io/client-go/rest.Config.Timeout"}, "k8s.io/client-go/kubernetes/typed/core/v1", nil, "Set rest.Config.Timeout."},
		{"another package's", []string{"net/http.Client.Timeout"}, "github.com/slack-go/slack", nil, "Give it an http.Client with a Timeout."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := sentence(nearest(spelled(tc.symbols, tc.pkg), tc.client)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
