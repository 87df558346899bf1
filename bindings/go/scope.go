package aicredits

// Scope is whose credits were asked for.
type Scope struct {
	// AccountID is the account's id; empty where none was sent.
	AccountID string `json:"accountId,omitempty"`
	// SiteID is the site's id; empty where none was sent. The API's page: when the caller has both, the account-level
	// balance is returned.
	SiteID string `json:"siteId,omitempty"`
}

// String shows the scope, such as "account 8b1c…", with ids escaped. Without an id, the credential carries its own.
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
