package postgres_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookfold/hookfold/internal/killtest"
)

// How often each kill test kills, and the seed of the instants at which it does.
const (
	killsEnv = "HOOKFOLD_PG_KILLS"
	seedEnv  = "HOOKFOLD_PG_SEED"
)

// kills is how often to kill: usual times where nobody says more.
func kills(t testing.TB, usual int) int {
	t.Helper()
	return killtest.Number(t, killsEnv, usual)
}

// instants draws them, and tells the seed.
func instants(t testing.TB) *rand.Rand {
	t.Helper()
	seed := killtest.Number(t, seedEnv, 1)
	t.Logf("%s=%d", seedEnv, seed)
	return rand.New(rand.NewPCG(uint64(seed), uint64(len(t.Name()))))
}

// trouble strikes a worker's database at random instants: before something is sent, when it is sent, or while the server
// works on it. It counts in which phase of the worker's work it struck.
type trouble struct {
	t      testing.TB
	rng    *rand.Rand
	strike func() error

	striking sync.Mutex
	late     sync.WaitGroup

	mu    sync.Mutex
	left  int           // strikes
	until int           // the next of them, in writes
	after int           // the write behind which to strike
	done  chan struct{} // closed by the last one
	phase string
	pid   uint32 // of the server's process at the other end
	met   map[string]int
}

func newTrouble(t testing.TB, strike func() error) *trouble {
	return &trouble{t: t, rng: instants(t), strike: strike, phase: outside, met: map[string]int{}}
}

// between is how many writes lie between two strikes at most; the least is a tenth of it.
const between = 90

// longest is how long a strike comes behind what was sent, at most.
const longest = 1500 * time.Microsecond

// wire is a way to the database that the trouble is on.
func (x *trouble) wire() *wire { return &wire{before: x.beforeWrite, after: x.afterWrite} }

// arm lets it strike so many times, and tells when it has.
func (x *trouble) arm(strikes int) (done <-chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.left, x.done = strikes, make(chan struct{})
	x.draw()
	return x.done
}

func (x *trouble) draw() { x.until = between/10 + x.rng.IntN(between*9/10) }

// beforeWrite draws the next strike and how it comes.
func (x *trouble) beforeWrite(n int) {
	x.mu.Lock()
	if x.until--; x.left == 0 || x.until > 0 {
		x.mu.Unlock()
		return
	}
	x.left--
	x.draw()
	how, last := x.rng.IntN(3), x.left == 0
	wait := time.Duration(x.rng.Int64N(int64(longest)))
	if how == 1 {
		x.after = n
	}
	x.mu.Unlock()
	switch how {
	case 0:
		x.hit(last)
	case 2:
		x.late.Go(func() {
			<-time.After(wait)
			x.hit(last)
		})
	}
}

// afterWrite strikes behind a write, when nobody knows what the server makes of it.
func (x *trouble) afterWrite(n int) {
	x.mu.Lock()
	now, last := x.after == n, x.left == 0
	x.mu.Unlock()
	if now {
		x.hit(last)
	}
}

func (x *trouble) hit(last bool) {
	x.striking.Lock()
	defer x.striking.Unlock()
	x.mu.Lock()
	x.met[x.phase]++
	x.mu.Unlock()
	if err := x.strike(); err != nil {
		x.t.Error(err)
	}
	if last {
		close(x.done)
	}
}

// struck tells where it struck, and how many strikes were inside of transactions.
func (x *trouble) struck() (where string, within int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var parts []string
	for _, phase := range slices.Sorted(maps.Keys(x.met)) {
		parts = append(parts, fmt.Sprintf("%s %d", phase, x.met[phase]))
		if phase != outside && phase != connecting {
			within += x.met[phase]
		}
	}
	return strings.Join(parts, ", "), within
}

// The phases of a worker's work at the database. All but the first two are inside of a transaction.
const (
	outside    = "outside of transactions"
	connecting = "connecting"
	beginning  = "at the begin"
	moving     = "at the checkpoint"
	writing    = "at the rows"
	committing = "at the commit"
)

func (x *trouble) enter(phase string, conn *pgx.Conn) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.phase = phase; conn != nil {
		x.pid = conn.PgConn().PID()
	}
}

// process is the server's process at the other end of the connection that is used.
func (x *trouble) process() uint32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.pid
}

// TraceQueryStart and the others are told by the driver what the worker does.
func (x *trouble) TraceQueryStart(ctx context.Context, conn *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	phase := outside
	switch {
	case q.SQL == "begin":
		phase = beginning
	case q.SQL == "commit":
		phase = committing
	case strings.HasPrefix(q.SQL, "INSERT INTO"):
		phase = writing
	}
	x.enter(phase, conn)
	return context.WithValue(ctx, x, phase)
}

func (x *trouble) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryEndData) {
	if ctx.Value(x) == committing || q.Err != nil {
		x.enter(outside, nil)
	}
}

func (x *trouble) TraceBatchStart(ctx context.Context, conn *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	x.enter(moving, conn)
	return ctx
}

func (x *trouble) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (x *trouble) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (x *trouble) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	x.enter(connecting, nil)
	return ctx
}

func (x *trouble) TraceConnectEnd(context.Context, pgx.TraceConnectEndData) { x.enter(outside, nil) }
