package listen

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// ErrCertificate says that a certificate cannot be used.
var ErrCertificate = errors.New("listen: the TLS certificate cannot be used")

// usable returns nil, or why senders refuse a certificate at a time. S4: endpoints with self-signed certificates may be
// rejected. Whether its authority is one that the sender trusts cannot be known here.
func usable(leaf *x509.Certificate, at time.Time) error {
	switch {
	case selfSigned(leaf):
		return errors.New("it signed itself: get one from an authority that senders trust")
	case at.After(leaf.NotAfter):
		return fmt.Errorf("it was valid until %s: renew it", leaf.NotAfter.UTC().Format(time.RFC3339))
	case at.Before(leaf.NotBefore):
		return fmt.Errorf("it is valid from %s on: look at the clock", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// selfSigned tells whether a certificate vouches for itself: by its own key, whatever names it bears, or by its name.
func selfSigned(leaf *x509.Certificate) bool {
	return bytes.Equal(leaf.RawIssuer, leaf.RawSubject) ||
		leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature) == nil
}
