// Package asyncapi describes, as an AsyncAPI 3.0 document, what others may read from Hookfold's streams: the facts that say
// what changed, and the log of what was said. It is generated from the catalogue of event types and from what the machines
// publish, so that it cannot tell anything else than they do. Generators make clients of it in most languages.
package asyncapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

// Config says what the document is of. The zero value is usable.
type Config struct {
	Prefix  string // begins every subject; "": hookfold
	Version string // of the application; "": 0
	// Machines are what the read models publish; nil: views.Machines().
	Machines []views.Published
}

// ErrConfig is wrapped by the error of Document.
var ErrConfig = errors.New("asyncapi: the configuration cannot be used")

// object is a JSON object, whose members are written in the order of their names.
type object = map[string]any

// Document writes the description as indented JSON. The same configuration gives the same bytes. Errors: ErrConfig, where
// two machines of one kind have one name.
func Document(c Config) ([]byte, error) {
	c.Prefix, c.Version = cmp.Or(c.Prefix, "hookfold"), cmp.Or(c.Version, "0")
	if c.Machines == nil {
		c.Machines = views.Machines()
	}
	d := &drawing{cfg: c, channels: object{}, operations: object{}, messages: object{}, schemas: object{}}
	for _, m := range c.Machines {
		if err := d.facts(m); err != nil {
			return nil, err
		}
	}
	d.log()
	return d.render()
}

// drawing is a document that is being made.
type drawing struct {
	cfg                                     Config
	channels, operations, messages, schemas object
}

// render puts the document together.
func (d *drawing) render() ([]byte, error) {
	d.schemas["envelope"], d.schemas["headers"] = envelope(), headers()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(object{
		"asyncapi": "3.0.0",
		"info": object{
			"title": "Hookfold", "version": d.cfg.Version,
			"description": "What a payment provider's notifications mean, on NATS JetStream. Facts are kept in the stream HOOKFOLD_FACTS, " +
				"once each and in order for each resource; the log, from which they are made, in HOOKFOLD. Tokens of subjects are " +
				"escaped: every byte but letters, digits, - and _ is = and two hexadecimal digits, and a lone = is the empty text.",
		},
		"defaultContentType": "application/json",
		"channels":           d.channels,
		"operations":         d.operations,
		"components":         object{"messages": d.messages, "schemas": d.schemas},
	})
	if err != nil {
		return nil, fmt.Errorf("asyncapi: the document does not render: %w", err)
	}
	return out.Bytes(), nil
}

// facts describes the transitions of one kind of resource.
func (d *drawing) facts(m views.Published) error {
	channel, said := "fact_"+m.Kind, object{}
	for _, r := range m.Ranges {
		name := channel + "_" + r.Machine
		if d.messages[name] != nil {
			return fmt.Errorf("%w: kind %q has two machines that are called %q", ErrConfig, m.Kind, r.Machine)
		}
		d.schemas[name] = factSchema(m, r)
		d.messages[name] = message(events.Transition, "The "+r.Machine+" of a resource of kind "+m.Kind+" changed.", ref("schemas", name))
		said[name] = ref("messages", name)
	}
	d.channel(channel, d.cfg.Prefix+".fact.{source}."+events.Token(m.Kind)+".{to}.{id}", "What changed: "+m.Model+".", object{
		"source": parameter("Provider, environment and client; * for all."),
		"to": parameter("The new value, of whichever machine; = where it is no longer known, / and its SHA-256 in hexadecimal " +
			"where its token would have over 256 bytes. The data has the value itself."),
		"id": parameter("The resource's identifier."),
	}, said)
	return nil
}

// log describes the notifications in the log, by kind of resource.
func (d *drawing) log() {
	kinds := map[string]object{}
	for info := range mangopay.Catalogue() {
		if kinds[info.Kind] == nil {
			kinds[info.Kind] = object{}
		}
		name := "said_" + string(info.Type)
		d.messages[name] = message(info.Type, info.Meaning, object{"allOf": []any{ref("schemas", "envelope"), object{"properties": object{
			"type": object{"const": string(info.Type)}, "kind": object{"const": info.Kind},
		}}}})
		kinds[info.Kind][name] = ref("messages", name)
	}
	for kind, said := range kinds {
		d.channel("log_"+kind, d.cfg.Prefix+".log.{source}."+events.Token(kind)+".{id}", "What the provider said; it proves nothing.", object{
			"source": parameter("Provider, environment and client; * for all."),
			"id":     parameter("The resource's identifier."),
		}, said)
	}
}

