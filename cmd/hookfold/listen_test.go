package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// authority signs certificates for one test.
type authority struct {
	dir   string
	file  string // its own certificate
	leaf  *x509.Certificate
	key   *ecdsa.PrivateKey
	roots *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir(), roots: x509.NewCertPool()}
	a.file, _ = a.issue(t, "authority")
	a.roots.AddCert(a.leaf)
	return a
}

// issue writes a certificate for 127.0.0.1 and its key. The first one signs itself, and all others.
func (a *authority) issue(t testing.TB, name string) (cert, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: a.leaf == nil,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	parent, signer := template, key
	if a.leaf != nil {
		parent, signer = a.leaf, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(t, err)
	if a.leaf == nil {
		a.key = key
		a.leaf, err = x509.ParseCertificate(der)
		require.NoError(t, err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	cert, keyFile = filepath.Join(a.dir, name+".pem"), filepath.Join(a.dir, name+".key")
	require.NoError(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return cert, keyFile
}

// client trusts the authority.
func (a *authority) client(t testing.TB) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// look asks a URL, with a bearer token if there is one.
func look(t testing.TB, client *http.Client, url, token string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := client.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	return res.StatusCode, res.Header, string(body)
}

func TestS4_InProductionBothListenersSpeakTLSAndAskForTheirSecrets(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	cert, key := a.issue(t, "server")
	p := begin(t, exec.Command("hookfold", "serve", "--data", t.TempDir(), "--production", "--listen", "0.0.0.0:0", "--admin", "0.0.0.0:0",
		"--token", secret, "--admin-token", "4dm1n", "--tls-cert", cert, "--tls-key", key))
	on := func(addr, path string) string {
		_, port, err := net.SplitHostPort(addr)
		require.NoError(t, err)
		return "https://127.0.0.1:" + port + path
	}
	ingress := on(strings.TrimSuffix(strings.TrimPrefix(p.ingress, "https://"), "/hooks/***"), "")
	client := a.client(t)

	status, header, _ := look(t, client, ingress+good, "")
	assert.Equal(t, http.StatusOK, status)
	assert.NotEmpty(t, header.Get("Strict-Transport-Security"))
	status, _, _ = look(t, client, ingress+"/hooks?"+s4Query, "")
	assert.Equal(t, http.StatusNotFound, status)

	user := on(p.admin, "/v1/users/"+s4User)
	for token, want := range map[string]int{"4dm1n": http.StatusOK, "": http.StatusUnauthorized, "4dm1": http.StatusUnauthorized, secret: http.StatusUnauthorized} {
		status, header, body := look(t, client, user, token)
		assert.Equal(t, want, status)
		assert.Equal(t, want == http.StatusOK, strings.Contains(body, "ACTIVE"))
		assert.Equal(t, want == http.StatusUnauthorized, header.Get("WWW-Authenticate") != "")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		status, _, body := look(t, client, on(p.admin, path), "")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, `{"status":"ok"}`+"\n", body, "a probe learns no more")
	}
	_, _, body := look(t, client, on(p.admin, "/healthz"), "4dm1n")
	assert.Contains(t, body, "Accepted")

	for token, want := range map[string]int{"4dm1n": exitDone, "wrong": exitBadInput} {
		get := exec.Command("hookfold", "get", "user", s4User, "--admin", on(p.admin, ""))
		get.Env = append(os.Environ(), "SSL_CERT_FILE="+a.file, "HOOKFOLD_ADMIN_TOKEN="+token)
		out, err := get.CombinedOutput()
		assert.Equal(t, want, get.ProcessState.ExitCode(), "%v: %s", err, out)
	}
	p.stop(t)
}

func TestS4_ProductionRefusesACertificateThatSignedItself(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	key := strings.TrimSuffix(a.file, ".pem") + ".key"
	args := []string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--token", secret, "--tls-cert", a.file, "--tls-key", key}
	got := command(t, append(args, "--production")...)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.err, "it signed itself: get one from an authority that senders trust")

	p := begin(t, exec.Command("hookfold", args...))
	assert.Contains(t, p.stderr.String(), "production mode would", "elsewhere it is only told")
	status, _, _ := look(t, a.client(t), strings.TrimSuffix(p.ingress, "/hooks/***")+good, "")
	assert.Equal(t, http.StatusOK, status)
	status, _, body := look(t, http.DefaultClient, "http://"+p.admin+"/v1/users/"+s4User, "")
	assert.Equal(t, http.StatusOK, status, "on loopback the read API needs neither TLS nor a token: %s", body)
	p.stop(t)
}

func TestTheReadAPIIsNoPlaceForOtherPages(t *testing.T) {
	t.Parallel()
	p := serveIn(t, t.TempDir())
	for host, want := range map[string]int{"evil.example": http.StatusForbidden, "localhost": http.StatusNotFound, p.admin: http.StatusNotFound} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.admin+"/v1/users/nobody", nil)
		require.NoError(t, err)
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, want, res.StatusCode, host)
	}
	p.stop(t)
}
