// Package bench measures what the project promises of its speed and its size, beside baselines that anybody can check: a
// consumer that only counts (raw), the projector that one writes in an afternoon (JSON, looplab/fsm, one KV write and
// one acknowledgement a message), and pgx alone that writes the rows of a fold to PostgreSQL.
//
// [Run] measures, [Plan] tells what would be measured. Every table is a list of contenders that run in turns, in another
// order every round, in one process; ratios are taken inside a round, because rates of two rounds do not compare on a
// machine that is not quiet. Every run checks its own result: one that lost an event or ended with another document is an
// error and no figure.
//
// Client and server share the process and its cores, so every rate is that of both together; processor time per event,
// which is everybody's, is the figure that travels best.
package bench
