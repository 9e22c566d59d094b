package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The ways to the server.
const (
	TCP     = "tcp"     // loopback, as for a server that runs by itself
	Process = "process" // inside the process, without a network
)

// Config says how much is measured. The zero value takes about two minutes on two cores.
type Config struct {
	// Events is how many events a stream holds. 0: 100,000.
	Events int
	// Resources is how many users they are about, in turns. 0: 10,000. A user has at most 900 events.
	Resources int
	// Stored is how many events the streams of the tables stores and rebuild hold, about a tenth as many users. 0: as many as
	// Events.
	Stored int
	// Postgres is the URL of a database for these tables, in which they make schemas of their own and remove them again. "":
	// what needs one is left out, and the report says so.
	Postgres string
	// Rounds is how often every contender runs; those of stores and rebuild at most three times. 0: 5.
	Rounds int
	// Transport is TCP or Process. "": TCP.
	Transport string
	// Requests is how many notifications the callers of the ingress send together in one round. 0: 2,000.
	Requests int
	// Latency is for how long 200 notifications a second are sent in one round. 0: 2 seconds.
	Latency time.Duration
	// Largest is how many resources the growth ends with; it begins with a hundredth. 0: 1,000,000.
	Largest int
	// Only lists the tables to measure, or single cases as table/case; baselines run with every case. Empty: everything.
	Only []string
	// Dir is where the streams are kept meanwhile; it says which disk is measured. "": the system's temporary directory.
	Dir string
	// Progress is told what comes next: preparing a table (round 0), and each of its rounds, which are so many; nil: nobody.
	Progress func(table string, round, of int)
}

// Bounds that keep a run meaningful.
const (
	leastResources = 20  // fewer, and two events of one user fall into one second
	mostPerUser    = 900 // at 1,000 events inside the horizon a resource is parked
	mostResources  = 50_000
	leastLargest   = 2_000
)

// withDefaults puts in what the zero values stand for.
func (c Config) withDefaults() Config {
	number := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	number(&c.Events, 100_000)
	number(&c.Resources, 10_000)
	number(&c.Stored, c.Events)
	number(&c.Rounds, 5)
	number(&c.Requests, 2_000)
	number(&c.Largest, 1_000_000)
	if c.Transport == "" {
		c.Transport = TCP
	}
	if c.Latency == 0 {
		c.Latency = 2 * time.Second
	}
	if c.Progress == nil {
		c.Progress = func(string, int, int) {}
	}
	return c
}

// ErrConfig is wrapped by the error of a Run that was asked for something that cannot be measured.
var ErrConfig = errors.New("bench: that cannot be measured")

// validate reports every problem of a configuration whose defaults are in.
func (c Config) validate() error {
	var problems []string
	wrong := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	wrong(c.Resources < leastResources || c.Resources > mostResources,
		"Resources is %d: give %d to %d", c.Resources, leastResources, mostResources)
	wrong(c.Events < c.Resources || c.Events > mostPerUser*c.Resources,
		"Events is %d: give 1 to %d for each of the %d resources", c.Events, mostPerUser, c.Resources)
	wrong(c.Stored < leastResources, "Stored is %d: give at least %d", c.Stored, leastResources)
	wrong(c.Rounds < 1, "Rounds is %d: give at least 1", c.Rounds)
	wrong(c.Transport != TCP && c.Transport != Process, "Transport is %q: give %s or %s", c.Transport, TCP, Process)
	wrong(c.Requests < callers[len(callers)-1], "Requests is %d: give at least one to each of %d callers", c.Requests, callers[len(callers)-1])
	wrong(c.Latency < every, "Latency is %s: give time for at least one request", c.Latency)
	wrong(c.Largest < leastLargest, "Largest is %d: give at least %d", c.Largest, leastLargest)
	for _, name := range c.Only {
		wrong(!slices.Contains(names(c), name), "there is no table or case %q: have %s", name, strings.Join(names(c), ", "))
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrConfig, strings.Join(problems, "; "))
}

// storedUsers is how many users the long streams are about.
func (c Config) storedUsers() int { return max(c.Stored/10, leastResources) }

// names lists what Only may hold.
func names(c Config) []string {
	var list []string
	for _, k := range courses(c) {
		list = append(list, k.Name)
		for _, f := range k.Figures {
			list = append(list, k.Name+"/"+f.Case)
		}
	}
	return list
}

// wants tells whether a case is to be measured.
func (c Config) wants(table, name string) bool {
	return len(c.Only) == 0 || slices.Contains(c.Only, table) || slices.Contains(c.Only, table+"/"+name)
}
