package mangopay

import (
	"fmt"
	"io"
	"log/slog"
)

// String is the configuration without its API key.
func (c Config) String() string {
	key := "missing"
	if c.APIKey != "" {
		key = "given"
	}
	return fmt.Sprintf("mangopay.Config{Source:%q BaseURL:%q ClientID:%q APIKey:%s}", c.Source, publicBase(c.BaseURL), c.ClientID, key)
}

// Format prints String, whatever the verb: reflection would show the API key.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String names the source and the environment of the client.
func (c *Client) String() string {
	if c == nil {
		return "mangopay.Client(nil)"
	}
	return fmt.Sprintf("mangopay.Client{Source:%q BaseURL:%q}", c.config.Source, c.where.base)
}

// Format prints String, whatever the verb: reflection would show the API key and the token.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
