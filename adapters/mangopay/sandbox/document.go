package sandbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookfold/hookfold/events"
)

// document is a KYC Document, in the provider's shape.
type document struct {
	ID                   string   `json:"Id"`
	Tag                  *string  `json:"Tag"`
	UserID               string   `json:"UserId"`
	Type                 string   `json:"Type"`
	Status               string   `json:"Status"`
	CreationDate         int64    `json:"CreationDate"`
	ProcessedDate        *int64   `json:"ProcessedDate"`
	RefusedReasonType    *string  `json:"RefusedReasonType"`
	RefusedReasonMessage *string  `json:"RefusedReasonMessage"`
	Flags                []string `json:"Flags"`

	pages int
}

// The statuses of a document that a session does not have.
const created, validationAsked = "CREATED", "VALIDATION_ASKED"

// addressProof is the type of a document that stands for any that are no proofs of identity (S3).
const addressProof = "ADDRESS_PROOF"

// documentTypes are the types of documents.
var documentTypes = []string{"IDENTITY_PROOF", addressProof, "REGISTRATION_PROOF", "ARTICLES_OF_ASSOCIATION", "SHAREHOLDER_DECLARATION"}

// documentEvents are fired when a document comes to a status.
var documentEvents = map[string]events.Type{
	created: "KYC_CREATED", validationAsked: "KYC_VALIDATION_ASKED", validated: "KYC_SUCCEEDED", denied: "KYC_FAILED", outOfDate: "KYC_OUTDATED",
}

// documentRoutes are the endpoints of KYC documents.
var documentRoutes = []route{
	{"POST /users/{user}/kyc/documents", (*call).createDocument},
	{"GET /users/{user}/kyc/documents", (*call).listDocuments},
	{"GET /users/{user}/kyc/documents/{document}", (*call).viewDocument},
	{"PUT /users/{user}/kyc/documents/{document}", (*call).submitDocument},
	{"POST /users/{user}/kyc/documents/{document}/pages", (*call).addPage},
	{"GET /kyc/documents", (*call).listDocuments},
	{"GET /kyc/documents/{document}", (*call).viewDocument},
	{"POST /kyc/documents/{document}/consult", (*call).consultDocument},
}

func (c *call) createDocument() (reply, error) {
	u, err := c.userOf("")
	if err != nil {
		return reply{}, err
	}
	var w struct {
		Type string  `json:"Type"`
		Tag  *string `json:"Tag"`
	}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	if !slices.Contains(documentTypes, w.Type) {
		return reply{}, badParam("Type", "The value must be one of "+strings.Join(documentTypes, ", ")+".")
	}
	d := document{
		ID: c.ids.ulid("kyc_", c.at), Tag: w.Tag, UserID: u.id, Type: w.Type, Status: created, CreationDate: unix(c.at), Flags: []string{},
	}
	c.documents.add(d.ID, c.at, d)
	c.emit(documentEvents[created], d.ID)
	return ok(d)
}

// document finds the one that a path names, of the path's user where it has one.
func (c *call) document() (document, error) {
	id, of := c.r.PathValue("document"), c.r.PathValue("user")
	d, err := find(c, c.documents, "KycDocument", id)
	if err == nil && of != "" && d.UserID != of {
		return d, notFound("KycDocument", id)
	}
	return d, err
}

func (c *call) viewDocument() (reply, error) {
	d, err := c.document()
	if err != nil {
		return reply{}, err
	}
	return ok(d)
}

func (c *call) listDocuments() (reply, error) {
	of := c.r.PathValue("user")
	if of != "" {
		if _, err := c.userOf(""); err != nil {
			return reply{}, err
		}
	}
	after, before, err := c.dates()
	if err != nil {
		return reply{}, err
	}
	newest, err := c.newestFirst(false)
	if err != nil {
		return reply{}, err
	}
	rows := c.documents.all(c.asOf, func(d document) bool {
		return (of == "" || d.UserID == of) && d.CreationDate >= after && (before == 0 || d.CreationDate <= before)
	})
	if newest {
		slices.Reverse(rows)
	}
	return list(c, rows)
}

// addPage takes a page of a document that has not been handed in. What is on it is not kept.
func (c *call) addPage() (reply, error) {
	d, err := c.document()
	if err != nil {
		return reply{}, err
	}
	var w struct {
		File string `json:"File"`
	}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	file, err := base64.StdEncoding.DecodeString(w.File) // which leaves out line breaks
	switch {
	case err != nil || len(file) < 4:
		return reply{}, badParam("File", "The value must be a file, encoded in base64.")
	case d.Status != created:
		return reply{}, badParam("Status", "The document has been handed in already.")
	}
	d.pages++
	c.documents.by[d.ID].put(c.at, d)
	return none()
}

// submitDocument hands a document in.
func (c *call) submitDocument() (reply, error) {
	d, err := c.document()
	if err != nil {
		return reply{}, err
	}
	var w struct {
		Status string  `json:"Status"`
		Tag    *string `json:"Tag"`
	}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	switch {
	case w.Status != validationAsked:
		return reply{}, badParam("Status", "The value must be VALIDATION_ASKED.")
	case d.Status != created:
		return reply{}, badParam("Status", "The document has been handed in already.")
	case d.pages == 0:
		return reply{}, badParam("Status", "The document has no page.")
	}
	c.moveDocument(d.ID, validationAsked, "", "")
	if d.Type == addressProof { // S3: it becomes VALIDATED automatically, and means nothing before it is reviewed
		s := c.Sandbox
		s.later(s.cfg.Verdict, func(time.Time) { s.moveDocument(d.ID, validated, "", "") })
	}
	return ok(c.documents.by[d.ID].now())
}

// consultDocument gives links to the pages: none, since they are not kept.
func (c *call) consultDocument() (reply, error) {
	if _, err := c.document(); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: []string{}}, nil
}

// moveDocument brings a document to a status.
func (s *Sandbox) moveDocument(id, status, reason, message string) {
	k, is := s.documents.by[id]
	if !is {
		return
	}
	d := k.now()
	d.Status, d.RefusedReasonType, d.RefusedReasonMessage = status, nil, nil
	if status == denied {
		d.RefusedReasonType, d.RefusedReasonMessage = &reason, &message
	}
	if status == validated || status == denied {
		d.ProcessedDate = at(s.now())
	}
	k.put(s.now(), d)
	s.emit(documentEvents[status], id)
}
