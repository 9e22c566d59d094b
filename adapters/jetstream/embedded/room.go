package embedded

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/hookfold/hookfold/adapters/jetstream"
)

// Limits tells how much more the server may write: "server", the bound of all streams together (Config.MaxBytes), and
// "disk", the file system in which its directory lies. The file system of some systems cannot be asked; there it is left
// out.
func (s *Server) Limits() ([]jetstream.Limit, error) {
	if !s.server.Running() {
		return nil, errors.New("embedded: the server was stopped: start it again")
	}
	info, err := s.server.Jsz(&server.JSzOptions{})
	if err != nil {
		return nil, fmt.Errorf("embedded: asking the server what it holds: %w", err)
	}
	bound := info.Config.MaxStore
	limits := []jetstream.Limit{{Name: "server", Left: bound - int64(info.Store), Size: bound}}
	left, size, err := diskRoom(s.config.Dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return limits, nil
	case err != nil:
		return nil, fmt.Errorf("embedded: asking the file system of %q for its room: %w", s.config.Dir, err)
	}
	return append(limits, jetstream.Limit{Name: "disk", Left: left, Size: size}), nil
}
