package aicredits

// Scope is the account or site of a request.
type Scope struct {
	// AccountID is the id of the account; empty if none was sent.
	AccountID string `json:"accountId,omitempty"`
	// SiteID is the id of the site; empty if none was sent. If both ids are sent, the API returns the balance of the
	// account.
	SiteID string `json:"siteId,omitempty"`
}

// String shows the scope, such as "account 8b1c…". The ids are escaped.
func (s Scope) String() string {
	switch {
	case s.AccountID != "" && s.SiteID != "":
		return "account " + escaped(s.AccountID) + " and site " + escaped(s.SiteID)
	case s.AccountID != "":
		return "account " + escaped(s.AccountID)
	case s.SiteID != "":
		return "site " + escaped(s.SiteID)
	default:
		return "the credential's own context"
	}
}
