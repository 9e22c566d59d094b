package user

import "github.com/hookfold/hookfold/fsm"

var scaCells = []fsm.Cell{
	{From: "", Event: scaSucceeded, Verdict: fsm.First, Next: "ENROLLED",
		Reason: "S2: an enrolment session was completed; it is the first attempt that we know, and it enrols the user."},
	{From: "", Event: scaExpired, Verdict: fsm.First, Next: "ATTEMPT_EXPIRED",
		Reason: "S2: an enrolment session ran out; it is the first attempt that we know and says nothing of an earlier enrolment."},
	{From: "", Event: scaFailed, Verdict: fsm.First, Next: "ATTEMPT_FAILED",
		Reason: "S2: incorrect attempts failed an enrolment session; the first that we know, and an earlier enrolment may exist."},

	{From: "ATTEMPT_FAILED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "S2: after a failed session a new one was completed, and the user is enrolled."},
	{From: "ATTEMPT_FAILED", Event: scaExpired, Verdict: fsm.Applied, Next: "ATTEMPT_EXPIRED",
		Reason: "S2: after a failed session another one ran out; only the last attempt changes."},
	{From: "ATTEMPT_FAILED", Event: scaFailed, Verdict: fsm.Duplicate, Next: "ATTEMPT_FAILED",
		Reason: "The last attempt had already failed, and enrolment is as unknown as before."},

	{From: "ATTEMPT_EXPIRED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "S2: after a session that ran out a new one was completed, and the user is enrolled."},
	{From: "ATTEMPT_EXPIRED", Event: scaExpired, Verdict: fsm.Duplicate, Next: "ATTEMPT_EXPIRED",
		Reason: "The last attempt had already run out, and enrolment is as unknown as before."},
	{From: "ATTEMPT_EXPIRED", Event: scaFailed, Verdict: fsm.Applied, Next: "ATTEMPT_FAILED",
		Reason: "S2: after a session that ran out another one failed on incorrect attempts; only the last attempt changes."},

	{From: "ENROLLED", Event: scaSucceeded, Verdict: fsm.Duplicate, Next: "ENROLLED",
		Reason: "The user is already enrolled by the last attempt; S2 sends the event again for a re-enrolment."},
	{From: "ENROLLED", Event: scaExpired, Verdict: fsm.Applied, Next: "ENROLLED+ATTEMPT_EXPIRED",
		Reason: "A re-enrolment, or a second open session, ran out (S2); an enrolled user stays enrolled."},
	{From: "ENROLLED", Event: scaFailed, Verdict: fsm.Applied, Next: "ENROLLED+ATTEMPT_FAILED",
		Reason: "A re-enrolment, or a second open session, failed (S2); an enrolled user stays enrolled."},

	{From: "ENROLLED+ATTEMPT_FAILED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "The failed re-enrolment was repeated with success (S2); enrolment itself was never lost."},
	{From: "ENROLLED+ATTEMPT_FAILED", Event: scaExpired, Verdict: fsm.Applied, Next: "ENROLLED+ATTEMPT_EXPIRED",
		Reason: "After a failed re-enrolment another one ran out (S2); the user is enrolled all the while."},
	{From: "ENROLLED+ATTEMPT_FAILED", Event: scaFailed, Verdict: fsm.Duplicate, Next: "ENROLLED+ATTEMPT_FAILED",
		Reason: "The last re-enrolment had already failed, and the user is still enrolled."},

	{From: "ENROLLED+ATTEMPT_EXPIRED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "The re-enrolment that ran out was repeated with success (S2); enrolment itself was never lost."},
	{From: "ENROLLED+ATTEMPT_EXPIRED", Event: scaExpired, Verdict: fsm.Duplicate, Next: "ENROLLED+ATTEMPT_EXPIRED",
		Reason: "The last re-enrolment had already run out, and the user is still enrolled."},
	{From: "ENROLLED+ATTEMPT_EXPIRED", Event: scaFailed, Verdict: fsm.Applied, Next: "ENROLLED+ATTEMPT_FAILED",
		Reason: "After a re-enrolment that ran out another one failed (S2); the user is enrolled all the while."},

	{From: "ENROLLED+NO_ATTEMPT", Event: scaSucceeded, Verdict: fsm.First, Next: "ENROLLED",
		Reason: "The API had said enrolled before any attempt was known; this success is the first attempt (S2)."},
	{From: "ENROLLED+NO_ATTEMPT", Event: scaExpired, Verdict: fsm.First, Next: "ENROLLED+ATTEMPT_EXPIRED",
		Reason: "The first attempt that we know ran out (S2); it clears nothing of the enrolment that the API reported."},
	{From: "ENROLLED+NO_ATTEMPT", Event: scaFailed, Verdict: fsm.First, Next: "ENROLLED+ATTEMPT_FAILED",
		Reason: "The first attempt that we know failed (S2); it clears nothing of the enrolment that the API reported."},

	{From: "NOT_ENROLLED+NO_ATTEMPT", Event: scaSucceeded, Verdict: fsm.First, Next: "ENROLLED",
		Reason: "The API had said not enrolled; the first attempt that we know then succeeded and enrols the user (S2)."},
	{From: "NOT_ENROLLED+NO_ATTEMPT", Event: scaExpired, Verdict: fsm.First, Next: "NOT_ENROLLED+ATTEMPT_EXPIRED",
		Reason: "The first attempt that we know ran out (S2); the user is not enrolled, as the API had said."},
	{From: "NOT_ENROLLED+NO_ATTEMPT", Event: scaFailed, Verdict: fsm.First, Next: "NOT_ENROLLED+ATTEMPT_FAILED",
		Reason: "The first attempt that we know failed (S2); the user is not enrolled, as the API had said."},

	{From: "NOT_ENROLLED+ATTEMPT_SUCCEEDED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "The API had withdrawn an earlier success; a newer session was completed and enrols the user again (S2)."},
	{From: "NOT_ENROLLED+ATTEMPT_SUCCEEDED", Event: scaExpired, Verdict: fsm.Applied, Next: "NOT_ENROLLED+ATTEMPT_EXPIRED",
		Reason: "The API had withdrawn an earlier success, and the next session ran out (S2): still not enrolled."},
	{From: "NOT_ENROLLED+ATTEMPT_SUCCEEDED", Event: scaFailed, Verdict: fsm.Applied, Next: "NOT_ENROLLED+ATTEMPT_FAILED",
		Reason: "The API had withdrawn an earlier success, and the next session failed (S2): still not enrolled."},

	{From: "NOT_ENROLLED+ATTEMPT_FAILED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "S2: a user known as not enrolled, whose last session failed, completed a new one and is enrolled."},
	{From: "NOT_ENROLLED+ATTEMPT_FAILED", Event: scaExpired, Verdict: fsm.Applied, Next: "NOT_ENROLLED+ATTEMPT_EXPIRED",
		Reason: "S2: after a failed session another one ran out, and the user is still known as not enrolled."},
	{From: "NOT_ENROLLED+ATTEMPT_FAILED", Event: scaFailed, Verdict: fsm.Duplicate, Next: "NOT_ENROLLED+ATTEMPT_FAILED",
		Reason: "The last attempt had already failed, and the user is still known as not enrolled."},

	{From: "NOT_ENROLLED+ATTEMPT_EXPIRED", Event: scaSucceeded, Verdict: fsm.Applied, Next: "ENROLLED",
		Reason: "S2: a user known as not enrolled, whose last session ran out, completed a new one and is enrolled."},
	{From: "NOT_ENROLLED+ATTEMPT_EXPIRED", Event: scaExpired, Verdict: fsm.Duplicate, Next: "NOT_ENROLLED+ATTEMPT_EXPIRED",
		Reason: "The last attempt had already run out, and the user is still known as not enrolled."},
	{From: "NOT_ENROLLED+ATTEMPT_EXPIRED", Event: scaFailed, Verdict: fsm.Applied, Next: "NOT_ENROLLED+ATTEMPT_FAILED",
		Reason: "S2: after a session that ran out another one failed, and the user is still known as not enrolled."},
}
