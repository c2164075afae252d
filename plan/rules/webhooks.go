package rules

import (
	"fmt"

	"github.com/intscan/intscan/detect"
)

var webhookRules = []Rule{
	{
		ID: "webhook-unsigned", Category: Webhooks, Severity: High, Since: "0.1.0",
		Title:     "Webhook that does not check who sent the event",
		Rationale: "The address of a webhook is no secret. Whoever finds it can send events that look like the provider's: orders paid, users removed, builds started.",
		Remedy:    "Check the signature over the raw body with the provider's function, or with HMAC and a comparison in constant time, before anything of it is decoded.",
		Example:   "mac := hmac.New(sha256.New, secret)\nmac.Write(body)\nwant, err := hex.DecodeString(r.Header.Get(\"X-Signature\"))\nif err != nil || !hmac.Equal(mac.Sum(nil), want) {\n\thttp.Error(w, \"bad signature\", http.StatusUnauthorized)\n\treturn\n}",
		Silent:    "The handler, what it calls or its middleware checks a signature, token, secret or login; the request is handed to code outside the repository; or the route manages webhooks that are sent to others.",
		check:     unsignedWebhooks,
	},
	{
		ID: "webhook-replay", Category: Webhooks, Severity: Medium, Since: "0.1.0",
		Title:     "Webhook that treats an event which comes again as new",
		Rationale: "Providers send an event again when the answer is late, and a recorded request can be sent again by anyone. Each time the handler does its work anew: a second charge, mail or job.",
		Remedy:    "Keep the event's ID where inserting it twice fails, and stop there; refuse events whose signed time is older than some minutes.",
		Example:   "res, err := db.ExecContext(ctx, \"INSERT INTO events (id) VALUES ($1) ON CONFLICT DO NOTHING\", event.ID)\nif err != nil {\n\treturn err\n}\nif n, _ := res.RowsAffected(); n == 0 {\n\treturn nil // seen before\n}",
		Silent:    "The library refuses old events (as Stripe's does), the handler looks up or notes the event before its work, or what the work is lies outside the repository.",
		check:     replayedWebhooks,
	},
}

func unsignedWebhooks(v *view, report func(hit)) {
	for i := range v.Webhooks {
		if w := &v.Webhooks[i]; w.Signature.Verdict == detect.Absent {
			report(hit{
				at: w.Position, anchor: w.Function, related: []Related{{Position: w.Position, What: w.Route}},
				message: fmt.Sprintf("%s takes events%s without checking who sent them (%s)", w.Route, from(w), w.Why),
			})
		}
	}
}

func replayedWebhooks(v *view, report func(hit)) {
	for i := range v.Webhooks {
		if w := &v.Webhooks[i]; w.Replay.Verdict == detect.Absent {
			report(hit{
				at: w.Position, anchor: w.Function, related: []Related{{Position: w.Position, What: w.Route}},
				message: fmt.Sprintf("%s does its work again for each copy of an event%s: %s", w.Route, from(w), w.Replay.Reason),
			})
		}
	}
}

func from(w *detect.Webhook) string {
	if w.Provider == "" {
		return ""
	}
	return " of " + w.Provider
}
