package sandbox

import (
	"slices"
)

// funds is an amount in the smallest unit of a currency.
type funds struct {
	Currency string `json:"Currency"`
	Amount   int64  `json:"Amount"`
}

// wallet is a Wallet, in the provider's shape.
type wallet struct {
	ID           string   `json:"Id"`
	Tag          *string  `json:"Tag"`
	CreationDate int64    `json:"CreationDate"`
	Owners       []string `json:"Owners"`
	Description  string   `json:"Description"`
	Currency     string   `json:"Currency"`
	Balance      funds    `json:"Balance"`
	FundsType    string   `json:"FundsType"`
}

// moneyRoutes are the endpoints of wallets and of transfers between them, and lists of what the sandbox does not play.
var moneyRoutes = []route{
	{"POST /wallets", (*call).createWallet},
	{"GET /wallets/{wallet}", (*call).viewWallet},
	{"PUT /wallets/{wallet}", (*call).updateWallet},
	{"GET /wallets/{wallet}/transactions", (*call).walletTransfers},
	{"GET /users/{user}/wallets", (*call).listWallets},
	{"GET /users/{user}/transactions", (*call).userTransfers},
	{"GET /users/{user}/cards", (*call).listNothing},
	{"GET /users/{user}/bankaccounts", (*call).listNothing},
	{"GET /users/{user}/preauthorizations", (*call).listNothing},
	{"POST /transfers", (*call).createTransfer},
	{"GET /transfers/{transfer}", (*call).viewTransfer},
	{"GET /transfers/{transfer}/refunds", (*call).listRefunds},
}

func (c *call) createWallet() (reply, error) {
	var w struct {
		Owners      []string `json:"Owners"`
		Description string   `json:"Description"`
		Currency    string   `json:"Currency"`
		Tag         *string  `json:"Tag"`
	}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	switch {
	case len(w.Owners) != 1:
		return reply{}, badParam("Owners", "The value must name one user.")
	case w.Description == "":
		return reply{}, badParam("Description", "The Description field is required.")
	case len(w.Currency) != 3:
		return reply{}, badParam("Currency", "The value must be a currency of three letters.")
	}
	k, is := c.users.by[w.Owners[0]]
	if !is {
		return reply{}, badParam("Owners", "The user does not exist.")
	}
	if k.now().status == closed {
		return reply{}, isClosed()
	}
	v := wallet{
		ID: c.ids.ulid("wlt_m_", c.at), Tag: w.Tag, CreationDate: unix(c.at), Owners: w.Owners, Description: w.Description,
		Currency: w.Currency, Balance: funds{w.Currency, 0}, FundsType: "DEFAULT",
	}
	c.wallets.add(v.ID, c.at, v)
	return ok(v)
}

// wallet finds the one that a path names. What is on a wallet is shown to who is allowed to look.
func (c *call) wallet() (wallet, error) {
	v, err := find(c, c.wallets, "Wallet", c.r.PathValue("wallet"))
	if err != nil {
		return v, err
	}
	return v, c.looks(v.Owners[0])
}

func (c *call) viewWallet() (reply, error) {
	v, err := c.wallet()
	if err != nil {
		return reply{}, err
	}
	return ok(v)
}

func (c *call) updateWallet() (reply, error) {
	v, err := find(c, c.wallets, "Wallet", c.r.PathValue("wallet"))
	if err != nil {
		return reply{}, err
	}
	w := struct {
		Description string  `json:"Description"`
		Tag         *string `json:"Tag"`
	}{v.Description, nil}
	if err := c.read(&w); err != nil {
		return reply{}, err
	}
	v.Description = w.Description
	if w.Tag != nil {
		v.Tag = w.Tag
	}
	c.wallets.by[v.ID].put(c.at, v)
	return ok(v)
}

func (c *call) listWallets() (reply, error) {
	u, err := c.userOf("")
	if err == nil {
		err = c.looks(u.id)
	}
	if err != nil {
		return reply{}, err
	}
	return ordered(c, c.wallets.all(c.asOf, func(w wallet) bool { return slices.Contains(w.Owners, u.id) }))
}

// listNothing lists what the sandbox does not play.
func (c *call) listNothing() (reply, error) {
	if _, err := c.userOf(""); err != nil {
		return reply{}, err
	}
	return list(c, []struct{}{})
}

// deposit puts money on a wallet, which only the control API does.
func (s *Sandbox) deposit(id string, amount int64) {
	k := s.wallets.by[id]
	w := k.now()
	w.Balance.Amount += amount
	k.put(s.now(), w)
}
