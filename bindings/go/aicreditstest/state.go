package aicreditstest

import (
	"encoding/json"
	"time"

	"aicredits.example/aicredits"
)

// State is everything that an emulator knows. A scenario has the same form: [WithState] and [Reset] accept a State, and
// ignore URL, CAPEM and Requests.
//
// encoding/json hides the secrets of the keys: see [Secret].
type State struct {
	// Version is the version of the form: 1.
	Version int `json:"version"`
	// About is a sentence that describes the scenario.
	About string `json:"about,omitempty"`
	// URL is the base URL of the emulator.
	URL string `json:"url,omitempty"`
	// CAPEM is the certificate authority of the emulator; empty without TLS.
	CAPEM string `json:"ca_pem,omitempty"`
	// Clock has the calendar and the service time.
	Clock Clock `json:"clock"`
	// ShownAfter is how long after a charge the balance shows it, in service time. JSON: "shown_after_ms".
	ShownAfter time.Duration `json:"-"`
	// Keys are the credentials that are accepted.
	Keys []Key `json:"keys"`
	// Accounts are the accounts. A request that names no account means the first one.
	Accounts []Account `json:"accounts"`
	// Assumptions are the choices where the API is not documented, by name.
	Assumptions map[string]string `json:"assumptions,omitempty"`
	// Limit is the rate limit; nil if there is none.
	Limit *Limit `json:"limit,omitempty"`
	// Faults are the faults that are left, in their order.
	Faults []Fault `json:"faults,omitempty"`
	// Requests is the number of requests that came.
	Requests int `json:"requests,omitempty"`
}

// MarshalJSON writes the state without the secrets of its keys.
func (s State) MarshalJSON() ([]byte, error) {
	type plain State
	return json.Marshal(struct {
		plain
		ShownAfter milliseconds `json:"shown_after_ms,omitzero"`
	}{plain(s), milliseconds(s.ShownAfter)})
}

// UnmarshalJSON reads a state or a scenario file.
func (s *State) UnmarshalJSON(text []byte) error {
	type plain State
	return json.Unmarshal(text, &struct {
		*plain
		ShownAfter *milliseconds `json:"shown_after_ms"`
	}{(*plain)(s), (*milliseconds)(&s.ShownAfter)})
}

// Key is a credential.
type Key struct {
	// Name is its name in the journal. It is unique.
	Name string `json:"name"`
	// Secret is the value of the Authorization header. If a scenario leaves it empty, the emulator makes one from the name.
	Secret Secret `json:"secret,omitzero"`
	// Accounts are the accounts to which the key has account-level access.
	Accounts []string `json:"accounts,omitempty"`
	// Sites are the sites to which the key has site-level access.
	Sites []string `json:"sites,omitempty"`
	// CarriesContext reports whether the key has a context for requests that name neither account nor site.
	CarriesContext bool `json:"carries_context,omitempty"`
	// Revoked reports whether the key is refused as an unknown one is.
	Revoked bool `json:"revoked,omitempty"`
}

// KeyChange adds a key, or changes the key of this name. An absent member (nil, "") leaves what is there.
type KeyChange struct {
	// Name is the name of the key.
	Name string `json:"name"`
	// Secret is the value of the Authorization header. For a new key the emulator makes one from the name.
	Secret Secret `json:"secret,omitzero"`
	// Accounts are the accounts to which the key has account-level access. An empty slice removes all.
	Accounts []string `json:"accounts,omitzero"`
	// Sites are the sites to which the key has site-level access. An empty slice removes all.
	Sites []string `json:"sites,omitzero"`
	// CarriesContext sets whether the key has a context for requests that name neither account nor site.
	CarriesContext *bool `json:"carries_context,omitempty"`
	// Revoked sets whether the key is refused as an unknown one is.
	Revoked *bool `json:"revoked,omitempty"`
}

// KeyAdded is the reply to [Emulator.Key].
type KeyAdded struct {
	// Name is the name of the key.
	Name string `json:"name"`
	// Secret is the value of the Authorization header.
	Secret Secret `json:"secret"`
}

