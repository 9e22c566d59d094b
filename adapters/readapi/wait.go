package readapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/hookfold/hookfold/projections"
)

// errWait says that ?wait= is not a sequence.
var errWait = errors.New("readapi: wait is not a log sequence: give the number of a Hookfold-Seq header")

// sequence reads ?wait=; 0 where none is asked for.
func sequence(asked string) (projections.Seq, error) {
	if asked == "" {
		return 0, nil
	}
	seq, err := strconv.ParseUint(asked, 10, 64)
	if err != nil {
		return 0, errWait
	}
	return projections.Seq(seq), nil
}

// wait holds a request until the read models have come far enough.
func (a *api) wait(ctx context.Context, want projections.Seq) error {
	if a.cfg.Ready != nil {
		ready, cancel := context.WithTimeout(ctx, a.cfg.WaitMost)
		defer cancel()
		if err := a.cfg.Ready(ready); err != nil {
			return err
		}
	}
	if want == 0 {
		a.waitLatest(ctx)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.WaitMost)
	defer cancel()
	return a.cfg.Wait(ctx, want)
}

// waitLatest waits for what this process has seen, but shows what there is when that takes long.
func (a *api) waitLatest(ctx context.Context) {
	if a.cfg.Latest == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.WaitLatest)
	defer cancel()
	_ = a.cfg.Wait(ctx, a.cfg.Latest()) // lag is no error here: the header tells what is shown
}

// reading bounds the reading of documents.
func (a *api) reading(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), a.cfg.ReadMost)
}
