package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Machine is where and how a run was measured.
type Machine struct {
	System    string // operating system and architecture
	Processor string // as the system names it; "" where it does not
	Cores     int
	Go        string
	Transport string
	Events    int
	Resources int
	Stored    int // events of the tables stores and rebuild
	Users     int // whom these are about
	Rounds    int
	Database  string // "" without one
	Date      string // of the run, YYYY-MM-DD
}

// here describes this machine.
func here(c Config, now time.Time) Machine {
	return Machine{
		System: runtime.GOOS + "/" + runtime.GOARCH, Processor: processor(), Cores: runtime.GOMAXPROCS(0), Go: runtime.Version(),
		Transport: c.Transport, Events: c.Events, Resources: c.Resources, Stored: c.Stored, Users: c.storedUsers(), Rounds: c.Rounds, Date: now.UTC().Format(time.DateOnly),
	}
}

// String is one line for the head of a report.
func (m Machine) String() string {
	name := m.Processor
	if name != "" {
		name = ", " + name
	}
	database := m.Database
	if database != "" {
		database = ", " + database
	}
	return fmt.Sprintf("%s, %d cores%s, %s%s; %d events of %d resources, stores and rebuild %d of %d, transport %s, %d rounds; %s",
		m.System, m.Cores, name, m.Go, database, m.Events, m.Resources, m.Stored, m.Users, m.Transport, m.Rounds, m.Date)
}

// processor is the model's name on Linux.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
