package sandbox

import "net/http"

func (s *Sandbox) showEvents(*http.Request, func(any) error) (any, error) {
	rows := []eventRow{}
	for _, e := range s.Sender().Events() {
		rows = append(rows, eventRow{e.ResourceID, e.EventType, e.Date})
	}
	return rows, nil
}

func (s *Sandbox) showMails(*http.Request, func(any) error) (any, error) {
	rows := []mailBody{}
	for _, m := range s.Sender().Mails() {
		rows = append(rows, mailBody{unix(m.At), m.To, m.HookID, string(m.EventType), m.Failures, m.Invalid})
	}
	return rows, nil
}

// mailBody is a warning about a hook.
type mailBody struct {
	At        int64  `json:"at"`
	To        string `json:"to"`
	Hook      string `json:"hook"`
	EventType string `json:"event_type"`
	Failures  int    `json:"failures"`
	Invalid   bool   `json:"invalid"`
}

// attemptBody is a request to a receiver.
type attemptBody struct {
	At        int64  `json:"at"`
	Hook      string `json:"hook"`
	EventType string `json:"event_type"`
	Resource  string `json:"resource"`
	Date      int64  `json:"date"`
	Number    int    `json:"number"`
	Copy      bool   `json:"copy"`
	Status    int    `json:"status"`
	Failure   string `json:"failure"`
	Failures  int    `json:"failures"`
}

func (s *Sandbox) showAttempts(*http.Request, func(any) error) (any, error) {
	rows := []attemptBody{}
	for _, a := range s.Sender().Attempts() {
		rows = append(rows, attemptBody{
			unix(a.At), a.HookID, string(a.EventType), a.ResourceID, a.Date, a.Number, a.Copy, a.Status, string(a.Failure), a.Failures,
		})
	}
	return rows, nil
}

func (s *Sandbox) testHook(r *http.Request, _ func(any) error) (any, error) {
	return map[string]bool{"sent": true}, s.Sender().Test(r.PathValue("hook"))
}
