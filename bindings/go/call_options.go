package aicredits

import "time"

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	timeout time.Duration
	scope   *Scope
	// Of the scope, where it is the call's own: which ids are sent, even if they are empty. The library refuses those.
	sendsAccount, sendsSite, hasScope bool
	hasTimeout                        bool
	// The call has a setting of its own.
	isOwn bool
}

func (s *callSettings) ask(scope Scope, sendsAccount, sendsSite bool) {
	s.scope, s.sendsAccount, s.sendsSite = &scope, sendsAccount, sendsSite
	s.hasScope, s.isOwn = true, true
}

// ForAccount asks for this account, instead of the client's scope.
func ForAccount(accountID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID}, true, false) }
}

// ForSite asks for this site, instead of the client's scope.
func ForSite(siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{SiteID: siteID}, false, true) }
}

// ForAccountAndSite sends both ids, instead of the client's scope.
func ForAccountAndSite(accountID, siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID, SiteID: siteID}, true, true) }
}

// ForCredential sends no id, instead of the client's scope.
func ForCredential() CallOption {
	return func(call *callSettings) { call.ask(Scope{}, false, false) }
}

// WithCallTimeout sets the total time of this call, instead of the client's.
func WithCallTimeout(timeout time.Duration) CallOption {
	return func(call *callSettings) { call.timeout, call.hasTimeout, call.isOwn = timeout, true, true }
}
