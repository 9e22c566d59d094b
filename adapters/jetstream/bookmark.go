package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// bookmark says in a KV bucket beside our log how far somebody else's stream was imported. Writing it compares and sets:
// of two that import the same, the slower one hears of the other.
type bookmark struct {
	log      *Log
	kv       jetstream.KeyValue
	key      string
	revision uint64 // of what was read or written last; 0: nothing is there
}

// openBookmark opens the bookmark of an import, and makes the bucket where there is none.
func (l *Log) openBookmark(ctx context.Context, name string) (*bookmark, error) {
	ctx, cancel, err := l.link.request(ctx, patience)
	if err != nil {
		return nil, err
	}
	defer cancel()
	bucket := l.config.Stream + "-imports"
	kv, err := l.js.KeyValue(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = l.makeBookmarks(ctx, bucket)
	}
	if err != nil {
		return nil, explain(ctx, "opening bucket "+bucket, err)
	}
	return &bookmark{log: l, kv: kv, key: events.Token(name)}, nil
}

// makeBookmarks makes the bucket, on as many servers as keep the log.
func (l *Log) makeBookmarks(ctx context.Context, bucket string) (jetstream.KeyValue, error) {
	info, err := l.info(ctx)
	if err != nil {
		return nil, err
	}
	kv, err := l.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: bucket, Description: "how far Hookfold has imported the streams of others",
		Storage: jetstream.FileStorage, Replicas: info.Config.Replicas,
	})
	if errors.Is(err, jetstream.ErrBucketExists) { // somebody else made it in this moment
		return l.js.KeyValue(ctx, bucket)
	}
	return kv, err
}

// read returns how far the import has come; the zero Position if it never began.
func (b *bookmark) read(ctx context.Context) (projections.Position, error) {
	var p projections.Position
	ctx, cancel, err := b.log.link.request(ctx, patience)
	if err != nil {
		return p, err
	}
	defer cancel()
	entry, err := b.kv.Get(ctx, b.key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		b.revision = 0
		return p, nil
	}
	if err != nil {
		return p, explain(ctx, "reading how far the import has come", err)
	}
	if err := json.Unmarshal(entry.Value(), &p); err != nil {
		return p, fmt.Errorf("jetstream: how far the import has come cannot be read: delete key %s of bucket %s to import "+
			"everything again: %w", b.key, b.kv.Bucket(), err)
	}
	b.revision = entry.Revision()
	return p, nil
}

// write stores how far the import has come. Errors: projections.ErrFenced where somebody else wrote meanwhile.
func (b *bookmark) write(ctx context.Context, p projections.Position) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("jetstream: a position does not render: %w", err)
	}
	ctx, cancel, err := b.log.link.request(ctx, patience)
	if err != nil {
		return err
	}
	defer cancel()
	var revision uint64
	if b.revision == 0 {
		revision, err = b.kv.Create(ctx, b.key, value)
	} else {
		revision, err = b.kv.Update(ctx, b.key, value, b.revision)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return fmt.Errorf("jetstream: another process imports the same: %w", projections.ErrFenced)
	}
	if err != nil {
		return explain(ctx, "writing how far the import has come", err)
	}
	b.revision = revision
	return nil
}
