package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Kill ends every process of the server by SIGKILL, as a machine that stops ends them, and waits until the server answers
// again, after the recovery of what it had written. It needs the folder /proc of Linux.
func (s *Server) Kill(ctx context.Context) error {
	if err := s.slay(ctx); err != nil {
		return err
	}
	// Its locks are those of processes that are gone. A number may already be somebody else's.
	locks, _ := filepath.Glob(filepath.Join(s.dir, ".s.PGSQL.*.lock")) // the pattern is a good one
	for _, lock := range append(locks, s.lock()) {
		if err := os.Remove(lock); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return s.control(ctx, "start")
}

// lock is the file in which the server notes its process.
func (s *Server) lock() string { return filepath.Join(s.data(), "postmaster.pid") }

// slay ends all processes and waits for their end. The first of them is stopped before the others are looked for, so that
// it starts no more.
func (s *Server) slay(ctx context.Context) error {
	noted, err := os.ReadFile(s.lock())
	if err != nil {
		return err
	}
	line, _, _ := bytes.Cut(noted, []byte("\n"))
	first, err := strconv.Atoi(string(line))
	if err != nil {
		return fmt.Errorf("pgtest: the server's note of its process: %w", err)
	}
	if err := syscall.Kill(first, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("pgtest: stopping the server: %w", err)
	}
	all := append([]int{first}, childrenOf(first)...)
	for _, pid := range all {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("pgtest: killing the server: %w", err)
		}
	}
	return gone(ctx, all)
}

// gone waits until processes have ended.
func gone(ctx context.Context, pids []int) error {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for _, pid := range pids {
		for {
			if state, _ := process(pid); state == "" || state == "Z" {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("pgtest: the killed server does not end: %w", ctx.Err())
			case <-again.C:
			}
		}
	}
	return nil
}

// childrenOf are the processes that a process started.
func childrenOf(pid int) (children []int) {
	found, _ := filepath.Glob("/proc/[0-9]*") // the pattern is a good one
	for _, path := range found {
		n, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			continue
		}
		if _, parent := process(n); parent == pid {
			children = append(children, n)
		}
	}
	return children
}

// process is the state of a process and its parent; "" where there is none.
func process(pid int) (state string, parent int) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return "", 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // behind the name, which may hold anything
	if len(fields) < 2 {
		return "", 0
	}
	parent, _ = strconv.Atoi(string(fields[1]))
	return string(fields[0]), parent
}
