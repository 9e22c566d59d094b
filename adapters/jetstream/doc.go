// Package jetstream keeps the log of events in one NATS JetStream stream, and read models in KV buckets.
//
// [OpenLog] makes the stream, or checks that the one that stands there can be the only truth: file storage, limits
// retention, nothing thrown away when it is full, no deleting and no purging. So every sequence from the first to the
// last holds one record, and a sequence that is missing is damage. A cursor checks that for every record it returns,
// and compares where it stood with what the log says each time it has to ask the server anew.
//
// [OpenForeign] reads a stream that somebody else made and fills, through a [Decoder], and changes nothing of it. Such a
// stream has other rules: its sequences may leave numbers out, and its messages leave it. There the consumer's own count
// proves that nothing was lost on the way, and a position that nothing left unread. [Import] copies it into our log.
//
// [OpenStore] keeps the read models, one bucket for each. The log is the truth, so a bucket need not be written through to
// the disk for every row; what a killed server forgot of it is noticed, and folded again.
//
// [OpenFacts] keeps the transitions of the read models in a stream for others, once each and in order for each resource.
//
// The package works with a server of its own process (package embedded) and with any other, single or replicated. It
// does not link the server.
package jetstream
