package jetstream

import (
	"context"
	"testing"

	natsjs "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// cleaning is a server whose directories vanish beneath the first streams that are made.
type cleaning struct {
	left, made int
	answer     error
}

// Stream implements maker.
func (c *cleaning) Stream(context.Context, string) (natsjs.Stream, error) {
	return nil, natsjs.ErrStreamNotFound
}

// CreateStream implements maker.
func (c *cleaning) CreateStream(context.Context, natsjs.StreamConfig) (natsjs.Stream, error) {
	c.made++
	if c.left--; c.left >= 0 {
		return nil, c.answer
	}
	return nil, nil
}

// storeFailed is what the server answers where it cannot make a directory.
var storeFailed = &natsjs.APIError{Code: 500, ErrorCode: 10049, Description: "error creating store for stream"}

func TestAStreamIsMadeThoughTheServerStillCleansUpAfterTheLastOneDeleted(t *testing.T) {
	t.Parallel()
	js := &cleaning{left: 2, answer: storeFailed}
	_, err := findOrMake(t.Context(), js, natsjs.StreamConfig{Name: "S"})
	require.NoError(t, err)
	require.Equal(t, 3, js.made)
}

func TestAServerThatCannotMakeStreamsIsAskedAFewTimesOnly(t *testing.T) {
	t.Parallel()
	js := &cleaning{left: 1 << 30, answer: storeFailed}
	_, err := findOrMake(t.Context(), js, natsjs.StreamConfig{Name: "S"})
	require.ErrorIs(t, err, storeFailed)
	require.Equal(t, 5, js.made)
}

func TestAStreamThatIsRefusedIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	js := &cleaning{left: 1, answer: &natsjs.APIError{Code: 400, ErrorCode: codeSubjectsTaken}}
	_, err := findOrMake(t.Context(), js, natsjs.StreamConfig{Name: "S"})
	require.ErrorIs(t, err, js.answer)
	require.Equal(t, 1, js.made)
}
