package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// transfer is a Transfer, in the provider's shape. One that fails is answered with 200 all the same: see its ResultCode.
type transfer struct {
	ID                string         `json:"Id"`
	Tag               *string        `json:"Tag"`
	CreationDate      int64          `json:"CreationDate"`
	AuthorID          string         `json:"AuthorId"`
	CreditedUserID    string         `json:"CreditedUserId"`
	DebitedFunds      funds          `json:"DebitedFunds"`
	CreditedFunds     funds          `json:"CreditedFunds"`
	Fees              funds          `json:"Fees"`
	Status            string         `json:"Status"`
	ResultCode        string         `json:"ResultCode"`
	ResultMessage     string         `json:"ResultMessage"`
	ExecutionDate     *int64         `json:"ExecutionDate"`
	Type              string         `json:"Type"`
	Nature            string         `json:"Nature"`
	DebitedWalletID   string         `json:"DebitedWalletId"`
	CreditedWalletID  string         `json:"CreditedWalletId"`
	ScaContext        *string        `json:"ScaContext"`
	PendingUserAction *pendingAction `json:"PendingUserAction"`
}

// result is how a transfer came out.
type result struct{ code, message string }

// The results of transfers.
var (
	succeeded     = result{"000000", "Success"}
	tooLittle     = result{"001001", "Unsufficient wallet balance"}
	payerActs     = result{"002701", "Users with category PAYER cannot perform this action"}
	payerReceives = result{"002702", "Users with category PAYER cannot receive transfers from users with category OWNER"}
	userBlocked   = result{"008700", "The user is blocked"}
)

func (c *call) createTransfer() (reply, error) {
	var t transfer
	if err := c.read(&t); err != nil {
		return reply{}, err
	}
	from, to, err := c.between(t)
	if err != nil {
		return reply{}, err
	}
	t.ID, t.CreationDate = c.ids.ulid("xfer_m_", c.at), unix(c.at)
	t.Type, t.Nature, t.PendingUserAction = "TRANSFER", "REGULAR", nil
	t.CreditedUserID, t.CreditedFunds = to.id, funds{t.DebitedFunds.Currency, t.DebitedFunds.Amount - t.Fees.Amount}
	r := judge(from, to, c.wallets.by[t.DebitedWalletID].now(), t)
	t.Status, t.ResultCode, t.ResultMessage, t.ExecutionDate = "FAILED", r.code, r.message, nil
	c.emit("TRANSFER_NORMAL_CREATED", t.ID)
	if r == succeeded {
		t.Status, t.ExecutionDate = "SUCCEEDED", at(c.at)
		c.deposit(t.DebitedWalletID, -t.DebitedFunds.Amount)
		c.deposit(t.CreditedWalletID, t.CreditedFunds.Amount)
		c.emit("TRANSFER_NORMAL_SUCCEEDED", t.ID)
	} else {
		c.emit("TRANSFER_NORMAL_FAILED", t.ID)
	}
	c.transfers.add(t.ID, c.at, t)
	return ok(t)
}

// between finds who gives and who receives.
func (c *call) between(t transfer) (from, to user, err error) {
	debited, is := c.wallets.by[t.DebitedWalletID]
	credited, also := c.wallets.by[t.CreditedWalletID]
	switch {
	case t.AuthorID == "":
		return from, to, badParam("AuthorId", "The AuthorId field is required.")
	case !is:
		return from, to, badParam("DebitedWalletId", "The wallet does not exist.")
	case !also || t.DebitedWalletID == t.CreditedWalletID:
		return from, to, badParam("CreditedWalletId", "The wallet does not exist, or is the debited one.")
	case t.DebitedFunds.Amount <= 0 || t.Fees.Amount < 0 || t.Fees.Amount > t.DebitedFunds.Amount:
		return from, to, badParam("DebitedFunds", "The amount must be greater than 0, and at least that of the fees.")
	case t.DebitedFunds.Currency != debited.now().Currency || t.DebitedFunds.Currency != credited.now().Currency:
		return from, to, badParam("DebitedFunds", "The currency must be that of both wallets.")
	case !slices.Contains(debited.now().Owners, t.AuthorID):
		return from, to, badParam("AuthorId", "The user does not own the debited wallet.")
	}
	from, to = c.users.by[t.AuthorID].now(), c.users.by[credited.now().Owners[0]].now()
	if value(t.ScaContext) == userNotPresent && from.enrolled && from.consent == nil {
		return from, to, scaProxyMissing()
	}
	return from, to, nil
}

// judge says how a transfer comes out.
func judge(from, to user, debited wallet, t transfer) result {
	switch {
	case from.outflows || to.inflows: // which includes whoever is closed
		return userBlocked
	case from.category == owner && to.category == payer:
		return payerReceives // S2
	case from.category == payer && to.category == payer:
		return payerActs
	case debited.Balance.Amount < t.DebitedFunds.Amount:
		return tooLittle
	}
	return succeeded
}

func (c *call) viewTransfer() (reply, error) {
	t, err := find(c, c.transfers, "Transfer", c.r.PathValue("transfer"))
	if err != nil {
		return reply{}, err
	}
	return ok(t)
}

func (c *call) listRefunds() (reply, error) {
	if _, err := find(c, c.transfers, "Transfer", c.r.PathValue("transfer")); err != nil {
		return reply{}, err
	}
	return list(c, []transfer{})
}

func (c *call) walletTransfers() (reply, error) {
	w, err := c.wallet()
	if err != nil {
		return reply{}, err
	}
	return c.transactions(func(t transfer) bool { return t.DebitedWalletID == w.ID || t.CreditedWalletID == w.ID })
}

func (c *call) userTransfers() (reply, error) {
	u, err := c.userOf("")
	if err == nil {
		err = c.looks(u.id)
	}
	if err != nil {
		return reply{}, err
	}
	return c.transactions(func(t transfer) bool { return t.AuthorID == u.id || t.CreditedUserID == u.id })
}

// transactions lists transfers, the only transactions that the sandbox plays: those that are meant and that the query asks for.
func (c *call) transactions(meant func(transfer) bool) (reply, error) {
	after, before, err := c.dates()
	if err != nil {
		return reply{}, err
	}
	asked := func(field, is string) bool {
		v := c.query.Get(field)
		return v == "" || slices.Contains(strings.Split(v, ","), is)
	}
	return ordered(c, c.transfers.all(c.asOf, func(t transfer) bool {
		return meant(t) && t.CreationDate >= after && (before == 0 || t.CreationDate <= before) &&
			asked("type", t.Type) && asked("nature", t.Nature) && asked("status", t.Status) && asked("resultcode", t.ResultCode)
	}))
}

// looks refuses a look at a user's money for which the user must be present: 401, which says nothing of the token.
func (c *call) looks(user string) error {
	u := c.users.by[user].now()
	if c.query.Get("scacontext") != userPresent || c.bypasses(u) || u.looksUntil.After(c.at) {
		return nil
	}
	no := refused(http.StatusUnauthorized, "sca_required", "The user must authenticate to show this")
	pending := c.openEnrolment(user, toLook)
	no.header = http.Header{"WWW-Authenticate": {"PendingUserAction RedirectUrl=" + pending.RedirectURL}}
	return no
}
