package aicreditstest

import (
	"encoding/json"
	"time"

	"aicredits.example/aicredits"
)

// Grant adds an allocation of credits to an account.
type Grant struct {
	// Account is the account. Empty: the first one.
	Account string `json:"account,omitempty"`
	// Site is the site that the credits belong to. Empty: they belong to the account.
	Site string `json:"site,omitempty"`
	// Subscription is its subscription; empty if there is none.
	Subscription string `json:"subscription,omitempty"`
	// Allocation is its name. Empty: the emulator makes one.
	Allocation string `json:"allocation,omitempty"`
	// CountedRule is the index of the rule by which the allocation counts in an aggregate.
	CountedRule *int `json:"counted_rule,omitempty"`
	// Rules are its rules: 1 to 10.
	Rules []GrantRule `json:"rules"`
}

// GrantRule is a rule of new credits.
type GrantRule struct {
	// Period is the period. It may be a word that no client knows.
	Period aicredits.FeaturePeriod `json:"period"`
	// Cap is the balance after a reset, 0 or more.
	Cap int64 `json:"cap"`
	// Balance is the number of credits left, 0 to Cap. nil: Cap.
	Balance *int64 `json:"balance,omitempty"`
	// ResetDate is the time of the next reset. Zero: the next midnight, Monday, first of a month or first of January, UTC.
	ResetDate time.Time `json:"reset_date,omitzero"`
}

// TopUp adds credits that were bought once: an allocation with one NO_PERIOD rule.
type TopUp struct {
	// Account is the account. Empty: the first one.
	Account string `json:"account,omitempty"`
	// Site is the site that the credits belong to. Empty: they belong to the account.
	Site string `json:"site,omitempty"`
	// Amount is the number of credits, 0 or more.
	Amount int64 `json:"amount"`
}

// Granted is the reply to [Emulator.Grant] and [Emulator.TopUp].
type Granted struct {
	// Allocation is the name of the new allocation.
	Allocation string `json:"allocation"`
}

// Adjust changes a rule. An absent member (nil, zero) leaves what is there.
type Adjust struct {
	// Allocation is the name of the allocation.
	Allocation string `json:"allocation"`
	// Rule is the index of the rule.
	Rule int `json:"rule,omitempty"`
	// Balance is the new balance. It may be above the cap or below 0.
	Balance *int64 `json:"balance,omitempty"`
	// Cap is the new cap.
	Cap *int64 `json:"cap,omitempty"`
	// ResetDate is the time of the next reset.
	ResetDate time.Time `json:"reset_date,omitzero"`
	// Omit are the members that replies leave out from now on. An empty slice: none.
	Omit []Member `json:"omit,omitzero"`
	// CountedRule is the index of the rule by which the allocation counts in an aggregate.
	CountedRule *int `json:"counted_rule,omitempty"`
}

// Spend spends credits, as a paid action does: all or nothing.
type Spend struct {
	// Account is the account. Empty: the first one.
	Account string `json:"account,omitempty"`
	// Site is the site that spends. Empty: the account does.
	Site string `json:"site,omitempty"`
	// Cost is the number of credits, 0 or more.
	Cost int64 `json:"cost"`
	// IdempotencyKey names the spend: a later one with this key spends nothing, and has the earlier reply.
	IdempotencyKey string `json:"idempotency_key,omitempty"`
	// ShownAfter is how long after the charge the balance shows it, in service time. nil: as the scenario says. JSON:
	// "shown_after_ms".
	ShownAfter *time.Duration `json:"-"`
}

// MarshalJSON writes durations in milliseconds.
func (s Spend) MarshalJSON() ([]byte, error) {
	type plain Spend
	return json.Marshal(struct {
		plain
		ShownAfter *milliseconds `json:"shown_after_ms,omitempty"`
	}{plain(s), (*milliseconds)(s.ShownAfter)})
}

// Spent is the reply to [Emulator.Spend].
type Spent struct {
	// Transaction is the number of the spend: "t1", "t2", ….
	Transaction string `json:"transaction"`
	// Cost is the cost.
	Cost int64 `json:"cost"`
	// Drawn are the allocations that the credits came from.
	Drawn []Drawn `json:"drawn"`
	// Repeated reports whether the credits were spent earlier, with the same idempotency key.
	Repeated bool `json:"repeated"`
}

// Drawn is the part of a spend that came from one allocation.
type Drawn struct {
	// Allocation is the name of the allocation.
	Allocation string `json:"allocation"`
	// Amount is the number of credits.
	Amount int64 `json:"amount"`
}
