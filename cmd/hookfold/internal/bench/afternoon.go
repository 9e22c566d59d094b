package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	looplab "github.com/looplab/fsm"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/hookfold/hookfold/events/mangopay"
)

// The afternoon projector is what one writes without us: for every message json.Unmarshal, a live object of looplab/fsm,
// json.Marshal, a KV write and an acknowledgement. It is written as its readers would, with nothing of ours between it
// and the libraries, and not slowed down on purpose: objects and views stay in memory.

// message is what it reads of a message.
type message struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Date int64  `json:"date"`
}

// userView is what it keeps of a user.
type userView struct {
	States map[string]string `json:"states"` // by machine
	Since  int64             `json:"since"`
}

// unknown is the state of an object that has seen nothing: looplab gives the empty name a meaning of its own.
const unknown = "UNKNOWN"

// moves is one machine in looplab's terms.
type moves struct {
	machine string
	events  looplab.Events
}

// afternoonTables are the machines of a user, as far as legal events go.
var afternoonTables = []moves{
	{mangopay.MachineStatus, looplab.Events{
		{Name: "USER_ACCOUNT_VALIDATION_ASKED", Src: []string{unknown, "ACTIVE"}, Dst: "PENDING_USER_ACTION"},
		{Name: "USER_ACCOUNT_ACTIVATED", Src: []string{unknown, "PENDING_USER_ACTION"}, Dst: "ACTIVE"},
		{Name: "USER_ACCOUNT_CLOSED", Src: []string{unknown, "ACTIVE", "PENDING_USER_ACTION"}, Dst: "CLOSED"},
	}},
	{mangopay.MachineCategory, looplab.Events{
		{Name: "USER_CATEGORY_UPDATED_TO_PAYER", Src: []string{unknown, "OWNER"}, Dst: "PAYER"},
		{Name: "USER_CATEGORY_UPDATED_TO_OWNER", Src: []string{unknown, "PAYER"}, Dst: "OWNER"},
	}},
	{mangopay.MachineKYC, looplab.Events{
		{Name: "USER_KYC_LIGHT", Src: []string{unknown, "REGULAR", "DUE"}, Dst: "LIGHT"},
		{Name: "USER_KYC_REGULAR", Src: []string{unknown, "LIGHT"}, Dst: "REGULAR"},
		{Name: "USER_KYC_RENEWAL_REQUIRED", Src: []string{"REGULAR"}, Dst: "DUE"},
		{Name: "USER_KYC_RENEWED", Src: []string{"DUE"}, Dst: "REGULAR"},
	}},
	{mangopay.MachineSCA, looplab.Events{
		{Name: "SCA_ENROLLMENT_SUCCEEDED", Src: []string{unknown}, Dst: "ENROLLED"},
	}},
	{mangopay.MachineOutflows, looplab.Events{
		{Name: "USER_OUTFLOWS_BLOCKED", Src: []string{unknown, "UNBLOCKED"}, Dst: "BLOCKED"},
		{Name: "USER_OUTFLOWS_UNBLOCKED", Src: []string{unknown, "BLOCKED"}, Dst: "UNBLOCKED"},
	}},
}

// afternoon is its memory.
type afternoon struct {
	table   map[string]moves        // by event
	objects map[string]*looplab.FSM // by user and machine
	views   map[string]*userView    // by user
}

func newAfternoon() *afternoon {
	a := &afternoon{table: map[string]moves{}, objects: map[string]*looplab.FSM{}, views: map[string]*userView{}}
	for _, t := range afternoonTables {
		for _, e := range t.events {
			a.table[e.Name] = t
		}
	}
	return a
}

// handle takes one message and keeps the view.
func (a *afternoon) handle(ctx context.Context, m natsjs.Msg, keep func(key string, value []byte) error) error {
	var said message
	if err := json.Unmarshal(m.Data(), &said); err != nil {
		return err
	}
	t, known := a.table[said.Type]
	if !known {
		return fmt.Errorf("the afternoon projector does not know %s", said.Type)
	}
	object := a.objects[said.ID+"/"+t.machine]
	if object == nil {
		object = looplab.NewFSM(unknown, t.events, nil)
		a.objects[said.ID+"/"+t.machine] = object
	}
	if err := object.Event(ctx, said.Type); err != nil {
		return err
	}
	view := a.views[said.ID]
	if view == nil {
		view = &userView{States: map[string]string{}}
		a.views[said.ID] = view
	}
	view.States[t.machine], view.Since = object.Current(), said.Date
	value, err := json.Marshal(view)
	if err != nil {
		return err
	}
	return errors.Join(keep(said.ID, value), m.Ack())
}
