// Package proptest says why the rest is believed: the laws that every machine and every read model keeps, as functions
// that a test calls, generators of histories to try them on, and scenarios written as text.
//
// The laws know no provider. A platform that adds a machine or a model of its own calls the same functions:
//
//	proptest.Total(t, payouts, want, nil)               // every cell is what you wrote down by hand
//	proptest.Oracle(t, payouts, want, nil)              // and what another engine makes of your table
//	proptest.OrderFree(t, Payouts, histories)           // arrival order and repetition change nothing
//
// A law reports to a [TB] and fails it with everything that it found, never with the first finding alone. Each of them
// is itself tested on machines and models that are broken on purpose. Histories are drawn by pgregory.net/rapid, so a
// failure is shrunk to the smallest history that shows it, and printed with the flag that replays it.
//
// The package imports testing libraries. No shipped binary may import it.
package proptest

import "pgregory.net/rapid"

// TB is what laws report to: a *testing.T, a *testing.B or a *rapid.T.
type TB = rapid.TB
