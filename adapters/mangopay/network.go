package mangopay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// broken says in our own words why no answer came. The errors of net/http quote URLs, in which ids stand, and what a
// stranger sent.
func broken(err error) string {
	var (
		errno     syscall.Errno
		dns       *net.DNSError
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
		verify    *tls.CertificateVerificationError
		alert     tls.AlertError
		timeout   net.Error
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &dns):
		return "the name of the host cannot be resolved"
	case errors.As(err, &name):
		return "the host's certificate is for another name"
	case errors.As(err, &authority):
		return "the host's certificate is not signed by an authority that is trusted"
	case errors.As(err, &verify):
		return "the host's certificate cannot be used, perhaps it has run out"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "no connection by TLS 1.2 or newer"
	case errors.As(err, &errno):
		return errno.Error()
	}
	return "the connection broke"
}

// longestRetry bounds what an answer may ask us to wait: the longest of the provider's windows.
const longestRetry = 24 * time.Hour

// retryAfter reads Retry-After, in seconds or as a date of the provider's clock; 0 when there is none.
func retryAfter(h http.Header, at time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), longestRetry)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if said, err := http.ParseTime(h.Get("Date")); err == nil {
		at = said
	}
	return min(max(0, date.Sub(at)), longestRetry)
}
