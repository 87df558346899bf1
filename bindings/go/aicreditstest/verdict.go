package aicreditstest

// VerdictRule is a rule of the verdict on a client.
type VerdictRule string

// The rules that are always on.
const (
	// RetriedFinal finds a request that was repeated after a final status.
	RetriedFinal VerdictRule = "retried_final"
	// IgnoredRetryAfter finds a request that came before Retry-After was over.
	IgnoredRetryAfter VerdictRule = "ignored_retry_after"
	// KeyOutsideHeader finds a key that was sent outside of Authorization.
	KeyOutsideHeader VerdictRule = "key_outside_header"
	// BothScopeHeaders finds a request with both wix-account-id and wix-site-id.
	BothScopeHeaders VerdictRule = "both_scope_headers"
	// ContinuedAfter428 finds a paid action after one that was refused for lack of credits.
	ContinuedAfter428 VerdictRule = "continued_after_428"
)

// The rules that are on if [Require] has them.
const (
	// SingleFlight finds a reading that began while an equal one was unanswered.
	SingleFlight VerdictRule = "single_flight"
	// MaxPerMinute finds more requests of a key in a minute than allowed.
	MaxPerMinute VerdictRule = "max_per_minute"
	// SharedPause finds a request of a key in the pause after a 429.
	SharedPause VerdictRule = "shared_pause"
	// AskedOnce finds a balance that was asked for again after it was answered.
	AskedOnce VerdictRule = "asked_once"
	// MaxAttempts finds a request that was tried more often than allowed.
	MaxAttempts VerdictRule = "max_attempts"
	// KeepAlive finds more connections than allowed, for requests that followed each other.
	KeepAlive VerdictRule = "keep_alive"
)

// VerdictQuery selects the rules. With the zero value, the first five rules judge.
type VerdictQuery struct {
	// Allow are rules to leave out.
	Allow []VerdictRule `json:"allow,omitempty"`
	// Require are rules that need to know what the client promises.
	Require Require `json:"require,omitzero"`
}

// Require are the rules that are off by default. Each is the rule of its name, with its limit. 0: off.
type Require struct {
	SingleFlight bool `json:"single_flight,omitempty"`
	MaxPerMinute int  `json:"max_per_minute,omitempty"`
	SharedPause  bool `json:"shared_pause,omitempty"`
	AskedOnce    bool `json:"asked_once,omitempty"`
	MaxAttempts  int  `json:"max_attempts,omitempty"`
	KeepAlive    int  `json:"keep_alive,omitempty"`
}

// Verdict is the verdict on a client.
type Verdict struct {
	// Good reports whether nothing was found.
	Good bool `json:"good"`
	// Complete reports whether the emulator kept everything that the rules need. If not, a finding may be missing.
	Complete bool `json:"complete"`
	// Findings are what the rules found; at most 100.
	Findings []Finding `json:"findings"`
}

// Finding is what a rule found.
type Finding struct {
	// Rule is the rule.
	Rule VerdictRule `json:"rule"`
	// Count is how often the rule found it.
	Count int `json:"count"`
	// Requests are the numbers of the requests of the first time: see [Entry] N.
	Requests []int `json:"requests"`
	// Message is one sentence.
	Message string `json:"message"`
	// Evidence is a line for each of these requests.
	Evidence []string `json:"evidence"`
}
