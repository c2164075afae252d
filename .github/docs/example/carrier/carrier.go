// Package carrier asks the carrier for its prices.
package carrier

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

type Client struct {
	base string
	http *http.Client
}

func New(base string) *Client { return &Client{base: base, http: &http.Client{}} }

func (c *Client) Quote(ctx context.Context, to string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/v1/quote?to="+url.QueryEscape(to), nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
