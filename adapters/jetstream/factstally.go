package jetstream

import (
	"sync/atomic"
	"time"
)

// FactsTally is what was done for facts since they were opened.
type FactsTally struct {
	// Single and Batched are facts that were stored, one by one and in batches; Batches is in how many.
	Single, Batched, Batches uint64
	// Known are facts that were given to Publish although they were there already: after a crash, or where a store in memory
	// is filled again.
	Known uint64
	// Refused are messages and batches that were refused because they did not follow what was there, or because the server
	// took no batch. What they held was looked up or sent again.
	Refused uint64
	// Spent is how long Publish took in all.
	Spent time.Duration
}

// tally counts.
type tally struct {
	single, batched, batches, known, refused atomic.Uint64
	spent                                    atomic.Int64
}

// Tally tells what was done for facts since they were opened.
func (f *Facts) Tally() FactsTally {
	t := &f.tally
	return FactsTally{
		Single: t.single.Load(), Batched: t.batched.Load(), Batches: t.batches.Load(),
		Known: t.known.Load(), Refused: t.refused.Load(), Spent: time.Duration(t.spent.Load()),
	}
}
