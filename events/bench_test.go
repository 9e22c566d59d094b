package events_test

import (
	"encoding/json"
	"testing"

	"github.com/hookfold/hookfold/events"
)

// BenchmarkDecode shows Decode beside encoding/json on the same bytes:
//
//	go test -run xxx -bench Decode -benchmem ./events
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"v1-claim", "v1-claim-unknown", "v1-observation"} {
		header, data, err := events.Encode(golden(b)[name])
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := events.Decode(header, data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/decoder", func(b *testing.B) {
			var d events.Decoder
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/json-map", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var m map[string]any
				if err := json.Unmarshal(data, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	e := golden(b)["v1-claim"]
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := events.Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkID(b *testing.B) {
	e := claim()
	b.ReportAllocs()
	for b.Loop() {
		_ = e.ID()
	}
}

func BenchmarkToken(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_ = events.Token("user_m_01JQVHDG0S0TJP5KFX029211BF")
	}
}

// BenchmarkCanonical shows the look that Encode takes at data beside rendering it again:
//
//	go test -run xxx -bench Canonical -benchmem ./events
func BenchmarkCanonical(b *testing.B) {
	data := golden(b)["v1-observation"].Data
	b.Run("look", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !events.IsCanonical(data) {
				b.Fatal(string(data))
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := events.Canonical(json.RawMessage(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
