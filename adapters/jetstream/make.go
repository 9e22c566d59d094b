package jetstream

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"
)

// maker is what finding and making a stream needs of a client.
type maker interface {
	Stream(ctx context.Context, name string) (jetstream.Stream, error)
	CreateStream(ctx context.Context, config jetstream.StreamConfig) (jetstream.Stream, error)
}

// findOrMake returns the stream that stands under the name of a configuration, else a new one.
func findOrMake(ctx context.Context, js maker, config jetstream.StreamConfig) (jetstream.Stream, error) {
	s, err := js.Stream(ctx, config.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = makeStream(ctx, js, config)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // somebody else made it in this moment
		s, err = js.Stream(ctx, config.Name)
	}
	return s, err
}

// mostMakes is how often making a stream is tried. A deletion is in the way of two tries at most: see [makeStream].
const mostMakes = 5

// makeStream makes a stream. Once the last stream of an account is deleted, the server removes the account's two empty
// directories after it has answered, and they may vanish beneath a stream that is being made: that one is refused, and
// the same request is taken right after.
func makeStream(ctx context.Context, js maker, config jetstream.StreamConfig) (jetstream.Stream, error) {
	for try := 1; ; try++ {
		s, err := js.CreateStream(ctx, config)
		var api *jetstream.APIError
		if try == mostMakes || !errors.As(err, &api) || api.ErrorCode != codeNotMade {
			return s, err
		}
	}
}