// Account is an account: its sites and its allocations of credits. As a request it adds an account, or extends the one with
// this id.
type Account struct {
	// Account is a GUID, as the header wix-account-id has it.
	Account string `json:"account"`
	// Label is a name for people.
	Label string `json:"label,omitempty"`
	// Sites are the sites of the account.
	Sites []Site `json:"sites,omitempty"`
	// Allocations are the credits, in the order of the breakdown.
	Allocations []Allocation `json:"allocations,omitempty"`
}

// AccountAdded is the reply to [Emulator.Account].
type AccountAdded struct {
	// Account is the id of the account.
	Account string `json:"account"`
}

// Site is a site of an account.
type Site struct {
	// Site is a GUID, as the header wix-site-id has it.
	Site string `json:"site"`
	// Label is a name for people.
	Label string `json:"label,omitempty"`
}

// Allocation is a number of credits with the rules that apply to them together: an entry of the breakdown.
type Allocation struct {
	// Allocation is its name in the emulator. It is unique.
	Allocation string `json:"allocation"`
	// Subscription is its subscription; empty if there is none.
	Subscription string `json:"subscription,omitempty"`
	// Site is the site that the credits belong to; empty if they belong to the account.
	Site string `json:"site,omitempty"`
	// CountedRule is the index of the rule by which the allocation counts in an aggregate; nil if the assumption
	// "aggregate" decides.
	CountedRule *int `json:"counted_rule,omitempty"`
	// Rules are its rules, in the order of the reply; at most 10.
	Rules []Rule `json:"rules"`
}

// Rule is one rule of an allocation.
type Rule struct {
	// Period is the period. It may be a word that no client knows.
	Period aicredits.FeaturePeriod `json:"period"`
	// Balance is the number of credits left: the balance that spends are judged by.
	Balance int64 `json:"balance"`
	// Shown is the balance in replies: it lacks charges that are not shown yet. A scenario leaves it nil.
	Shown *int64 `json:"shown,omitempty"`
	// Cap is the balance after a reset.
	Cap int64 `json:"cap"`
	// ResetDate is the time of the next reset. A rule without one never resets.
	ResetDate time.Time `json:"reset_date,omitzero"`
	// AnchorDay is the day of the month on which the rule resets, if the month of ResetDate has no such day; 0 otherwise.
	AnchorDay int `json:"anchor_day,omitempty"`
	// Omit are the members that replies leave out.
	Omit []Member `json:"omit,omitempty"`
}

// Member is a member of a rule in a reply.
type Member string

// The members.
const (
	MemberPeriod    Member = "period"
	MemberBalance   Member = "balance"
	MemberCap       Member = "cap"
	MemberResetDate Member = "reset_date"
)

// Limit is a rate limit: a sliding window of 60 s of service time for each key. A refused request does not count.
type Limit struct {
	// PerMinute is the largest number of requests of a key in a minute. 0: no limit.
	PerMinute int
	// Key is the name of the only key that it applies to. Empty: each key.
	Key string
	// RetryAfter sets whether a 429 has Retry-After. nil: as the assumption "retry_after_on_429" says.
	RetryAfter *bool
}

type sentLimit struct {
	PerMinute  *int   `json:"per_minute"`
	Key        string `json:"key,omitempty"`
	RetryAfter *bool  `json:"retry_after,omitempty"`
}

// MarshalJSON writes null for no limit.
func (l Limit) MarshalJSON() ([]byte, error) {
	sent := sentLimit{Key: l.Key, RetryAfter: l.RetryAfter}
	if l.PerMinute != 0 {
		sent.PerMinute = &l.PerMinute
	}
	return json.Marshal(sent)
}

// UnmarshalJSON reads null as no limit.
func (l *Limit) UnmarshalJSON(text []byte) error {
	var read sentLimit
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*l = Limit{Key: read.Key, RetryAfter: read.RetryAfter}
	if read.PerMinute != nil {
		l.PerMinute = *read.PerMinute
	}
	return nil
}

// Reset selects a scenario: by name, as a state, or as the JSON of a scenario file. The zero value is the scenario that the
// emulator started with.
type Reset struct {
	// Name is the name of a scenario of the emulator, such as "free-plan".
	Name string
	// State is a scenario.
	State *State
	// JSON is the content of a scenario file.
	JSON []byte
}
