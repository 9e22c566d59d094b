package listen_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/listen"
)

// noon is when the certificates of these tests are made; they are valid for an hour before and a day after.
var noon = time.Now().Truncate(time.Second)

// issued is a certificate with its key, in PEM and as it is.
type issued struct {
	cert, key []byte
	leaf      *x509.Certificate
	private   *ecdsa.PrivateKey
}

// issue makes a certificate for 127.0.0.1, signed by another one, or by itself.
func issue(t testing.TB, name string, by *issued, change ...func(*x509.Certificate)) *issued {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: by == nil,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	for _, f := range change {
		f(template)
	}
	parent, signer := template, private
	if by != nil {
		parent, signer = by.leaf, by.private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &private.PublicKey, signer)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return &issued{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		leaf: leaf, private: private,
	}
}

func selfSigned(t testing.TB) *issued { return issue(t, "me", nil) }

// files keeps a certificate and its key in a folder of the test.
type files struct{ cert, key string }

func keep(t testing.TB, i *issued) files {
	t.Helper()
	f := files{filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")}
	f.put(t, i.cert, i.key)
	return f
}

// put replaces both.
func (f files) put(t testing.TB, cert, key []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(f.cert, cert, 0o600))
	require.NoError(t, os.WriteFile(f.key, key, 0o600))
}

// certificate is one that can be served.
func certificate(t testing.TB, i *issued) *listen.Certificate {
	t.Helper()
	f := keep(t, i)
	c, err := listen.NewCertificate(listen.CertificateConfig{CertFile: f.cert, KeyFile: f.key})
	require.NoError(t, err)
	return c
}
