package aicredits

// Target is an account or a site that a [Fleet] reads. Make it with [AccountTarget], [SiteTarget], [AccountAndSiteTarget] or
// [CredentialTarget], then set its fields as needed.
type Target struct {
	// Label is a name for people, such as the customer's. It is never sent.
	Label string
	// Owner is the id of the account that a site belongs to. It is never sent.
	Owner string
	// Client asks for this target; nil means the client of the fleet. A key belongs to one account, so a fleet over several
	// accounts has several clients.
	Client *Client
	// ClientName is a name of Client for people. It is never a key.
	ClientName string

	scope                             Scope
	sendsAccount, sendsSite, isChosen bool
}

// AccountTarget reads an account.
func AccountTarget(accountID string) Target {
	return Target{scope: Scope{AccountID: accountID}, sendsAccount: true, isChosen: true}
}

// SiteTarget reads a site.
func SiteTarget(siteID string) Target {
	return Target{scope: Scope{SiteID: siteID}, sendsSite: true, isChosen: true}
}

// AccountAndSiteTarget sends both ids.
func AccountAndSiteTarget(accountID, siteID string) Target {
	return Target{scope: Scope{AccountID: accountID, SiteID: siteID}, sendsAccount: true, sendsSite: true, isChosen: true}
}

// CredentialTarget sends no id. The credential then decides. It cannot be an API key.
func CredentialTarget() Target {
	return Target{isChosen: true}
}

// Scope is the account or site that is asked for.
func (t Target) Scope() Scope {
	return t.scope
}
