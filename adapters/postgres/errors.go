package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hookfold/hookfold/projections"
)

// What can be wrong with the database. Every error of a Store that comes from it wraps one of them, or
// projections.ErrFenced, and the context's error where that ended the call.
var (
	// ErrUnavailable says that the database cannot be reached, is starting or stopping, or has no time, connection or room
	// for us just now. Try again. A commit that ends so is stored whole or not at all: begin again from the store.
	ErrUnavailable = errors.New("the database is not available: check it and try again")
	// ErrRefused says that the database refuses and will refuse again: a right or a password is missing, or somebody changed
	// our tables.
	ErrRefused = errors.New("the database refuses")
	// ErrNewer says that a newer Hookfold, or a newer version of the model's code, made what is stored.
	ErrNewer = errors.New("another version of the program changed the tables: run that one everywhere")
)

// Error is what the database said, without values, names of hosts or anything else that is not ours to tell.
type Error struct {
	Doing string // what was being done
	Code  string // SQLSTATE; "" where the server said nothing
	Why   string // what it means and what to do, as far as we can tell; may be ""

	kinds []error
}

// Error tells all of it.
func (e *Error) Error() string {
	text := "postgres: " + e.Doing + ": " + e.kinds[0].Error()
	if e.Why != "" {
		text += ": " + e.Why
	}
	if e.Code != "" {
		text += " (SQLSTATE " + e.Code + ")"
	}
	return text
}

// Unwrap gives ErrUnavailable or ErrRefused, and the context's error if there is one; never the driver's, which holds values.
func (e *Error) Unwrap() []error { return e.kinds }

// explain turns an error of the driver into one of ours. What is ours already stays as it is.
func explain(doing string, err error) error {
	if err == nil || ours(err) {
		return err
	}
	e := &Error{Doing: doing, kinds: []error{ErrUnavailable}}
	var server *pgconn.PgError
	switch {
	case errors.As(err, &server):
		e.Code = server.Code
		if !passing(server.Code) {
			e.kinds[0] = ErrRefused
		}
		e.Why = advice(server)
	default:
		e.Why = unreachable(err)
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			e.kinds = append(e.kinds, ended)
		}
	}
	return e
}

// ours tells whether an error was explained before.
func ours(err error) bool {
	for _, known := range []error{ErrUnavailable, ErrRefused, ErrNewer, projections.ErrFenced, projections.ErrCursor} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// passing tells the SQLSTATEs that another try may not meet again, by their class: connection, rollback, resources,
// operator, system and the server's own troubles; and a table that was changed under a statement.
func passing(code string) bool {
	switch code {
	case "53100": // disk full: it may have room again
		return true
	case "0A000", "26000": // a cached plan whose table was changed; a prepared statement that a pooler forgot
		return true
	case codeLockTimeout, "55000", "55006": // "55000": an operator lets nobody connect for now
		return true
	case codeNoTable: // somebody dropped a read model: the next try makes it anew
		return true
	}
	class := code[:min(2, len(code))]
	return class == "08" || class == "25" || class == "40" || class == "53" || class == "57" || class == "58" || class == "XX"
}

const (
	codeNoTable     = "42P01"
	codeLockTimeout = "55P03"
)

// said are the SQLSTATEs about which we have something to say.
var said = map[string]string{
	"28P01":         "the password is wrong",
	"28000":         "the user may not connect: see pg_hba.conf",
	"3D000":         "there is no such database",
	"42501":         "the user has not the right: grant it, or open the store once as the schema's owner",
	"25006":         "the database is read-only: name the primary",
	"53100":         "its disk is full",
	"53300":         "it has no connection left: raise max_connections or lower the pools",
	"57014":         "it took longer than Timeout",
	"57P01":         "an operator ended the connection",
	"25P03":         "it waited longer than Timeout for us",
	codeLockTimeout: "it waited longer than Timeout for a lock: pg_locks and pg_stat_activity tell who holds it",
	codeNoTable:     "a table is missing",
}

// advice is what to do about a server's answer, with our own names only.
func advice(e *pgconn.PgError) string {
	why := said[e.Code]
	if e.TableName != "" && e.SchemaName != "" {
		why = strings.TrimPrefix(why+fmt.Sprintf(" at %q", e.TableName), " ")
	}
	return why
}

// unreachable says why there was no answer, without the host.
func unreachable(err error) string {
	var (
		number    syscall.Errno
		name      *net.DNSError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		cert      *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "the call was ended"
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return "it did not answer in time"
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &name):
		return "its host has no address"
	case errors.As(err, &authority), errors.As(err, &host), errors.As(err, &cert):
		return "its certificate is not trusted"
	}
	return "the connection is gone"
}
