package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/events"
	catalogue "github.com/hookfold/hookfold/events/mangopay"
)

// truth is what the provider says of one resource, in the words of a document. What it holds must be in the document;
// what the provider does not know, such as whether a value is confirmed, it holds as it must be.
type truth struct {
	path string // of the document, below /v1/
	name string // of the resource, the same whatever identifiers a run has
	want obj
}

// truths asks the provider for everything that it has told of: every user, session and hook.
func (s *site) truths() (list []truth) {
	token := s.login()
	told := s.told()
	for i, u := range everyPage[struct{ Id, UserStatus, UserCategory, KYCLevel string }](s, token, "/users") {
		name := fmt.Sprintf("user %d", i)
		if claims := told[u.Id]; claims != nil {
			want := obj{"user_status": u.UserStatus, "user_category": u.UserCategory, "kyc_level": u.KYCLevel, "ambiguous": false}
			s.regions(token, u.Id, claims, want)
			list = append(list, truth{"users/" + u.Id, name, want})
		}
		for j, v := range everyPage[struct{ Id, Status string }](s, token, "/users/"+u.Id+"/identity-verifications") {
			want := obj{"status": v.Status, "confirmed": true, "user_id": u.Id}
			list = append(list, truth{"idv-sessions/" + v.Id, fmt.Sprintf("%s session %d", name, j), want})
		}
	}
	for _, h := range everyPage[struct{ Id, EventType, Status, Validity string }](s, token, "/hooks") {
		want := obj{"hook_id": h.Id, "status": h.Status, "validity": h.Validity}
		list = append(list, truth{"hooks/" + h.EventType, "hook " + h.EventType, want})
	}
	return list
}

// claims are the events of one resource, by machine, the newest last.
type claims map[string][]events.Type

// told are the events of every resource.
func (s *site) told() map[string]claims {
	var rows []struct {
		ResourceId string
		EventType  events.Type
	}
	require.NoError(s.t, json.Unmarshal(s.tool("GET", "events", nil), &rows))
	all := map[string]claims{}
	for _, r := range rows {
		info, _ := catalogue.Lookup(r.EventType)
		if all[r.ResourceId] == nil {
			all[r.ResourceId] = claims{}
		}
		all[r.ResourceId][info.Machine] = append(all[r.ResourceId][info.Machine], r.EventType)
	}
	return all
}

// regions adds what of a user was claimed: it must be confirmed.
func (s *site) regions(token, id string, told claims, want obj) {
	confirmed := obj{}
	for name, machine := range map[string]string{
		"status": catalogue.MachineStatus, "category": catalogue.MachineCategory, "kyc": catalogue.MachineKYC,
	} {
		if told[machine] != nil {
			confirmed[name] = true
		}
	}
	if sca := told[catalogue.MachineSCA]; sca != nil {
		var v struct{ IsEnrolled bool }
		s.ask(token, "/sca/users/"+id+"/sca-status", &v)
		want["sca_enrolled"], confirmed["sca"] = v.IsEnrolled, true
		want["sca_last_attempt"] = strings.TrimPrefix(string(sca[len(sca)-1]), "SCA_ENROLLMENT_")
	}
	var v struct {
		ScopeBlocked struct{ Inflows, Outflows bool }
	}
	s.ask(token, "/users/"+id+"/regulatory", &v)
	want["kyc_renewal_due"] = due(told[catalogue.MachineKYC])
	want["inflows_blocked"], want["outflows_blocked"] = v.ScopeBlocked.Inflows, v.ScopeBlocked.Outflows
	if told[catalogue.MachineInflows] != nil || told[catalogue.MachineOutflows] != nil {
		confirmed["blocks"] = true
	}
	want["confirmed"] = confirmed
}

// due tells whether a renewal is: only events say so.
func due(level []events.Type) (due bool) {
	for _, t := range level {
		if t != catalogue.UserKYCRegular { // that says nothing of it
			due = t == catalogue.UserKYCRenewalRequired
		}
	}
	return due
}

// difference is what a document says otherwise than the provider.
type difference struct {
	text    string // the fields
	history int    // its length
	whole   string // the document
}

// differences compares every document with the provider.
func (s *site) differences(list []truth) (out []difference) {
	for _, x := range list {
		doc, raw := s.document(x.path)
		if text := strings.Join(unlike("", x.want, doc), "; "); text != "" {
			history, _ := doc["history"].([]any)
			out = append(out, difference{fmt.Sprintf("%s (%s): %s", x.name, x.path, text), len(history), raw})
		}
	}
	slices.SortStableFunc(out, func(a, b difference) int { return a.history - b.history })
	return out
}

// unlike lists the fields of want that a document has otherwise. What it knows nothing of it need not have.
func unlike(under string, want, doc obj) (out []string) {
	for name, v := range want {
		if inner, nested := v.(obj); nested {
			have, _ := doc[name].(obj)
			out = append(out, unlike(under+name+".", inner, have)...)
		} else if doc[name] != v {
			out = append(out, fmt.Sprintf("%s%s is %v, and must be %v", under, name, doc[name], v))
		}
	}
	slices.Sort(out)
	return out
}

// ends are all documents that the provider told of, without identifiers, times, and what only tells of the way that they came.
func (s *site) ends(list []truth) map[string]string {
	out := map[string]string{}
	for _, x := range list {
		doc, _ := s.document(x.path)
		for _, name := range []string{"id", "user_id", "hook_id", "history", "conflicts", "gaps", "since", "created", "consecutive_failures", "alerts", "estimate"} {
			delete(doc, name)
		}
		out[x.name] = string(encoded(doc))
	}
	return out
}
