//go:build cgo

package aicredits

import (
	"fmt"
	"iter"
	"strings"
	"time"
)

// Balance is what an account or a site has left: one reading.
type Balance struct {
	// PeriodicCredits are recurring credits, aggregated across all sources; nil when the account has none.
	PeriodicCredits *Credits
	// TopUpCredits are one-time top-up credits, aggregated across all purchases; nil when the account has none. They
	// don't reset.
	TopUpCredits *Credits
	// CreditBalanceBreakdown has the same credits by source, in the reply's order: a detailed view of the two pools,
	// never to be added to them. The API's page limits it to 1,000 sources; one at that limit may have been cut.
	CreditBalanceBreakdown []CreditBalance
	// Scope is whose credits were asked for; nil for a reading that was not fetched.
	Scope *Scope
	// RequestID is the server's id of the request, to quote when asking Wix about it. Server text, as it came.
	RequestID string
	// FetchedAt is when the reply had come in, by this machine's clock; nil for a reading that was not fetched.
	FetchedAt *time.Time
	// ServerDate is the server's clock at the reply, to the second.
	ServerDate *time.Time

	available    *int64
	isRecognized bool
	json         []byte
}

// Credits is a pool of credits.
type Credits struct {
	// Balance is the remaining credits currently available.
	Balance *int64
	// Cap is the maximum: per period in the recurring pool, altogether in the top-up pool. It may be 0.
	Cap *int64
}

// CreditBalance is the credits of one source.
type CreditBalance struct {
	// SubscriptionID is the GUID of the subscription that the allocation belongs to; empty for credits without one.
	// Server text, kept even where it is no GUID.
	SubscriptionID string
	// UsageRules are the rules of its use. Several apply together, such as a daily limit within a monthly allocation.
	UsageRules []UsageRule
}

// UsageRule is a rule on the use of a source's credits.
type UsageRule struct {
	// Period is how often the credits under this rule replenish.
	Period *FeaturePeriod
	// Balance is the remaining credits available under this rule.
	Balance *int64
	// Cap is the maximum credits allowed under this rule per period. It may be 0.
	Cap *int64
	// ResetDate is when this rule's balance resets to its cap, in UTC.
	ResetDate *time.Time
}

// FeaturePeriod is how often credits replenish, as the server spells it. One that is none of the constants is new to this
// version, and kept.
type FeaturePeriod string

// Wix's periods.
const (
	PeriodNoPeriod    FeaturePeriod = "NO_PERIOD" // One-time credits, which don't reset.
	PeriodMillisecond FeaturePeriod = "MILLISECOND"
	PeriodSecond      FeaturePeriod = "SECOND"
	PeriodMinute      FeaturePeriod = "MINUTE"
	PeriodHour        FeaturePeriod = "HOUR"
	PeriodDay         FeaturePeriod = "DAY"
	PeriodWeek        FeaturePeriod = "WEEK"
	PeriodMonth       FeaturePeriod = "MONTH"
	PeriodYear        FeaturePeriod = "YEAR"
)

// Available is the remaining credits of both pools, an absent pool counted as none. It is not known where a pool is there
// but lacks its balance, where both are absent but the breakdown has entries, where [Balance.IsRecognized] is false, nor of balances that were not read: [FromJSON] makes them for tests. It is what the account
// holds, not what can be spent now: rules of the breakdown may let less through.
func (b Balance) Available() (credits int64, known bool) {
	if b.available == nil {
		return 0, false
	}
	return *b.available, true
}

// IsRecognized reports whether the reply is a balance: it has a field of a balance, or no field at all. False means that
// the reply says nothing of credits: the base URL may lead to another service.
func (b Balance) IsRecognized() bool {
	return b.isRecognized
}

// Sources goes through the breakdown without copying it.
func (b Balance) Sources() iter.Seq[*CreditBalance] {
	return func(yield func(*CreditBalance) bool) {
		for i := range b.CreditBalanceBreakdown {
			if !yield(&b.CreditBalanceBreakdown[i]) {
				return
			}
		}
	}
}

// JSON is a copy of the raw reply, so that nothing which Wix adds is lost.
func (b Balance) JSON() []byte {
	return append([]byte(nil), b.json...)
}

// MarshalJSON gives the raw reply; null for a Balance that was never read.
func (b Balance) MarshalJSON() ([]byte, error) {
	if b.json == nil {
		return []byte("null"), nil
	}
	return b.JSON(), nil
}

// UnmarshalJSON is [FromJSON]; null, as encoding/json has it, changes nothing.
func (b *Balance) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	read, err := FromJSON(data)
	if err == nil {
		*b = *read
	}
	return err
}

// String shows the two pools, and the breakdown below, with server text escaped.
func (b Balance) String() string {
	if b.json != nil && !b.isRecognized {
		return "unknown: the reply has none of a balance's fields (is the base URL right?)"
	}
	var out strings.Builder
	out.WriteString("recurring: " + pool(b.PeriodicCredits) + "\ntop-up: " + pool(b.TopUpCredits))
	for source := range b.Sources() {
		fmt.Fprintf(&out, "\n%v", source)
	}
	return out.String()
}

// String shows a pool, such as "850 of 1000"; what the reply lacks is "unknown".
func (c Credits) String() string {
	return count(c.Balance) + " of " + count(c.Cap)
}

// String shows the subscription, and below it a line a rule.
func (c CreditBalance) String() string {
	var out strings.Builder
	if c.SubscriptionID == "" {
		out.WriteString("no subscription")
	} else {
		out.WriteString("subscription " + escaped(c.SubscriptionID))
	}
	for i := range c.UsageRules {
		fmt.Fprintf(&out, "\n  %v", &c.UsageRules[i])
	}
	return out.String()
}

// String shows a rule, such as "MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z".
func (r UsageRule) String() string {
	period, reset := "unknown", ""
	if r.Period != nil {
		period = r.Period.String()
	}
	if r.ResetDate != nil {
		reset = ", resets " + r.ResetDate.Format(time.RFC3339Nano)
	}
	return period + ": " + count(r.Balance) + " of " + count(r.Cap) + reset
}

// String shows the period, escaped.
func (p FeaturePeriod) String() string {
	return escaped(string(p))
}

func pool(credits *Credits) string {
	if credits == nil {
		return "none"
	}
	return credits.String()
}

func count(count *int64) string {
	if count == nil {
		return "unknown"
	}
	return fmt.Sprint(*count)
}
