package listen

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// CertificateConfig says where a certificate is kept and what it must be.
type CertificateConfig struct {
	// CertFile holds the certificate and those between it and its authority, KeyFile its key; both PEM. Required.
	CertFile, KeyFile string
	// Production refuses what senders refuse: a certificate that signed itself (S4, S0), or that is not valid now. Without
	// it there is only a warning.
	Production bool
	// Every is how often, at most, the files are looked at; that happens at a handshake. 0: 10 s.
	Every time.Duration
	// Now is the clock. nil: time.Now.
	Now func() time.Time
	// Logger hears of new certificates, and of broken ones once. nil: nobody.
	Logger *slog.Logger
}

// Certificate is the certificate of a [Server], safe for concurrent use. It follows its files.
type Certificate struct {
	cfg     CertificateConfig
	current atomic.Pointer[tls.Certificate]

	mu     sync.Mutex
	looked time.Time         // when
	seen   [sha256.Size]byte // what the files held then, or why they could not be read
}

// NewCertificate reads a certificate and its key. Its error wraps ErrConfig when the configuration is not complete, and
// [ErrCertificate] when what the files hold cannot be used. No error shows what is in a file.
func NewCertificate(c CertificateConfig) (*Certificate, error) {
	var problems []string
	if c.CertFile == "" || c.KeyFile == "" {
		problems = append(problems, "CertFile or KeyFile is missing: give both")
	}
	if c.Every < 0 {
		problems = append(problems, "Every is negative: give a duration, or 0 for the default")
	}
	if err := problem(problems); err != nil {
		return nil, err
	}
	c.Every = cmp.Or(c.Every, 10*time.Second)
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	made := &Certificate{cfg: c, looked: c.Now()}
	pair, err := made.look()
	if err != nil {
		return nil, err
	}
	made.current.Store(pair)
	return made, nil
}

// Expires is when the certificate in use stops to be valid.
func (c *Certificate) Expires() time.Time { return c.current.Load().Leaf.NotAfter }

// present is what crypto/tls asks at a handshake.
func (c *Certificate) present(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.follow()
	return c.current.Load(), nil
}

// follow looks at the files when that is due. One handshake looks; the others do not wait for it.
func (c *Certificate) follow() {
	if !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	at := c.cfg.Now()
	if since := at.Sub(c.looked); 0 <= since && since < c.cfg.Every {
		return
	}
	c.looked = at
	switch pair, err := c.look(); {
	case err != nil:
		c.cfg.Logger.Error("the new TLS certificate is not used; the one before it stays", "error", err)
	case pair != nil:
		c.current.Store(pair)
		c.cfg.Logger.Info("a new TLS certificate is used", "expires", pair.Leaf.NotAfter)
	}
}

// look reads the files. It returns nothing when it found the same as the last time, so that what is wrong is told once.
func (c *Certificate) look() (*tls.Certificate, error) {
	cert, err := os.ReadFile(c.cfg.CertFile)
	key, keyErr := os.ReadFile(c.cfg.KeyFile)
	if err = cmp.Or(err, keyErr); err != nil {
		if c.known([]byte(err.Error())) {
			return nil, nil //nolint:nilnil // there is nothing new, and that is no error
		}
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if c.known(bytes.Join([][]byte{cert, key}, []byte{0})) {
		return nil, nil //nolint:nilnil // there is nothing new, and that is no error
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w (the files hold a certificate and its own key, as PEM)", ErrCertificate, err)
	}
	return c.judge(&pair)
}

// judge refuses what senders would refuse, or warns of it.
func (c *Certificate) judge(pair *tls.Certificate) (*tls.Certificate, error) {
	err := usable(pair.Leaf, c.cfg.Now())
	if err != nil && c.cfg.Production {
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	if err != nil {
		c.cfg.Logger.Warn("senders may refuse the TLS certificate; production mode would", "error", err)
	}
	return pair, nil
}

// known tells whether the files were like this the last time, and remembers.
func (c *Certificate) known(content []byte) bool {
	last := c.seen
	c.seen = sha256.Sum256(content)
	return c.seen == last
}
