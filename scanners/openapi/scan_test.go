package openapi

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intscan/intscan/fixtures"
	"github.com/intscan/intscan/scanners"
)

// scanFiles scans a tree of the files given by name.
func scanFiles(t *testing.T, files map[string]string) ([]API, []scanners.Diagnostic) {
	t.Helper()
	return Scan(context.Background(), fixtures.Tree(t, files))
}

func scanDir(t *testing.T, dir string, limits scanners.Limits) ([]API, []scanners.Diagnostic) {
	t.Helper()
	tree, err := scanners.OpenTree(dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	return Scan(context.Background(), tree)
}

func at(file string, line, column int) scanners.Position {
	return scanners.Position{File: file, Line: line, Column: column}
}

// lines are the diagnostics as a person reads them.
func lines(diags []scanners.Diagnostic) []string {
	out := []string{}
	for _, d := range diags {
		out = append(out, string(d.Severity)+" "+d.Position.String()+" "+d.Message)
	}
	return out
}

func TestScan_30(t *testing.T) {
	apis, diags := scanFiles(t, map[string]string{"api/orders.yaml": ordersYAML})
	want := []API{{
		Position: at("api/orders.yaml", 2, 1), Spec: "3.0.3", Title: "Orders", Version: "1.10",
		Servers: []Server{
			{at("api/orders.yaml", 5, 5), "https://{region}.orders.example.com:{port}/v1",
				&scanners.Endpoint{Scheme: "https", Host: "eu.orders.example.com", Port: 8443}},
			{at("api/orders.yaml", 9, 5), "/v1", nil},
		},
		Operations: []Operation{{
			Position: at("api/orders.yaml", 14, 5), Method: "GET", Path: "/orders", ID: "listOrders", Tags: []string{"orders"},
			Security: []string{"apiKey", "oidc"}, SecurityInherited: true,
			Responses: []string{"200", "429", "5XX", "default"}, Has429: true, Has5xx: true, HasDefault: true,
			ResponseTypes: []string{"application/json", "application/problem+json"},
		}, {
			Position: at("api/orders.yaml", 26, 5), Method: "POST", Path: "/orders", Deprecated: true,
			Security: []string{"oauth"}, SecurityOptional: true,
			Servers: []Server{{at("api/orders.yaml", 28, 18), "https://write.example.com",
				&scanners.Endpoint{Scheme: "https", Host: "write.example.com"}}},
			Responses: []string{"201"}, RequestTypes: []string{"application/json", "text/csv"},
		}, {
			Position: at("api/orders.yaml", 44, 9), Via: &scanners.Position{File: "api/orders.yaml", Line: 37, Column: 17}, Method: "POST", Path: "{$request.body#/hook}", Callback: true,
			Security: []string{"apiKey", "oidc"}, SecurityInherited: true, Responses: []string{"204"},
		}, {
			Position: at("api/orders.yaml", 39, 5), Method: "GET", Path: "/health", SecurityNone: true, Responses: []string{"200"},
		}},
		SecuritySchemes: []SecurityScheme{
			{Position: at("api/orders.yaml", 53, 5), Name: "apiKey", Type: "apiKey", In: "header"},
			{Position: at("api/orders.yaml", 54, 5), Name: "oauth", Type: "oauth2", HasRefresh: true, Flows: []Flow{{
				Name:          "authorizationCode",
				Authorization: &scanners.Endpoint{Scheme: "https", Host: "login.example.com"},
				Token:         &scanners.Endpoint{Scheme: "https", Host: "login.example.com", Port: 444},
			}}},
			{Position: at("api/orders.yaml", 62, 5), Name: "oidc", Type: "openIdConnect",
				OpenIDConnect: &scanners.Endpoint{Scheme: "https", Host: "id.example.com"}},
		},
		Schemas: []string{"Order"},
	}}
	if diff := cmp.Diff(want, apis); diff != "" {
		t.Errorf("APIs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{}, lines(diags)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
	if n := apis[0].CountedOperations(); n != 3 {
		t.Errorf("CountedOperations() = %d, want 3", n)
	}
}

const ordersYAML = `# Orders of the shop.
openapi: 3.0.3
info: {title: Orders, version: "1.10"}
servers:
  - url: https://admin:hunter2@{region}.orders.example.com:{port}/v1?key=hunter3#frag
    variables:
      region: {default: eu}
      port: {default: "8443"}
  - url: /v1
security:
  - {apiKey: [], oidc: []}
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      responses:
        "200":
          description: A page of orders
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Order"}}}}
        "429": {$ref: "#/components/responses/Problem"}
        5XX: {description: broken}
        default:
          description: otherwise
        x-note: none
    post:
      deprecated: true
      servers: [{url: "https://write.example.com"}]
      security:
        - oauth: [write]
        - {}
      requestBody: {$ref: "#/components/requestBodies/NewOrder"}
      responses:
        "201": {description: created}
      callbacks:
        shipped:
          $ref: "#/components/callbacks/Shipped"
  /health:
    get: {security: [], responses: {"200": {description: fine}}}
components:
  callbacks:
    Shipped:
      "{$request.body#/hook}":
        post: {responses: {"204": {description: taken}}}
  schemas:
    Order: {type: object, properties: {default: {type: string}, next: {$ref: "#/components/schemas/Order"}}}
  requestBodies:
    NewOrder:
      content: {text/csv: {}, application/json: {}}
  responses:
    Problem: {description: a problem, content: {application/problem+json: {}}}
  securitySchemes:
    apiKey: {type: apiKey, in: header, name: X-Key}
    oauth:
      type: oauth2
      flows:
        authorizationCode:
          authorizationUrl: https://login.example.com/authorize
          tokenUrl: https://client:hunter4@login.example.com:444/token
          refreshUrl: https://login.example.com/refresh
          scopes: {write: change orders}
    oidc: {type: openIdConnect, openIdConnectUrl: "https://id.example.com/.well-known/openid-configuration"}
`

func TestScan_swagger2(t *testing.T) {
	apis, diags := scanFiles(t, map[string]string{"docs/swagger.json": billingJSON})
	want := []API{{
		Position: at("docs/swagger.json", 32, 3), Spec: "2.0", Title: "Billing", Version: "v2",
		Servers: []Server{
			{at("docs/swagger.json", 5, 3), "https://billing.example.com:8080/api", &scanners.Endpoint{Scheme: "https", Host: "billing.example.com", Port: 8080}},
			{at("docs/swagger.json", 5, 3), "http://billing.example.com:8080/api", &scanners.Endpoint{Scheme: "http", Host: "billing.example.com", Port: 8080}},
		},
		Operations: []Operation{
			{Position: at("docs/swagger.json", 11, 7), Method: "GET", Path: "/invoices", Responses: []string{"200", "503"}, Has5xx: true, ResponseTypes: []string{"application/json"}},
			{Position: at("docs/swagger.json", 17, 7), Method: "POST", Path: "/invoices", Security: []string{"login"},
				Responses: []string{"201"}, RequestTypes: []string{"multipart/form-data"}, ResponseTypes: []string{"text/plain"}},
		},
		SecuritySchemes: []SecurityScheme{{Position: at("docs/swagger.json", 28, 5), Name: "login", Type: "oauth2",
			Flows: []Flow{{Name: "accessCode", Authorization: &scanners.Endpoint{Scheme: "https", Host: "a.example.com"}, Token: &scanners.Endpoint{Scheme: "https", Host: "t.example.com"}}}}},
		Schemas: []string{"Invoice"},
	}}
	if diff := cmp.Diff(want, apis); diff != "" {
		t.Errorf("APIs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{}, lines(diags)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}

// The key that tells what it is stands at the end, as sorted JSON has it.
const billingJSON = `{
  "info": {"title": "Billing", "version": "v2"},
  "consumes": ["application/json"],
  "produces": ["application/json"],
  "host": "billing.example.com:8080",
  "basePath": "/api",
  "schemes": ["https", "http"],
  "definitions": {"Invoice": {"type": "object"}},
  "paths": {
    "/invoices": {
      "get": {
        "responses": {
          "200": {"description": "\ud83d\ude00"},
          "503": {"description": "later"}
        }
      },
      "post": {
        "consumes": ["multipart/form-data"],
        "produces": ["text/plain"],
        "security": [{"login": []}],
        "parameters": [{"name": "file", "in": "formData", "type": "file"}],
        "responses": {"201": {"description": "made"}}
      },
      "x-owner": "money"
    }
  },
  "securityDefinitions": {
    "login": {"type": "oauth2", "flow": "accessCode",
      "authorizationUrl": "https://a.example.com/auth?x=1", "tokenUrl": "https://t.example.com/token"}
  },
  "x-generated": true,
  "swagger": "2.0"
}`

func TestScan_31(t *testing.T) {
	apis, diags := scanFiles(t, map[string]string{"hooks.yml": `openapi: 3.1.0
info: {title: Hooks, version: 1.0.0}
webhooks:
  orderPaid:
    post:
      requestBody:
        content: {application/json: {schema: {type: [object, "null"]}}}
      responses: {"200": {description: seen}}
components:
  schemas:
    Anything: true
    Nothing: {type: "null"}
  pathItems:
    Ping: {get: {responses: {"200": {description: pong}}}}
paths:
  /ping: {$ref: "#/components/pathItems/Ping"}
`})
	want := []API{{
		Position: at("hooks.yml", 1, 1), Spec: "3.1.0", Title: "Hooks", Version: "1.0.0",
		Operations: []Operation{
			{Position: at("hooks.yml", 14, 12), Via: &scanners.Position{File: "hooks.yml", Line: 16, Column: 17}, Method: "GET", Path: "/ping", Responses: []string{"200"}},
			{Position: at("hooks.yml", 5, 5), Method: "POST", Path: "orderPaid", Webhook: true, Responses: []string{"200"}, RequestTypes: []string{"application/json"}},
		},
		Schemas: []string{"Anything", "Nothing"},
	}}
	if diff := cmp.Diff(want, apis); diff != "" {
		t.Errorf("APIs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{}, lines(diags)); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s", diff)
	}
}
