package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// logger hands the server's messages to a slog.Logger and remembers a fatal one, after which the server would never
// become ready.
type logger struct {
	to *slog.Logger

	mu  sync.Mutex
	end error
}

func newLogger(to *slog.Logger) *logger {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	return &logger{to: to.With("component", "nats-server")}
}

// fatal is the first fatal message; nil if there was none.
func (l *logger) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end
}

// Fatalf implements the server's Logger. It does not end the process.
func (l *logger) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.mu.Lock()
	if l.end == nil {
		l.end = errors.New(text)
	}
	l.mu.Unlock()
	l.to.Error(text)
}

// Noticef implements the server's Logger.
func (l *logger) Noticef(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }

// Warnf implements the server's Logger.
func (l *logger) Warnf(format string, v ...any) { l.to.Warn(fmt.Sprintf(format, v...)) }

// Errorf implements the server's Logger.
func (l *logger) Errorf(format string, v ...any) { l.to.Error(fmt.Sprintf(format, v...)) }

// Debugf implements the server's Logger. The server is not asked for debug messages.
func (l *logger) Debugf(format string, v ...any) { l.to.Debug(fmt.Sprintf(format, v...)) }

// Tracef implements the server's Logger. The server is not asked for traces.
func (l *logger) Tracef(string, ...any) {}
