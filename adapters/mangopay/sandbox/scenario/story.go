package scenario

// Story is a course of events at the provider. [Parse] makes one.
type Story struct {
	Name   string // such as "natural-user-verified"
	Title  string // one line
	Text   string // what it tells, in paragraphs
	Source string // the file, as it is
	Steps  []Step // in the order in which they are played
}

// Step is one thing that a story does or expects.
type Step struct {
	Line int    // of its file, from 1
	Says string // what it is about, in a sentence; "" where the file says nothing
	Text string // its first line, as it stands in the file, without its body
	Last bool   // it stands after finally: it is played even when one before has failed

	verb   verb
	times  int // at least 1
	method string
	path   template // of a call or an action
	body   any      // as decoded from JSON, strings as templates; nil: none
	status []int    // any of them; none: each 2xx
	fields []field
	keeps  []keeping
	kind   string   // of an expected document: the name under which it is served
	id     template // likewise
}

// verb is what a step does.
type verb uint8

const (
	verbCall    verb = iota // of the provider's API
	verbSandbox             // of the control API
	verbExpect              // of the read model
	verbOperate             // of Hookfold
)

// needsHookfold tells whether a step is passed over where there is only a sandbox.
func (s Step) needsHookfold() bool { return s.verb == verbExpect || s.verb == verbOperate }

// field is an expected field.
type field struct {
	path path
	want template
	any  bool // whatever it is, but neither null nor nothing
}

// keeping is a field that is kept as a variable.
type keeping struct {
	name string
	path path
}

// uses are the variables that a step needs.
func (s Step) uses() []string {
	var names []string
	names = append(names, s.path.names()...)
	names = append(names, s.id.names()...)
	names = append(names, bodyNames(s.body)...)
	for _, f := range s.fields {
		names = append(append(names, f.path.names()...), f.want.names()...)
	}
	for _, k := range s.keeps {
		names = append(names, k.path.names()...)
	}
	return names
}
