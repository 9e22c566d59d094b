package readapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hookfold/hookfold/projections"
)

// failWith answers with the status that an error calls for.
func failWith(w http.ResponseWriter, err error) {
	var lag *projections.LagError
	switch {
	case errors.Is(err, projections.ErrUnknown), errors.Is(err, projections.ErrNotHeld):
		fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, projections.ErrArchived), errors.Is(err, projections.ErrForgotten),
		errors.Is(err, projections.ErrRecreated), errors.Is(err, projections.ErrRewound):
		fail(w, http.StatusGone, err.Error())
	case errors.Is(err, errQuery), errors.Is(err, errList), errors.Is(err, errPresent), errors.Is(err, errWait),
		errors.Is(err, errChanges), errors.Is(err, projections.ErrPlace),
		errors.Is(err, projections.ErrAsOf), errors.Is(err, projections.ErrFilter), errors.Is(err, projections.ErrCursor):
		fail(w, http.StatusBadRequest, err.Error())
	case errors.As(err, &lag):
		fail(w, http.StatusServiceUnavailable, err.Error())
	default:
		fail(w, http.StatusServiceUnavailable, "the read model cannot be read now: "+err.Error())
	}
}

// fail answers with a sentence.
func fail(w http.ResponseWriter, status int, sentence string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence}) // the client may be gone
}
