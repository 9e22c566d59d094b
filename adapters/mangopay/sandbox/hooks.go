package sandbox

import (
	"errors"
	"slices"

	"github.com/hookfold/hookfold/adapters/mangopay/sandbox/sender"
	"github.com/hookfold/hookfold/events"
)

// hookBody is a Hook, in the provider's shape.
type hookBody struct {
	ID           string      `json:"Id"`
	Tag          *string     `json:"Tag"`
	CreationDate int64       `json:"CreationDate"`
	URL          string      `json:"Url"`
	Status       string      `json:"Status"`
	Validity     string      `json:"Validity"`
	EventType    events.Type `json:"EventType"`
	Email        *string     `json:"Email"`
}

// hookWish is what a request says of a hook. A hook's EventType cannot be changed.
type hookWish struct {
	EventType events.Type `json:"EventType"`
	URL       *string     `json:"Url"`
	Status    *string     `json:"Status"`
	Validity  *string     `json:"Validity"`
	Tag       *string     `json:"Tag"`
	Email     *string     `json:"Email"`
}

// hookRoutes are the endpoints of hooks, of which none deletes one, and of the list of events.
var hookRoutes = []route{
	{"POST /hooks", (*call).createHook},
	{"GET /hooks", (*call).listHooks},
	{"GET /hooks/{hook}", (*call).viewHook},
	{"PUT /hooks/{hook}", (*call).updateHook},
	{"GET /events", (*call).listEvents},
}

func shownHook(h sender.Hook) hookBody {
	b := hookBody{ID: h.ID, CreationDate: h.Created, URL: h.URL, Status: h.Status, Validity: h.Validity, EventType: h.EventType}
	if h.Tag != "" {
		b.Tag = &h.Tag
	}
	if h.Email != "" {
		b.Email = &h.Email
	}
	return b
}

// hookFields says which field each of the sender's errors is about, and how the provider puts it.
var hookFields = []struct {
	err          error
	field, words string
}{
	{sender.ErrTaken, "EventType", "A hook has already been registered for this EventType"},
	{sender.ErrEventType, "EventType", "The EventType field is required."},
	{sender.ErrURL, "Url", "The value must be an http or https URL of at most 255 characters."},
	{sender.ErrTag, "Tag", "The value must have at most 255 characters."},
	{sender.ErrStatus, "Status", "The value must be ENABLED or DISABLED."},
	{sender.ErrValidity, "Validity", "The value can be set to VALID only."},
}

// hookReply answers with a hook, or with what is wrong with the request for it.
func hookReply(h sender.Hook, err error, id string) (reply, error) {
	if errors.Is(err, sender.ErrUnknown) {
		return reply{}, notFound("Hook", id)
	}
	var pairs []string
	for _, f := range hookFields {
		if errors.Is(err, f.err) {
			pairs = append(pairs, f.field, f.words)
		}
	}
	if err != nil {
		return reply{}, badParam(pairs...)
	}
	return ok(shownHook(h))
}

func (c *call) createHook() (reply, error) {
	var w hookWish
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	h, err := c.sender.Create(sender.NewHook{EventType: w.EventType, URL: value(w.URL), Tag: value(w.Tag), Email: value(w.Email)})
	return hookReply(h, err, "")
}

func (c *call) viewHook() (reply, error) {
	id := c.r.PathValue("hook")
	h, err := c.sender.Hook(id)
	return hookReply(h, err, id)
}

// updateHook changes a hook. SDKs send the whole object back, also the Validity INVALID that they have read, which asks for
// nothing.
func (c *call) updateHook() (reply, error) {
	id := c.r.PathValue("hook")
	var w hookWish
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	if h, err := c.sender.Hook(id); err == nil && w.Validity != nil && *w.Validity == h.Validity {
		w.Validity = nil
	}
	h, err := c.sender.Update(id, sender.Change{URL: w.URL, Status: w.Status, Validity: w.Validity, Tag: w.Tag, Email: w.Email})
	return hookReply(h, err, id)
}

// listHooks lists hooks, enabled and disabled, the newest first.
func (c *call) listHooks() (reply, error) {
	newest, err := c.newestFirst(true)
	if err != nil {
		return reply{}, err
	}
	rows := []hookBody{}
	for _, h := range c.sender.Hooks() {
		rows = append(rows, shownHook(h))
	}
	if newest {
		slices.Reverse(rows)
	}
	return list(c, rows)
}
