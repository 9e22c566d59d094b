package asyncapi_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfold/hookfold/adapters/asyncapi"
	"github.com/hookfold/hookfold/events"
	"github.com/hookfold/hookfold/events/mangopay"
	"github.com/hookfold/hookfold/projections"
	"github.com/hookfold/hookfold/projections/views"
)

var update = flag.Bool("update", false, "write the golden file anew")

const golden = "testdata/asyncapi.json"

type object = map[string]any

// document is the description, read back.
func document(t testing.TB) object {
	t.Helper()
	text, err := asyncapi.Document(asyncapi.Config{})
	require.NoError(t, err)
	var d object
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

func TestDocument_IsTheOneThatWasReleased(t *testing.T) {
	t.Parallel()
	have, err := asyncapi.Document(asyncapi.Config{})
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(golden, have, 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "go test ./adapters/asyncapi -update writes it anew")
	again, err := asyncapi.Document(asyncapi.Config{})
	require.NoError(t, err)
	require.Equal(t, have, again)
}

// at follows a reference.
func at(t testing.TB, d object, ref string) any {
	t.Helper()
	var v any = d
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		o, ok := v.(object)
		require.True(t, ok, ref)
		v, ok = o[name]
		require.True(t, ok, "%s points nowhere", ref)
	}
	return v
}

// refs are all references in a value.
func refs(v any) (out []string) {
	switch v := v.(type) {
	case object:
		for name, member := range v {
			if text, ok := member.(string); name == "$ref" && ok {
				out = append(out, text)
			}
			out = append(out, refs(member)...)
		}
	case []any:
		for _, member := range v {
			out = append(out, refs(member)...)
		}
	}
	return out
}

func TestDocument_HoldsTogether(t *testing.T) {
	t.Parallel()
	d := document(t)
	assert.Equal(t, "3.0.0", d["asyncapi"])
	all := refs(d)
	require.Greater(t, len(all), 300)
	for _, ref := range all {
		at(t, d, ref)
	}
	tokens := regexp.MustCompile(`\{(\w+)\}`)
	for name, c := range d["channels"].(object) {
		assert.Regexp(t, `^[A-Za-z0-9_\-]+$`, name)
		var have []string
		for parameter := range c.(object)["parameters"].(object) {
			have = append(have, parameter)
		}
		var want []string
		for _, m := range tokens.FindAllStringSubmatch(c.(object)["address"].(string), -1) {
			want = append(want, m[1])
		}
		assert.ElementsMatch(t, want, have, name)
		assert.NotEmpty(t, c.(object)["messages"], name)
	}
	for _, o := range d["operations"].(object) {
		assert.Equal(t, "send", o.(object)["action"])
	}
}

func TestDocument_KnowsEveryTypeOfTheCatalogueAndEveryMachine(t *testing.T) {
	t.Parallel()
	d := document(t)
	for info := range mangopay.Catalogue() {
		at(t, d, "#/channels/log_"+info.Kind+"/messages/said_"+string(info.Type))
	}
	for _, m := range []string{"idv_session_session", "user_status", "user_category", "user_kyc", "user_sca", "user_inflows", "user_outflows", "hook_hook", "hook_hook_status"} {
		at(t, d, "#/components/messages/fact_"+m)
	}
}

