// Package house holds the house: tests over the whole module that keep what DESIGN promises of its shape — which way
// imports point, what the pure packages never touch, what the binary links, how long things may be, and that every
// exported name is documented and every library package shows itself by an example.
//
// It has no code of its own. Every check is a function over small inputs, and a table beside it proves that it can fail.
package house
