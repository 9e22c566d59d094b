// Package hook is what we know of one of our own hooks at the provider: its Validity as a machine, the run of
// consecutive failures as a [Counter] around it, and the times of the provider's retries ([Schedule]). All of it is S4
// (the webhooks guide): an e-mail at every 10th consecutive failure, INVALID at the 100th, back to zero on one success.
//
// The count is a lower bound in an outage, since a delivery that never reached us was not counted by us: a counter
// says so by Estimate, and what the API reads always wins.
//
// Beside it stands the switch of whoever owns the hook, Status, as a machine of its own ([StatusMachine]): it moves neither
// validity nor counter. Url is an attribute without a machine: S4 says that changing it does not reset the counter.
package hook
