// Package live joins the pure tables to github.com/looplab/fsm, for code that wants callbacks. [Events] and [EventsFor]
// export a table as looplab's transitions; [New] gives a live object: the table judges every event, looplab calls back.
//
// The live object keeps its state itself and gives looplab one transition at a time, on an object that is thrown away
// afterwards. That fences what an object of looplab's own can run into:
//
//   - a cancelled context, an asynchronous transition or a panic in a leave_ callback leaves looplab's object waiting
//     for a transition that never comes, and it refuses every later event;
//   - an event fired from a before_ or leave_ callback waits for itself for ever;
//   - e.FSM in a callback can set any state, past every table;
//   - a misspelt callback is silently dropped, and of a short and a full name for one thing either may win;
//   - a state named "" shares its place with the callbacks for all states, which are then called twice.
package live
