package main

import "github.com/hookfold/hookfold/fsm"

// documentState is a state of the machine; its zero value is "nothing known".
type documentState uint8

// documents is the machine of a KYC document: every state × event pair is declared, with a verdict and a reason.
var documents = fsm.Must[documentState](fsm.Spec[struct{}]{
	Name: "kyc-document", Version: 1,
	States: []string{"CREATED", "VALIDATION_ASKED", "VALIDATED", "REFUSED", "OUT_OF_DATE"},
	Events: []string{"KYC_CREATED", "KYC_VALIDATION_ASKED", "KYC_SUCCEEDED", "KYC_FAILED", "KYC_OUTDATED"},
	Cells: []fsm.Cell{
		{From: "", Event: "KYC_CREATED", Verdict: fsm.First, Next: "CREATED", Reason: "The document was begun."},
		{From: "", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.First, Next: "VALIDATION_ASKED", Reason: "Its beginning was missed."},
		{From: "", Event: "KYC_SUCCEEDED", Verdict: fsm.First, Next: "VALIDATED", Reason: "Its beginning was missed."},
		{From: "", Event: "KYC_FAILED", Verdict: fsm.First, Next: "REFUSED", Reason: "Its beginning was missed."},
		{From: "", Event: "KYC_OUTDATED", Verdict: fsm.First, Next: "OUT_OF_DATE", Reason: "Its beginning was missed."},
		{From: "CREATED", Event: "KYC_CREATED", Verdict: fsm.Duplicate, Next: "CREATED", Reason: "It was begun already."},
		{From: "CREATED", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.Applied, Next: "VALIDATION_ASKED", Reason: "It was handed in for review."},
		{From: "CREATED", Event: "KYC_SUCCEEDED", Verdict: fsm.Gap, Next: "VALIDATED", Reason: "Its review was missed."},
		{From: "CREATED", Event: "KYC_FAILED", Verdict: fsm.Gap, Next: "REFUSED", Reason: "Its review was missed."},
		{From: "CREATED", Event: "KYC_OUTDATED", Verdict: fsm.Gap, Next: "OUT_OF_DATE", Reason: "Its acceptance was missed."},
		{From: "VALIDATION_ASKED", Event: "KYC_CREATED", Verdict: fsm.Conflict, Next: "VALIDATION_ASKED", Reason: "What is under review is not begun again."},
		{From: "VALIDATION_ASKED", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.Duplicate, Next: "VALIDATION_ASKED", Reason: "It is under review already."},
		{From: "VALIDATION_ASKED", Event: "KYC_SUCCEEDED", Verdict: fsm.Applied, Next: "VALIDATED", Reason: "The review accepted it."},
		{From: "VALIDATION_ASKED", Event: "KYC_FAILED", Verdict: fsm.Applied, Next: "REFUSED", Reason: "The review refused it."},
		{From: "VALIDATION_ASKED", Event: "KYC_OUTDATED", Verdict: fsm.Gap, Next: "OUT_OF_DATE", Reason: "Its acceptance was missed."},
		{From: "VALIDATED", Event: "KYC_CREATED", Verdict: fsm.Conflict, Next: "VALIDATED", Reason: "What was accepted is not begun again."},
		{From: "VALIDATED", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.Conflict, Next: "VALIDATED", Reason: "What was accepted is not reviewed again."},
		{From: "VALIDATED", Event: "KYC_SUCCEEDED", Verdict: fsm.Duplicate, Next: "VALIDATED", Reason: "It was accepted already."},
		{From: "VALIDATED", Event: "KYC_FAILED", Verdict: fsm.Conflict, Next: "VALIDATED", Reason: "What was accepted runs out, and is not refused."},
		{From: "VALIDATED", Event: "KYC_OUTDATED", Verdict: fsm.Applied, Next: "OUT_OF_DATE", Reason: "It no longer counts."},
		{From: "REFUSED", Event: "KYC_CREATED", Verdict: fsm.Conflict, Next: "REFUSED", Reason: "Another attempt has an id of its own."},
		{From: "REFUSED", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.Conflict, Next: "REFUSED", Reason: "Another attempt has an id of its own."},
		{From: "REFUSED", Event: "KYC_SUCCEEDED", Verdict: fsm.Conflict, Next: "REFUSED", Reason: "Another attempt has an id of its own."},
		{From: "REFUSED", Event: "KYC_FAILED", Verdict: fsm.Duplicate, Next: "REFUSED", Reason: "It was refused already."},
		{From: "REFUSED", Event: "KYC_OUTDATED", Verdict: fsm.Conflict, Next: "REFUSED", Reason: "Only what was accepted runs out."},
		{From: "OUT_OF_DATE", Event: "KYC_CREATED", Verdict: fsm.Conflict, Next: "OUT_OF_DATE", Reason: "A new document has an id of its own."},
		{From: "OUT_OF_DATE", Event: "KYC_VALIDATION_ASKED", Verdict: fsm.Conflict, Next: "OUT_OF_DATE", Reason: "A new document has an id of its own."},
		{From: "OUT_OF_DATE", Event: "KYC_SUCCEEDED", Verdict: fsm.Conflict, Next: "OUT_OF_DATE", Reason: "A new document has an id of its own."},
		{From: "OUT_OF_DATE", Event: "KYC_FAILED", Verdict: fsm.Conflict, Next: "OUT_OF_DATE", Reason: "A new document has an id of its own."},
		{From: "OUT_OF_DATE", Event: "KYC_OUTDATED", Verdict: fsm.Duplicate, Next: "OUT_OF_DATE", Reason: "It has run out already."},
	},
})
