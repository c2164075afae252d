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
		{"the type in use", redis, "github.com/redis/go-redis/v9", cluster, "Set ReadTimeout in redis.ClusterOptions."},
		{"no type in use", redis, "github.com/redis/go-redis/v9", nil, "Set ReadTimeout in redis.Options, or set ReadTimeout in redis.ClusterOptions."},
		{"an option", []string{"WithTimeout"}, "github.com/google/go-github/v72/github", nil, "Pass github.WithTimeout."},
		{"a method", []string{"Client.SetTimeout"}, "github.com/go-resty/resty/v2", nil, "Call SetTimeout of resty.Client."},
		{"an operation with a bound", []string{"Client.DoTimeout"}, "github.com/valyala/fasthttp", nil, "Call DoTimeout of fasthttp.Client."},
		{"a field of a field", []string{"Config.Net.ReadTimeout"}, "github.com/IBM/sarama", nil, "Set Net.ReadTimeout in sarama.Config."},
		{"a wrapper", []string{"NewRetryPolicy"}, "github.com/Azure/azure-sdk-for-go/sdk/azcore", nil, "Use azcore.NewRetryPolicy."},
		{"a type that is not exported", []string{"cmdable.BLPop"}, "github.com/redis/go-redis/v9", nil, ""},
		{"a path that names no package", []string{"Config.ConnectionTimeoutMillis"}, "github.com/Adyen/adyen-go-api-library", nil, "Set ConnectionTimeoutMillis in Config."},
		{"another project's", []string{"github.com/zeromicro/go-zero/zrpc.WithTimeout"}, "google.golang.org/grpc", nil, ""},
		{"the same project's", []string{"k8s.io/client-go/rest.Config.Timeout"}, "k8s.io/client-go/kubernetes/typed/core/v1", nil, "Set Timeout in rest.Config."},
		{"another package's", []string{"net/http.Client.Timeout"}, "github.com/slack-go/slack", nil, "Give it an http.Client with a Timeout."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := sentence(nearest(spelled(tc.symbols, tc.pkg), tc.client)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
