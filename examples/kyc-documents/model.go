package main

import (
	"slices"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/projections"
)

// document is what the read model knows of one KYC document.
type document struct {
	Status projections.Region `json:"status"`
}

// followed keeps the machine's state in a document. Of two events of one second the earlier one in a document's life comes
// first.
var followed = projections.NewMachines(nil, nil, projections.Follow("status", documents,
	func(d *document) *projections.Region { return &d.Status },
	projections.Ways[document, documentState, struct{}]{
		Rank: func(event string) int { return slices.Index(documents.Definition().Events, event) },
	}))

// shown is what readers get.
type shown struct {
	ID        string             `json:"id"`
	Status    string             `json:"status"`
	Since     int64              `json:"since"`
	Confirmed bool               `json:"confirmed"`
	History   []projections.Line `json:"history"`
}

// model is the whole declaration of the read model.
var model = projections.Model[document]{
	Name: "kyc-documents", Version: 1, Kind: "kyc_document",
	Key:    func(r projections.Record) (events.Ref, bool) { return r.Event.Ref, r.Event.Ref.Kind == "kyc_document" },
	Apply:  followed.Apply,
	Values: followed.Values,
	Document: func(v projections.View[document]) any {
		return shown{v.Ref.ID, followed.Published(v.Value, "status"), v.Value.Status.Since, v.Value.Status.Backed, v.History}
	},
	Index: func(d document) map[string]string {
		return map[string]string{"status": followed.Published(d, "status")}
	},
	IndexFields: map[string]string{"status": "status"},
}