// validate holds a value against a schema, as far as the document uses the language.
func validate(t testing.TB, d object, schema object, v any, path string) []string {
	t.Helper()
	var wrong []string
	if ref, ok := schema["$ref"].(string); ok {
		return validate(t, d, at(t, d, ref).(object), v, path)
	}
	is := map[string]func() bool{
		"string":  func() bool { _, ok := v.(string); return ok },
		"boolean": func() bool { _, ok := v.(bool); return ok },
		"object":  func() bool { _, ok := v.(object); return ok },
		"integer": func() bool { n, ok := v.(float64); return ok && n == float64(int64(n)) },
	}
	if want, ok := schema["type"].(string); ok && !is[want]() {
		return []string{fmt.Sprintf("%s is %v and no %s", path, v, want)}
	}
	if want, ok := schema["const"]; ok && want != v {
		wrong = append(wrong, fmt.Sprintf("%s is %v and not %v", path, v, want))
	}
	if want, ok := schema["enum"].([]any); ok && !slices.Contains(want, v) {
		wrong = append(wrong, fmt.Sprintf("%s is %v and none of %v", path, v, want))
	}
	if all, ok := schema["allOf"].([]any); ok {
		for _, s := range all {
			wrong = append(wrong, validate(t, d, s.(object), v, path)...)
		}
	}
	if o, ok := v.(object); ok {
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, there := o[name.(string)]; !there {
				wrong = append(wrong, fmt.Sprintf("%s has no %s", path, name))
			}
		}
		properties, _ := schema["properties"].(object)
		for name, s := range properties {
			if member, there := o[name]; there {
				wrong = append(wrong, validate(t, d, s.(object), member, path+"."+name)...)
			}
		}
		if path == "$.data" && len(properties) > 0 {
			for name := range o {
				if properties[name] == nil {
					wrong = append(wrong, path+" has "+name+", which is not described")
				}
			}
		}
	}
	if some, ok := schema["anyOf"].([]any); ok && !slices.ContainsFunc(some, func(s any) bool { return len(validate(t, d, s.(object), v, path)) == 0 }) {
		wrong = append(wrong, path+" fits nothing")
	}
	return wrong
}

// shelf keeps facts.
type shelf []projections.Fact

func (s *shelf) Publish(_ context.Context, fs []projections.Fact) error {
	*s = append(*s, fs...)
	return nil
}

// told are the facts that a projector makes of every type of the catalogue, once for each.
func told(t testing.TB) (facts shelf) {
	t.Helper()
	log := projections.NewMemoryLog("log", func() time.Time { return time.Unix(1_800_000_000, 0) }, 0)
	n := 0
	for info := range mangopay.Catalogue() {
		n++
		_, err := log.Append(t.Context(), mangopay.Notification{Type: info.Type, ResourceID: fmt.Sprint("r", n), Date: 1_790_000_000}.Event(""))
		require.NoError(t, err)
	}
	proj, err := projections.New(projections.Config{Log: log, Store: projections.NewMemoryStore(), Models: views.All(), Facts: &facts})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- proj.Run(ctx) }()
	require.NoError(t, proj.Wait(ctx, projections.Seq(n)))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	return facts
}

func TestDocument_DescribesTheFactsThatArePublished(t *testing.T) {
	t.Parallel()
	d := document(t)
	facts := told(t)
	require.Greater(t, len(facts), 20)
	for _, f := range facts {
		e, err := f.Encode()
		require.NoError(t, err)
		_, data, err := events.Encode(e)
		require.NoError(t, err)
		var v any
		require.NoError(t, json.Unmarshal(data, &v))
		name := "fact_" + f.Ref.Kind + "_" + f.Machine
		schema := at(t, d, "#/components/schemas/"+name).(object)
		require.Empty(t, validate(t, d, schema, v, "$"), name)
		v.(object)["data"].(object)["machine"] = "another"
		require.NotEmpty(t, validate(t, d, schema, v, "$"), "a schema that everything fits describes nothing")
	}
}

func TestDocument_RefusesTwoMachinesOfOneName(t *testing.T) {
	t.Parallel()
	r := projections.Range{Machine: "m"}
	_, err := asyncapi.Document(asyncapi.Config{Machines: []views.Published{{Kind: "k", Ranges: []projections.Range{r, r}}}})
	assert.ErrorIs(t, err, asyncapi.ErrConfig)
}

func ExampleDocument() {
	text, err := asyncapi.Document(asyncapi.Config{Prefix: "shop", Version: "1.2.3"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var d struct {
		Channels map[string]struct{ Address string }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Channels["fact_user"].Address)
	// Output: shop.fact.{source}.user.{to}.{id}
}
