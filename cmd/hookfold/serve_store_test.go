package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/snapshot"
)

func TestReadModelsGoOnWhereTheyWere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)
	p.stop(t)
	for _, c := range []struct{ store, admitted, why string }{
		{"kv", `"admitted":0`, "the buckets are there"},
		{"memory", `"admitted":2`, "there is no copy yet: the user and the hook of its EventType"},
		{"memory", `"admitted":0`, "there is one now"},
	} {
		p = serveIn(t, dir, "--store", c.store, "--snapshot-every", "0")
		_, have := p.read(t, "/v1/users/"+s4User)
		assert.Equal(t, string(want), string(have), c.why)
		_, health := p.read(t, "/healthz")
		assert.Contains(t, string(health), c.admitted, c.why)
		p.stop(t)
	}
}

func TestACopyThatIsDamagedIsFoldedAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir, "--store", "memory")
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)
	p.stop(t)
	file := filepath.Join(dir, snapshot.FileName)
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	b[len(b)/2] ^= 1
	require.NoError(t, os.WriteFile(file, b, 0o600))
	p = serveIn(t, dir, "--store", "memory")
	_, have := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, string(want), string(have))
	p.stop(t)
}

func TestReadModelsThatHaveSeenMoreThanTheLogHoldsAreFoldedAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	p.notify(t, s4Query)
	p.stop(t)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "jetstream", "$G", "streams", "HOOKFOLD")))
	p = serveIn(t, dir, "--accept-loss")
	status, _ := p.read(t, "/v1/users/"+s4User)
	assert.Equal(t, 404, status, "the log does not know it any more")
	p.notify(t, "EventType=USER_KYC_REGULAR&RessourceId=u&Date=1743627006")
	assert.Equal(t, "REGULAR", p.user(t, "u").KYCLevel)
	p.stop(t)
}
