package listen

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// ErrConfig is wrapped by the errors of [New] and [NewCertificate].
var ErrConfig = errors.New("listen: the configuration cannot be used")

// Config says what is served and how much of it at a time.
type Config struct {
	// Handler answers the requests. Required. It answers under a bound of WriteTimeout.
	Handler http.Handler
	// Certificate makes the server speak TLS. nil: plain HTTP.
	Certificate *Certificate
	// MaxConns is how many connections there may be at a time. 0: 1024.
	MaxConns int
	// MaxHeader bounds request line and headers together, in bytes, with 4 KiB to spare. What is longer is answered with 414
	// while the line has not ended, and with 431 after. 0: 32 KiB; at least 4 KiB. A connection costs little more memory.
	MaxHeader int
	// ReadTimeout bounds the handshake of TLS, and after that each request, from its first byte on; a connection that says
	// nothing at all is given as long, and so is one that goes on after it was refused. 0: 5 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds an answer, from the end of the request's headers on. 0: 10 s.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection is kept between two requests. 0: 1 minute.
	IdleTimeout time.Duration
	// Refused, when set, is told the status (400, 414 or 431) of every answer that was given in the handler's place. It must
	// be quick and safe for concurrent use.
	Refused func(status int)
	// Now is the clock by which log lines are kept few. nil: time.Now.
	Now func() time.Time
	// Logger hears of handshakes that failed, now and then, and of defects. nil: nobody.
	Logger *slog.Logger
}

// The bounds of a Config.
const (
	defaultMaxConns  = 1024
	defaultMaxHeader = 32 << 10
	leastMaxHeader   = 4 << 10
)

// withDefaults fills in the zero values.
func (c Config) withDefaults() Config {
	c.MaxConns = cmp.Or(c.MaxConns, defaultMaxConns)
	c.MaxHeader = cmp.Or(c.MaxHeader, defaultMaxHeader)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, 5*time.Second)
	c.WriteTimeout = cmp.Or(c.WriteTimeout, 10*time.Second)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Refused == nil {
		c.Refused = func(int) {}
	}
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	return c
}

// validate reports all problems at once.
func (c Config) validate() error {
	var problems []string
	if c.Handler == nil {
		problems = append(problems, "Handler is missing: give what answers the requests")
	}
	if c.MaxConns < 1 {
		problems = append(problems, fmt.Sprintf("MaxConns %d: give at least 1, or 0 for the default", c.MaxConns))
	}
	if c.MaxHeader < leastMaxHeader {
		problems = append(problems, fmt.Sprintf("MaxHeader %d: give at least %d bytes, or 0 for the default", c.MaxHeader, leastMaxHeader))
	}
	if min(c.ReadTimeout, c.WriteTimeout, c.IdleTimeout) < 0 {
		problems = append(problems, "a timeout is negative: give a duration, or 0 for the default")
	}
	return problem(problems)
}

// problem makes one error of all problems.
func problem(all []string) error {
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(all, "; "))
}
