package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/projections"
)

// Codes of the server's answers that the client library has no name for.
const (
	codeAccountLimit    jetstream.ErrorCode = 10002
	codeNoResources     jetstream.ErrorCode = 10023
	codeNoMemory        jetstream.ErrorCode = 10028
	codeNoStorage       jetstream.ErrorCode = 10047
	codeNotMade         jetstream.ErrorCode = 10049
	codeOtherStream     jetstream.ErrorCode = 10060
	codeSubjectsTaken   jetstream.ErrorCode = 10065
	codeStoreFailed     jetstream.ErrorCode = 10077
	codeCopyInProcess   jetstream.ErrorCode = 10158
	codeTooManyRequests jetstream.ErrorCode = 10167
)

// gone are the client library's ways to say that the server did not answer.
var gone = []error{
	context.DeadlineExceeded, nats.ErrTimeout, nats.ErrNoResponders, nats.ErrDisconnected, nats.ErrNoServers,
	nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded,
	nats.ErrStaleConnection, nats.ErrInvalidConnection, nats.ErrBadSubscription,
	jetstream.ErrNoStreamResponse, jetstream.ErrAsyncPublishTimeout, jetstream.ErrConnectionClosed,
	jetstream.ErrJetStreamPublisherClosed, jetstream.ErrStreamNotFound, jetstream.ErrNoHeartbeat,
	jetstream.ErrServerShutdown, jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount,
	nats.ErrStreamNotFound, nats.ErrJetStreamNotEnabled,
}

// explain wraps an error once: what was being done, which of the port's errors it is, and what the server said. The
// context is the request's: a lost connection ends it.
func explain(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	if advice := refused(err); advice != "" {
		return fmt.Errorf("jetstream: %s: %s: %w", doing, advice, err)
	}
	if kind := portError(err); kind != nil {
		return fmt.Errorf("jetstream: %s: %w (%w)", doing, kind, err)
	}
	return fmt.Errorf("jetstream: %s: %w", doing, err)
}

// portError finds which of the port's errors a client or server error is; nil for none.
func portError(err error) error {
	for _, known := range gone {
		if errors.Is(err, known) {
			return projections.ErrAway
		}
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return nil
	}
	switch {
	case isFull(api):
		return projections.ErrFull
	case api.Code >= 500 || api.ErrorCode == codeTooManyRequests:
		return projections.ErrAway
	}
	return nil
}

// isFull tells whether the server refused a record for want of room.
func isFull(api *jetstream.APIError) bool {
	switch api.ErrorCode {
	case codeAccountLimit, codeNoResources, codeNoMemory, codeNoStorage:
		return true
	case codeStoreFailed:
		return strings.Contains(api.Description, "maximum") || strings.Contains(api.Description, "no space left")
	}
	return false
}

// refused tells what to do about an answer that no waiting will change; "" for all others.
func refused(err error) string {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return "the event is larger than the server takes: raise max_payload or shorten it"
	case !errors.As(err, &api):
		return ""
	case api.ErrorCode == jetstream.JSErrCodeStreamMessageExceedsMaximum:
		return "the event is larger than the stream takes: raise max_msg_size or shorten it"
	case api.ErrorCode == codeOtherStream:
		return "another stream holds the subjects: give the log a Prefix of its own"
	case api.ErrorCode == codeSubjectsTaken:
		return "another stream holds the subjects: give the log a Prefix of its own, or name that stream"
	}
	return ""
}

// isNotFound tells that there is no such message.
func isNotFound(err error) bool {
	return errors.Is(err, nats.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgNotFound)
}

// copyInProcess tells whether the same event is being stored by somebody else at this moment.
func copyInProcess(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeCopyInProcess
}
