// Package fsm is a state machine as data: states, events and a dense table in which every state × event cell is
// declared with a verdict, a next state and a reason sentence. Nothing is left to a default branch.
//
// [New] checks a [Spec] as a whole and refuses one that is not completely declared. [Machine.Step] is then a pure
// function of state, event and facts that allocates nothing; [Machine.Explain] says why. The untyped [Definition]
// gives permitted events, shortest paths and renderings. The package knows no provider, no clock and no network.
package fsm
