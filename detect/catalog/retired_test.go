package catalog

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestRetiredLibrary(t *testing.T) {
	for path, want := range map[string]string{
		"github.com/streadway/amqp":                                          "streadway-amqp",
		"github.com/aws/aws-sdk-go/service/s3":                               "aws-sdk-go",
		"github.com/aws/aws-sdk-go-v2/service/s3":                            "",
		"cloud.google.com/go/pubsub":                                         "gcp-pubsub-v1",
		"cloud.google.com/go/pubsub/v2":                                      "",
		"github.com/rabbitmq/amqp091-go":                                     "",
		"github.com/go-redis/redis/v8":                                       "go-redis-redis",
		"github.com/Azure/azure-sdk-for-go/services/dns/mgmt/2018-05-01/dns": "azure-sdk-for-go-services",
		"github.com/Azure/azure-sdk-for-go/services/keyvault/v7.0/keyvault":  "",
	} {
		got := ""
		if r := Shipped().RetiredLibrary(path); r != nil {
			got = r.Name
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestRetiredNeedsSource(t *testing.T) {
	_, err := Load(fstest.MapFS{"retired/old.yaml": {Data: []byte("retired: old\npackages: [old.test/client]\nwhy: it is old\n")}})
	for _, want := range []string{"retired/old.yaml", "no successor", "no module", "no cite", "no text"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
}
