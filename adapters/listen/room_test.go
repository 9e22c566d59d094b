package listen

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// member is a connection that nobody serves.
func member(t *testing.T, r *room) (c *conn, other net.Conn) {
	t.Helper()
	raw, other := net.Pipe()
	t.Cleanup(func() { _, _ = raw.Close(), other.Close() })
	return &conn{Conn: raw, raw: raw, room: r}, other
}

func TestOnlyWhoeverWaitsCanLoseItsPlace(t *testing.T) {
	t.Parallel()
	r := newRoom(nil, Config{MaxConns: 2})
	first, _ := member(t, r)
	second, out := member(t, r)
	third, _ := member(t, r)
	require.NoError(t, out.SetDeadline(time.Now().Add(time.Minute)))
	require.True(t, r.enter(first))
	require.True(t, r.enter(second))
	assert.Equal(t, 2, r.waiting.Len())
	r.begin(first)
	assert.Equal(t, 1, r.waiting.Len(), "a request under way does not wait")

	require.True(t, r.enter(third), "the second loses its place, though the first is older")
	_, err := out.Read(make([]byte, 1))
	require.Error(t, err)
	assert.False(t, first.gone)
	assert.True(t, second.gone)
	require.NoError(t, second.Close(), "it is not counted twice")
	assert.Equal(t, 2, r.open)

	r.rest(first)
	assert.Equal(t, 2, r.waiting.Len())
	assert.Same(t, third, r.waiting.Front().Value, "whoever was answered waits anew")
	r.rest(second)
	assert.Equal(t, 2, r.waiting.Len(), "who is gone does not wait")
	require.NoError(t, first.Close())
	require.NoError(t, first.Close())
	require.NoError(t, third.Close())
	assert.Zero(t, r.open)
	assert.Zero(t, r.waiting.Len())
}
