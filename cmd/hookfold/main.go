// Command hookfold keeps a payment provider's notifications and folds them into state that you can trust.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitDone        = 0
	exitBadInput    = 1 // some input was bad; everything else was done
	exitUsage       = 2 // the command was called wrongly
	exitUnreachable = 3 // something that is needed cannot be reached
)

// cli is every command and flag.
type cli struct {
	Fold       foldCmd       `cmd:"" help:"Fold notifications from files or standard input into documents. No server, no state."`
	Serve      serveCmd      `cmd:"" help:"Receive notifications, keep them, and serve what they mean."`
	Get        getCmd        `cmd:"" help:"Print a resource's document from a running server."`
	List       listCmd       `cmd:"" help:"List documents from a running server."`
	Why        whyCmd        `cmd:"" help:"Explain how a resource came to its present state."`
	Backfill   backfillCmd   `cmd:"" help:"Bring into a running server's log what notifications missed, from the provider's list of events."`
	Hooks      hooksCmd      `cmd:"" help:"Care for the hooks at the provider: create, check, revive. Asks a running server."`
	Quarantine quarantineCmd `cmd:"" help:"Deal with resources that stand still: list, show why, retry, drop. Asks a running server."`
	Rebuild    rebuildCmd    `cmd:"" help:"Fold a read model of a running server anew beside the live one, compare both, and swap them."`
	Machine    machineCmd    `cmd:"" help:"Show the state machines."`
	Asyncapi   asyncapiCmd   `cmd:"" help:"Print what others may read from the streams, facts and log, as an AsyncAPI document."`
	Sandbox    sandboxCmd    `cmd:"" help:"Play the provider: its API, its users and its notifications, on this machine."`
	Trigger    triggerCmd    `cmd:"" help:"Play a scenario against a running sandbox, such as a user who is verified."`
	Bench      benchCmd      `cmd:"" help:"Measure this machine: streams, stores, rebuilds, folds and the ingress, beside plain baselines. Takes about two minutes."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// env is what commands use of the world.
type env struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
}

// exitError is an error with an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// exit gives an error its code.
func exit(code int, format string, args ...any) error {
	return &exitError{code, fmt.Errorf(format, args...)}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(env{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// stopped carries kong's wish to exit, after --help, out of the parser.
type stopped struct{ code int }

// run parses and executes a command line and returns its exit code.
func run(e env, args []string) (code int) {
	defer func() {
		switch s := recover().(type) {
		case nil:
		case stopped:
			code = s.code
		default:
			panic(s)
		}
	}()
	parser, err := newParser(&cli{}, e)
	if err != nil {
		_, _ = fmt.Fprintln(e.err, "hookfold:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(e.err, "hookfold: %v (see hookfold --help)\n", err)
		return exitUsage
	}
	if err := command.Run(e); err != nil {
		return report(e, err)
	}
	return exitDone
}

// newParser makes the parser of the command line. It panics with stopped where kong wishes to exit.
func newParser(into *cli, e env) (*kong.Kong, error) {
	return kong.New(into,
		kong.Name("hookfold"),
		kong.Description("Hookfold keeps a payment provider's notifications and folds them into state that you can trust."),
		kong.UsageOnError(), kong.DefaultEnvars("HOOKFOLD"),
		kong.Writers(e.out, e.err), kong.Exit(func(code int) { panic(stopped{code}) }), kong.Bind(e))
}

// report prints an error and returns its exit code.
func report(e env, err error) int {
	code := exitBadInput
	var coded *exitError
	if errors.As(err, &coded) {
		code = coded.code
	}
	_, _ = fmt.Fprintln(e.err, "hookfold:", err)
	return code
}
