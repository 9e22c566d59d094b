package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadModelsGoOnWhereTheyWereUnlessTheyLiveInMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serveIn(t, dir)
	p.notify(t, s4Query)
	_, want := p.read(t, "/v1/users/"+s4User)
	p.stop(t)
	for store, admitted := range map[string]string{"kv": `"admitted":0`, "memory": `"admitted":2`} {
		p = serveIn(t, dir, "--store", store)
		_, have := p.read(t, "/v1/users/"+s4User)
		assert.Equal(t, string(want), string(have), store)
		_, health := p.read(t, "/healthz")
		assert.Contains(t, string(health), admitted, "%s: the user and the hook of its EventType", store)
		p.stop(t)
	}
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
