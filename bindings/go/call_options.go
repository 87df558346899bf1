package aicredits

import "time"

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	timeout time.Duration
	scope   *Scope
	// The ids that the call sends, if it has its own scope. An empty id is sent too, so that the library refuses it.
	sendsAccount, sendsSite, hasScope bool
	hasTimeout                        bool
	// Of the reservation that the call makes.
	label                       string
	reservationTTL              time.Duration
	hasLabel, hasReservationTTL bool
	// At least one setting differs from the client's.
	isOwn bool
}

func (s *callSettings) ask(scope Scope, sendsAccount, sendsSite bool) {
	s.scope, s.sendsAccount, s.sendsSite = &scope, sendsAccount, sendsSite
	s.hasScope, s.isOwn = true, true
}

// ForAccount reads the balance of this account, instead of the client's scope.
func ForAccount(accountID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID}, true, false) }
}

// ForSite reads the balance of this site, instead of the client's scope.
func ForSite(siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{SiteID: siteID}, false, true) }
}

// ForAccountAndSite sends both ids, instead of the client's scope.
func ForAccountAndSite(accountID, siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID, SiteID: siteID}, true, true) }
}

// ForCredential sends no id, instead of the client's scope. The credential then decides. It cannot be an API key.
func ForCredential() CallOption {
	return func(call *callSettings) { call.ask(Scope{}, false, false) }
}

// WithCallTimeout sets the total timeout of this call, instead of the client's.
func WithCallTimeout(timeout time.Duration) CallOption {
	return func(call *callSettings) { call.timeout, call.hasTimeout, call.isOwn = timeout, true, true }
}

// WithLabel sets the label of a reservation, such as the name of a job: at most 128 characters, without control characters. It
// is in [GateState.Reservations], in denials and in log records.
func WithLabel(label string) CallOption {
	return func(call *callSettings) { call.label, call.hasLabel, call.isOwn = label, true, true }
}

// WithCallReservationTTL sets how long this reservation stays open, instead of the gate's [WithReservationTTL]. Range: 1 s to
// a day.
func WithCallReservationTTL(ttl time.Duration) CallOption {
	return func(call *callSettings) { call.reservationTTL, call.hasReservationTTL, call.isOwn = ttl, true, true }
}
