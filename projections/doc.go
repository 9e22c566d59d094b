// Package projections says what is true now: it folds a log of events into read models.
//
// A [Model] says which resource a record belongs to and what one instant does to it; [NewMachines] and [Follow] make that
// from state machines, by the fold rules, in a few lines. The engine does the rest, alike for every model: it sorts, drops
// copies, refolds what arrives late, hides what is behind the horizon and tells transitions. [Fold] is the pure function;
// a [Projector] keeps a [Store] in agreement with it while it reads a [Log], and [Read] gives typed views back.
//
// The package knows no provider, no clock and no network and starts no goroutine: [Projector.Run] uses its caller's, time
// enters as an event, and waiting between attempts comes in by [Config]. Its contract: any order and any repetition of
// the same records gives the same documents, byte for byte (law 3), rows and checkpoint move together (law 6), and a
// resource on which a model fails stops alone (law 11).
package projections
