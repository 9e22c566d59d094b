package readapi

import (
	"context"
	"encoding/json"
	"net/http"
)

// health says whether the process can do its work, and what it has counted.
func (a *api) health(w http.ResponseWriter) {
	body := map[string]any{"status": "ok"}
	if a.cfg.Status != nil {
		body["counts"] = a.cfg.Status()
	}
	if a.cfg.Health != nil {
		if err := a.cfg.Health(); err != nil {
			body["status"] = err.Error()
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

// ready says whether the read models have caught up, and the process can go on for a while.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	if a.cfg.Health != nil {
		if err := a.cfg.Health(); err != nil {
			fail(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	if a.cfg.Ready != nil {
		ctx, cancel := context.WithCancel(r.Context())
		cancel() // ask, do not wait
		if err := a.cfg.Ready(ctx); err != nil {
			failWith(w, err)
			return
		}
	}
	if a.cfg.Room != nil {
		if err := a.cfg.Room(r.Context()); err != nil {
			fail(w, http.StatusServiceUnavailable, err.Error())
			return
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "ready"}) // the client may be gone
}