// channel describes a family of subjects, to which Hookfold sends.
func (d *drawing) channel(name, address, summary string, parameters, messages object) {
	d.channels[name] = object{"address": address, "summary": summary, "parameters": parameters, "messages": messages}
	d.operations["tell_"+name] = object{"action": "send", "channel": object{"$ref": "#/channels/" + name}, "summary": summary}
}

// message describes one message.
func message(t events.Type, summary string, payload object) object {
	return object{"name": string(t), "summary": summary, "headers": ref("schemas", "headers"), "payload": payload}
}

// headers are the CloudEvents attributes of a message.
func headers() object {
	text := object{"type": "string"}
	return object{"type": "object", "properties": object{
		"ce-specversion": object{"type": "string", "const": "1.0"}, "ce-id": text, "ce-source": text, "ce-subject": text,
		"ce-type": text, "ce-time": object{"type": "string", "format": "date-time"},
		"Hookfold-Machine": object{"type": "string", "description": "Of facts alone: the machine."},
	}}
}

// envelope is what every message has.
func envelope() object {
	text := func(what string) object { return object{"type": "string", "description": what} }
	return object{
		"type": "object", "required": []any{"v", "source", "type", "kind", "id", "date"},
		"properties": object{
			"v":        object{"type": "integer", "const": events.Version},
			"source":   text("Provider, environment and client."),
			"type":     text("What happened: the provider's EventType verbatim, or hookfold.*"),
			"kind":     text("Kind of resource."),
			"id":       text("The provider's identifier of the resource."),
			"date":     object{"type": "integer", "description": "Unix seconds, by the clock of whoever said it."},
			"origin":   text("By which door it came: webhook, backfill or import."),
			"received": object{"type": "integer", "description": "Unix milliseconds, by our clock."},
			"replica":  text("Which receiver took it."),
			"attempt":  object{"type": "integer"},
			"data":     object{"type": "object"},
		},
	}
}

// factSchema is the data of a machine's facts.
func factSchema(m views.Published, r projections.Range) object {
	properties := object{
		"type": object{"const": string(events.Transition)}, "kind": object{"const": m.Kind},
		"data": object{
			"type":     "object",
			"required": []any{"fact", "model", "machine", "from", "to", "seq", "stored", "event", "confirmed", "correction"},
			"properties": object{
				"fact":       object{"type": "string", "description": "No other fact of this source and log has it."},
				"model":      object{"type": "string", "const": m.Model},
				"machine":    object{"type": "string", "const": r.Machine},
				"from":       value(r),
				"to":         value(r),
				"seq":        object{"type": "integer", "minimum": 1, "description": "Record of the log that made it."},
				"stored":     object{"type": "integer", "description": "Unix nanoseconds: when the log stored that record."},
				"event":      object{"type": "string", "description": "Type of that record."},
				"confirmed":  object{"type": "boolean", "description": "The provider's API backs the new value."},
				"correction": object{"type": "boolean", "description": "The record was late, and changed what was read from the past."},
			},
		},
	}
	return object{"allOf": []any{ref("schemas", "envelope"), object{"required": []any{"data"}, "properties": properties}}}
}

// value is what a machine publishes: what is known, or what a provider may come to say.
func value(r projections.Range) object {
	known := []any{""}
	for _, v := range r.Values {
		known = append(known, v)
	}
	return object{"anyOf": []any{
		object{"type": "string", "enum": known},
		object{"type": "string", "description": "A value that is not known, verbatim as the provider's API told it."},
	}}
}

// ref points to a component.
func ref(where, name string) object { return object{"$ref": "#/components/" + where + "/" + name} }

// parameter describes one token of a subject.
func parameter(what string) object { return object{"description": what} }
