package listen

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signed makes a certificate of one name and key under the name and key of an issuer.
func signed(t *testing.T, subject, issuer string, key, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	named := func(name string) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Unix(1<<33, 0)}
	}
	der, err := x509.CreateCertificate(rand.Reader, named(subject), named(issuer), &key.PublicKey, by)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return leaf
}

func TestACertificateThatVouchesForItselfIsSeenByKeyAndByName(t *testing.T) {
	t.Parallel()
	mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	at := time.Unix(1<<32, 0)
	assert.NoError(t, usable(signed(t, "me", "authority", mine, other), at))
	assert.Error(t, usable(signed(t, "me", "authority", mine, mine), at), "its own key under a borrowed name")
	assert.Error(t, usable(signed(t, "me", "me", mine, other), at), "its own name")
	assert.Error(t, usable(signed(t, "me", "me", mine, mine), at))
}
