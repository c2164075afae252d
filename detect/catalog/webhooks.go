package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Webhook is a product that calls programs when something happens in it: one file
// of webhooks/. Names are relative to the packages.
type Webhook struct {
	Provider string   `yaml:"provider"`
	Name     string   `yaml:"name"`
	Packages []string `yaml:"packages"`
	// Events are the functions that read an event and the types that one is decoded
	// into.
	Events []string `yaml:"events"`
	// Verifies are functions that check the event's signature, Dated those of them
	// that refuse an old one.
	Verifies []string `yaml:"verifies"`
	Dated    []string `yaml:"dated"`
	// Headers are those that carry the signature.
	Headers []string `yaml:"headers"`
}

// WebhookOf returns the provider whose event a symbol is, or nil.
func (c *Catalog) WebhookOf(symbol string) *Webhook {
	return c.webhook(symbol, func(w *Webhook) []string { return w.Events })
}

// Verifies reports that a function checks a webhook's signature, and that it also
// refuses an old one.
func (c *Catalog) Verifies(symbol string) (verifies, dated bool) {
	if w := c.webhook(symbol, func(w *Webhook) []string { return w.Verifies }); w != nil {
		_, rest := SplitSymbol(symbol)
		return true, slices.Contains(w.Dated, rest)
	}
	return false, false
}

// SignatureHeader returns the provider whose signature a header carries, or nil.
func (c *Catalog) SignatureHeader(name string) *Webhook {
	for _, w := range c.Webhooks {
		if slices.ContainsFunc(w.Headers, func(h string) bool { return strings.EqualFold(h, name) }) {
			return w
		}
	}
	return nil
}

func (c *Catalog) webhook(symbol string, pick func(*Webhook) []string) *Webhook {
	pkg, rest := SplitSymbol(symbol)
	if rest == "" {
		return nil
	}
	for _, w := range c.Webhooks {
		if w.in(pkg) && Matches(pick(w), symbol) {
			return w
		}
	}
	return nil
}

func (w *Webhook) in(pkg string) bool {
	return slices.ContainsFunc(w.Packages, func(p string) bool {
		tree, ok := strings.CutSuffix(p, "/...")
		return p == pkg || ok && (pkg == tree || strings.HasPrefix(pkg, tree+"/"))
	})
}

func (w *Webhook) validate() error {
	var errs []error
	if w.Name == "" || len(w.Packages) == 0 {
		return errors.New("name and packages are needed")
	}
	for _, d := range w.Dated {
		if !Matches(w.Verifies, strings.TrimSuffix(w.Packages[0], "/...")+"."+d) {
			errs = append(errs, fmt.Errorf("%s is dated but does not verify", d))
		}
	}
	return errors.Join(errs...)
}
