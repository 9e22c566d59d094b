// Package killtest runs copies of a test's own binary that work until they are killed. TestMain of the package knows by
// its environment that it is such a copy, and what it has to do.
package killtest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what a child must say.
const patience = 60 * time.Second

// Child is such a copy.
type Child struct {
	// Lines are what it says, without those that its end cut off; closed when it has ended.
	Lines <-chan string

	t         testing.TB
	cmd       *exec.Cmd
	in        io.Writer
	complaint bytes.Buffer // whole once it was waited for
	waited    bool
}

// Begin starts a copy that finds these variables in its environment. It does not outlive the test.
func Begin(t testing.TB, env ...string) *Child {
	t.Helper()
	c := &Child{t: t, cmd: exec.CommandContext(t.Context(), os.Args[0])}
	c.cmd.Env, c.cmd.Stderr = append(os.Environ(), env...), &c.complaint
	var out io.Reader
	var err error
	if c.in, err = c.cmd.StdinPipe(); err == nil {
		out, err = c.cmd.StdoutPipe()
	}
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1<<16)
	c.Lines = lines
	go func() {
		defer close(lines)
		for r := bufio.NewReader(out); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			lines <- strings.TrimSuffix(line, "\n")
		}
	}()
	t.Cleanup(func() {
		if !c.waited {
			_ = c.cmd.Process.Kill() // it may have ended
			c.wait()
		}
	})
	return c
}

// Await reads lines until one begins so, and returns that one.
func (c *Child) Await(prefix string) string {
	c.t.Helper()
	late := time.After(patience)
	for last := ""; ; {
		select {
		case line, ok := <-c.Lines:
			if strings.HasPrefix(line, prefix) {
				return line
			}
			if !ok {
				c.wait()
				c.t.Fatalf("the child ended before it said %q; it said %q last: %s", prefix, last, &c.complaint)
			}
			last = line
		case <-late:
			c.t.Fatalf("the child did not say %q", prefix)
		}
	}
}

// Kill kills the child, which must not have ended by itself nor complained, and returns what it still had said.
func (c *Child) Kill() (rest []string) {
	c.t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		c.wait()
		c.t.Fatalf("the child ended before it was killed: %s", &c.complaint)
	}
	rest, status := c.wait()
	if status.Signal() != syscall.SIGKILL || c.complaint.Len() > 0 {
		c.t.Fatalf("the child did not work until it was killed: %s", &c.complaint)
	}
	return rest
}

// Signal sends a signal after which the child lives on.
func (c *Child) Signal(s os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// Say sends a line to the child.
func (c *Child) Say(word string) {
	c.t.Helper()
	if _, err := fmt.Fprintln(c.in, word); err != nil {
		c.t.Fatal(err)
	}
}

// Fail waits until the child ends by itself because something failed, and returns what it complained of.
func (c *Child) Fail() string {
	c.t.Helper()
	if _, status := c.wait(); !status.Exited() || status.ExitStatus() == 0 {
		c.t.Fatalf("the child did not fail: %s", c.cmd.ProcessState)
	}
	return c.complaint.String()
}

// wait reads what is left of a child that ends.
func (c *Child) wait() (rest []string, status syscall.WaitStatus) {
	for line := range c.Lines {
		rest = append(rest, line)
	}
	c.waited = true
	_ = c.cmd.Wait() // the status says more
	status, _ = c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return rest, status
}

// Number is what an environment variable says, such as how often to kill.
func Number(t testing.TB, env string, otherwise int) int {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	return n
}
