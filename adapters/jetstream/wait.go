package jetstream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// wait returns when there is something to take, or the consumer was given up. silent says that the server promised a
// record and none came.
func (c *cursor) wait(ctx context.Context) (silent bool, err error) {
	var full, silence <-chan time.Time
	for {
		some, ripe := c.at.inbox.state()
		switch {
		case ripe || some && c.doubt:
			return false, nil
		case c.doubt:
			c.drop()
			return false, nil
		case some && full == nil:
			full, silence = time.After(c.log.config.Gather), nil
		case !some && c.more && silence == nil:
			silence = time.After(promise)
		}
		select {
		case <-c.at.inbox.arrived:
		case <-full:
			return false, nil
		case <-silence:
			return true, nil
		case err = <-c.at.fault:
			err = c.fault(err)
		case status := <-c.status:
			err = c.changed(status)
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return false, err
		}
	}
}

// fault judges an error of the consumer. The caller hears of it when the connection is closed, or when one consumer
// after the other fails at once.
func (c *cursor) fault(err error) error {
	c.doubt = true
	if time.Since(c.at.made) > longestPause {
		c.faults = 0
	}
	c.faults++
	c.alone = c.faults > 1 // perhaps it is the next record at which consumers fail
	if c.faults < faultsInARow && !c.log.nc.IsClosed() {
		return nil
	}
	c.faults = 0
	return fmt.Errorf("jetstream: reading stream %s: %w (%w)", c.log.config.Stream, projections.ErrAway, err)
}

// changed judges a change of the connection: what the consumer sent while there was none is lost.
func (c *cursor) changed(status nats.Status) error {
	c.doubt = true
	if status == nats.CLOSED {
		return fmt.Errorf("jetstream: reading stream %s: %w (the connection was closed)",
			c.log.config.Stream, projections.ErrAway)
	}
	return nil
}

// attach makes a consumer where the cursor stands, as often as it takes.
func (c *cursor) attach(ctx context.Context) error {
	pause := firstPause << c.faults
	if c.faults > 1 {
		if err := c.pause(ctx, pause); err != nil {
			return err
		}
	}
	for {
		at, err := c.log.attach(ctx, c.pos)
		if err == nil {
			c.use(at)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := c.again(err); err != nil {
			return err
		}
		if err := c.pause(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

// again gives the consumer up after an error that may pass, and returns every other one.
func (c *cursor) again(err error) error {
	if err == nil {
		return nil
	}
	c.drop()
	if errors.Is(err, projections.ErrAway) && !errors.Is(err, jetstream.ErrStreamNotFound) && !c.log.nc.IsClosed() {
		return nil
	}
	return err
}

// pause waits until it is worth while to ask the server again: some time, or without a connection until there is one.
func (c *cursor) pause(ctx context.Context, d time.Duration) error {
	var over <-chan time.Time
	if c.log.nc.IsConnected() {
		over = time.After(d)
	}
	select {
	case <-over:
		return nil
	case status := <-c.status:
		return c.changed(status)
	case <-ctx.Done():
		return ctx.Err()
	}
}
