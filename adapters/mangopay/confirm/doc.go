// Package confirm turns claims into observations. It reads the log, asks the provider's API about every resource that a
// notification named (S4: "trigger a GET call on the relevant API object"), and appends what it learns to the same log, where
// read models fold it. It never touches a read model, so a replay needs no network.
//
// A [Confirmer] is a pure core with a thin shell around it. The core takes log records and answers and says what to read
// next, and when; it has no clock, network or goroutine. Whether a claim is answered it does not decide by rules of its own:
// it folds the records of a resource through the models of projections/views, with the answer among them. So it cannot
// disagree with the read models on what is confirmed.
//
// What nobody knows waits for what is known, so that a flood of made-up ids starves nobody: a backfill tells by
// [Confirmer.Vouch] what exists.
//
// The state of the core is derived from the log. Only a mark is kept beside it, the place up to which everything is answered
// and too old to matter; after a restart the log is read from there, and nothing is asked before its end is reached. A kill
// at any instant costs a few calls and leaves nothing double.
//
// Of the provider's objects only statuses, types, identifiers and dates enter the log.
package confirm
