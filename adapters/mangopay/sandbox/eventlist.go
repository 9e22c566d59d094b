package sandbox

import (
	"time"

	"github.com/hookfold/hookfold/events"
)

// eventsReach is how far back the list of events goes.
const eventsReach = 45 * 24 * time.Hour

// eventRow is an Event: ResourceId here has one s, unlike the RessourceId of notifications.
type eventRow struct {
	ResourceID string      `json:"ResourceId"`
	EventType  events.Type `json:"EventType"`
	Date       int64       `json:"Date"`
}

// listEvents lists what took place, as far as it is indexed. The provider's Sort does not work here, so that there is none;
// its bounds are taken to belong to the window.
func (c *call) listEvents() (reply, error) {
	after, before, err := c.dates()
	if err != nil {
		return reply{}, err
	}
	oldest := unix(c.at.Add(-eventsReach))
	for field, bound := range map[string]int64{"AfterDate": after, "BeforeDate": before} {
		if bound != 0 && bound < oldest {
			return reply{}, badParam(field, "Events older than 45 days can not be searched")
		}
	}
	kind := c.query.Get("eventtype")
	newest := unix(c.at.Add(-time.Duration(c.faults.Index) * time.Second))
	rows := []eventRow{}
	for _, e := range c.sender.Events() {
		within := e.Date >= max(after, oldest) && (before == 0 || e.Date <= before)
		indexed := c.faults.Index == 0 || e.Date <= newest
		if within && indexed && (kind == "" || kind == "ALL" || kind == string(e.EventType)) {
			rows = append(rows, eventRow{e.ResourceID, e.EventType, e.Date})
		}
	}
	return list(c, rows)
}
