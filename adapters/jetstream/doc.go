// Package jetstream keeps the log of events in one NATS JetStream stream.
//
// [OpenLog] makes the stream, or checks that the one that stands there can be the only truth: file storage, limits
// retention, nothing thrown away when it is full, no deleting and no purging. So every sequence from the first to the
// last holds one record, and a sequence that is missing is damage. A cursor checks that for every record it returns,
// and compares where it stood with what the log says each time it has to ask the server anew.
//
// The package works with a server of its own process (package embedded) and with any other, single or replicated. It
// does not link the server.
package jetstream
