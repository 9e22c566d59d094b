// Package projections says what is true now: it folds a log of events into read models. It knows no provider, no
// clock, no network and starts no goroutine: [Projector.Run] uses its caller's, and the time enters as events.
package projections
