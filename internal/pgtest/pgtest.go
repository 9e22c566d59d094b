// Package pgtest gives tests a real PostgreSQL: the one that DATABASE_URL names, or a private one in a temporary folder,
// which nobody else can reach and which ends with the process that started it, however that one ends. Where neither can be
// had it says what to install; it never lets a test pass without a database.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Env names a database on which tests may make and drop schemas of their own.
const Env = "DATABASE_URL"

// URL is a database for all tests of a process, and the way to end what was started for it.
func URL(ctx context.Context) (url string, stop func() error, err error) {
	if url := os.Getenv(Env); url != "" {
		return url, func() error { return nil }, nil
	}
	s, err := Start(ctx)
	if err != nil {
		return "", nil, err
	}
	return s.URL(), s.Stop, nil
}

// Server is a private PostgreSQL.
type Server struct {
	bin, dir string
	password string
	settings []string
	as       *syscall.SysProcAttr
	leash    io.Closer // when it is closed, by us or by our end, the server goes
	watch    *exec.Cmd
}

// Start makes one and waits until it answers. It does not sync its files, because a process that is killed loses nothing by
// that; settings such as "fsync=on" say otherwise.
func Start(ctx context.Context, settings ...string) (*Server, error) {
	bin, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, password: rand.Text(), settings: settings}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.bind(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.control(ctx, "start"); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// prepare makes the folder and the cluster in it.
func (s *Server) prepare(ctx context.Context) (err error) {
	if s.dir, err = os.MkdirTemp("", "hookfold-pg-"); err != nil {
		return err
	}
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := s.drop(s.dir, secret); err != nil {
		return err
	}
	return s.run(ctx, "initdb", "-D", s.data(), "-U", "postgres", "--pwfile="+secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "-N")
}

// drop gives files to a user without rights, because PostgreSQL refuses to run as root.
func (s *Server) drop(files ...string) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := unprivileged()
	if err != nil {
		return err
	}
	s.as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	for _, file := range files {
		if err := os.Chown(file, int(uid), int(gid)); err != nil {
			return err
		}
	}
	return nil
}

// bind ties the server's life to ours: a shell waits for the end of a pipe whose other end only we hold.
func (s *Server) bind() error {
	s.watch = exec.Command("/bin/sh", "-c", `read _; "$0" stop -D "$1" -m immediate -w >/dev/null 2>&1; rm -rf "$2"`,
		filepath.Join(s.bin, "pg_ctl"), s.data(), s.dir)
	s.watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a signal to our group is not one to it
	if s.as != nil {
		s.watch.SysProcAttr.Credential = s.as.Credential
	}
	s.watch.Dir = "/"
	leash, err := s.watch.StdinPipe()
	if err != nil {
		return err
	}
	s.leash = leash
	return s.watch.Start()
}

// URL reaches the server, as its superuser.
func (s *Server) URL() string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", s.password), Path: "/postgres"}
	u.RawQuery = url.Values{"host": {s.dir}}.Encode()
	return u.String()
}

// Restart ends the server, in good order or as a crash would, and waits until it answers again.
func (s *Server) Restart(ctx context.Context, crash bool) error {
	mode := "fast"
	if crash {
		mode = "immediate"
	}
	return s.control(ctx, "restart", "-m", mode)
}

// Stop ends the server and removes everything of it.
func (s *Server) Stop() error {
	if err := s.leash.Close(); err != nil {
		return err
	}
	if err := s.watch.Wait(); err != nil {
		return fmt.Errorf("pgtest: ending the server: %w", err)
	}
	return os.RemoveAll(s.dir)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// control starts, restarts or ends the server.
func (s *Server) control(ctx context.Context, what string, more ...string) error {
	settings := "-k " + s.dir + " -c listen_addresses='' -c fsync=off -c max_connections=200 -c autovacuum_naptime=1h"
	for _, setting := range s.settings {
		settings += " -c " + setting
	}
	args := append([]string{what, "-D", s.data(), "-w", "-t", "120", "-l", filepath.Join(s.dir, "log"), "-o", settings}, more...)
	return s.run(ctx, "pg_ctl", args...)
}

// run runs one of the server's programs.
func (s *Server) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.SysProcAttr, cmd.Dir = s.as, "/"
	said, err := os.CreateTemp("", "hookfold-pg-said-") // no pipe: the server would inherit it, and never close it
	if err != nil {
		return err
	}
	defer func() { _, _ = said.Close(), os.Remove(said.Name()) }()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		why, _ := os.ReadFile(said.Name())
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("pgtest: %s %s: %w\n%s%s", name, args[0], err, why, log)
	}
	return nil
}
