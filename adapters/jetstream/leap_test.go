package jetstream

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A message that was lost on its way leaves a gap in the consumer's own count, whatever the stream's sequences do.
func TestOnlyWhatTheServerDidNotSendIsPassedOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		foreign  *foreign
		consumer uint64
		leaps    bool
	}{
		{nil, 4, false},
		{&foreign{}, 4, false},
		{&foreign{filter: "a"}, 4, true},
		{&foreign{filter: "a"}, 5, false},
		{&foreign{ForeignConfig: ForeignConfig{AcceptLoss: true}}, 4, true},
		{&foreign{ForeignConfig: ForeignConfig{AcceptLoss: true}}, 6, false},
	} {
		at := &cursor{log: &Log{foreign: c.foreign}, at: &attachment{consumed: 3}, want: 7}
		assert.Equal(t, c.leaps, at.leap(delivery{stamp: stamp{seq: 9, consumer: c.consumer}}), "%+v", c)
		assert.Equal(t, c.leaps, at.want == 9)
	}
}
