package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/jetstream"
	"github.com/hookfold/hookfold/events/mangopay"
)

func TestALogThatVanishedIsNotBegunAgainWithoutAWord(t *testing.T) {
	t.Parallel()
	c := &serveCmd{Data: t.TempDir()}
	logger := slog.New(slog.DiscardHandler)
	keep, err := c.open(t.Context(), logger)
	require.NoError(t, err)
	n := mangopay.Notification{Type: mangopay.UserKYCRegular, ResourceID: "u", Date: 1743627006}
	_, err = keep.log.Append(t.Context(), n.Event(""))
	require.NoError(t, err)
	require.NoError(t, keep.witness.Note(t.Context()))
	keep.close()

	require.NoError(t, os.RemoveAll(filepath.Join(c.Data, "jetstream")))
	_, err = c.open(t.Context(), logger)
	require.ErrorIs(t, err, jetstream.ErrLost)
	require.ErrorContains(t, err, "--accept-loss")
	c.AcceptLoss = true
	keep, err = c.open(t.Context(), logger)
	require.NoError(t, err)
	keep.close()
}
