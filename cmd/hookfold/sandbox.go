package main

import (
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/hookfold/hookfold/adapters/listen"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox"
	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/timeline"
)

// sandboxCmd plays the provider. Its variables are its own: a server beside it has others of the same names.
type sandboxCmd struct {
	Listen     string        `help:"Address of the sandbox. Whoever reaches it can do anything in it." default:"127.0.0.1:7702" env:"HOOKFOLD_SANDBOX_LISTEN"`
	Speed      float64       `help:"How fast the provider's clock runs. At 0 it stands still until the control API moves it." default:"1" env:"HOOKFOLD_SANDBOX_SPEED" placeholder:"N"`
	Behind     time.Duration `help:"How far behind ours the provider's clock begins: scenarios move it on, and what is dated in our future is not believed before its time." default:"10m" env:"HOOKFOLD_SANDBOX_BEHIND"`
	Production bool          `help:"Behave as the provider's Production: refuse names that look made up, and let nobody bypass SCA." env:"HOOKFOLD_SANDBOX_PRODUCTION"`
	ClientID   string        `help:"With --api-key, the only credentials that are taken; any are without them." placeholder:"ID"`
	APIKey     string        `name:"api-key" help:"The client's API key." placeholder:"KEY"`
	Seed       uint64        `help:"Make the same identifiers in every run; 0: other ones each time." default:"0" env:"HOOKFOLD_SANDBOX_SEED" placeholder:"N"`
	SelfSigned bool          `help:"Notify receivers whose certificate nobody vouches for, too." env:"HOOKFOLD_SANDBOX_SELF_SIGNED"`
}

// The bounds of a request to the sandbox: a page of a document is large, and a clock that is moved by days answers when
// everything that came due has been sent.
const (
	sandboxRead  = time.Minute
	sandboxWrite = 5 * time.Minute
)

// Run plays the provider until the context ends.
func (c *sandboxCmd) Run(e env) error {
	logger := slog.New(slog.NewTextHandler(e.err, nil))
	clock := timeline.New(time.Now().Add(-c.Behind))
	provider, err := c.provider(clock)
	if err != nil {
		return err
	}
	at, err := open(c.Listen, listen.Config{Handler: provider, ReadTimeout: sandboxRead, WriteTimeout: sandboxWrite, Logger: logger})
	if err != nil {
		return exit(exitUnreachable, "the sandbox cannot listen: %w", err)
	}
	if !loopback(c.Listen) {
		logger.Warn("others can reach the sandbox: whoever does can do anything in it, and let it send requests")
	}
	logger.Info("sandbox", "url", at.url(), "api", at.url()+"/v2.01/{ClientId}", "control", at.url()+"/_sandbox/", "speed", c.Speed)
	return c.run(e.ctx, provider, clock, at, logger)
}

// provider makes the sandbox.
func (c *sandboxCmd) provider(clock *timeline.Timeline) (*sandbox.Sandbox, error) {
	if (c.ClientID == "") != (c.APIKey == "") {
		return nil, exit(exitUsage, "--client-id and --api-key belong together: give both or neither")
	}
	if !(c.Speed >= 0 && c.Speed <= timeline.MaxSpeed) {
		return nil, exit(exitUsage, "--speed: give a number from 0 to %d", int(timeline.MaxSpeed))
	}
	if c.Behind < 0 {
		return nil, exit(exitUsage, "--behind: give a duration that is not negative")
	}
	cfg := sandbox.Config{Timeline: clock, Speed: c.Speed, Production: c.Production, Random: c.random()}
	cfg.Sender.SelfSigned = c.SelfSigned
	if c.ClientID != "" {
		cfg.Clients = map[string]string{c.ClientID: c.APIKey}
	}
	provider, err := sandbox.New(cfg)
	if err != nil {
		return nil, exit(exitUsage, "%w", err)
	}
	return provider, nil
}

// random is the source of identifiers; nil: the system's.
func (c *sandboxCmd) random() io.Reader {
	if c.Seed == 0 {
		return nil
	}
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], c.Seed)
	return rand.NewChaCha8(seed)
}

// run serves and lets the clock run, and ends both: notifications at once, because retries would go on for days, requests when
// they are answered.
func (c *sandboxCmd) run(ctx context.Context, provider *sandbox.Sandbox, clock *timeline.Timeline, at *listener, logger *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	running, stand := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error { return clock.Run(running, c.Speed) })
	group.Go(func() error { return at.server.Serve(at.Listener) })
	group.Go(func() error {
		<-ctx.Done()
		logger.Info("stopping")
		defer stand()
		provider.Close()
		return stop(at.server)
	})
	if err := group.Wait(); err != nil {
		return exit(exitUnreachable, "%w", err)
	}
	return nil
}
