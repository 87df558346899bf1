package aicredits

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

// Credits is a pool of credits.
type Credits struct {
	balance, cap optional[int64]
}

// Balance is the number of credits that are left. The bool is false if the reply lacks it.
func (c Credits) Balance() (int64, bool) {
	return c.balance.get()
}

// Cap is the maximum: per period in the recurring pool, in total in the top-up pool. It may be 0. The bool is false if the
// reply lacks it.
func (c Credits) Cap() (int64, bool) {
	return c.cap.get()
}

// Equal is ==.
func (c Credits) Equal(other Credits) bool {
	return c == other
}

// String shows a pool, such as "850 of 1000". An absent count is "unknown".
func (c Credits) String() string {
	return shown(c.balance) + " of " + shown(c.cap)
}

// CreditBalance is the credits of one source.
type CreditBalance struct {
	subscriptionID optional[string]
	usageRules     []UsageRule
}

// SubscriptionID is the GUID of the subscription that the credits belong to. The bool is false for credits without a
// subscription. The text comes from the server and may be no GUID.
func (c CreditBalance) SubscriptionID() (string, bool) {
	return c.subscriptionID.get()
}

// UsageRules are the rules for the use of the credits, in the order of the reply. All of them apply, such as a daily limit
// within a monthly one.
func (c CreditBalance) UsageRules() iter.Seq[UsageRule] {
	return slices.Values(c.usageRules)
}

// Equal compares the subscription and the rules.
func (c CreditBalance) Equal(other CreditBalance) bool {
	return c.subscriptionID == other.subscriptionID && slices.Equal(c.usageRules, other.usageRules)
}

// String shows the subscription, and below it one line per rule.
func (c CreditBalance) String() string {
	var out strings.Builder
	if id, has := c.SubscriptionID(); has {
		out.WriteString("subscription " + escaped(id))
	} else {
		out.WriteString("no subscription")
	}
	for _, rule := range c.usageRules {
		fmt.Fprintf(&out, "\n  %v", rule)
	}
	return out.String()
}

// UsageRule is a rule on the use of a source's credits.
type UsageRule struct {
	period       optional[FeaturePeriod]
	balance, cap optional[int64]
	resetDate    optional[time.Time]
}

// Period is how often the credits under this rule replenish; false if the reply lacks it.
func (r UsageRule) Period() (FeaturePeriod, bool) {
	return r.period.get()
}

// Balance is the remaining credits available under this rule; false if the reply lacks it.
func (r UsageRule) Balance() (int64, bool) {
	return r.balance.get()
}

// Cap is the maximum credits allowed under this rule per period. It may be 0. It is false if the reply lacks it.
func (r UsageRule) Cap() (int64, bool) {
	return r.cap.get()
}

// ResetDate is when this rule's balance resets to its cap, in UTC; false if the reply lacks it.
func (r UsageRule) ResetDate() (time.Time, bool) {
	return r.resetDate.get()
}

// Equal is ==.
func (r UsageRule) Equal(other UsageRule) bool {
	return r == other
}

// String shows a rule, such as "MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z".
func (r UsageRule) String() string {
	period, reset := "unknown", ""
	if known, has := r.Period(); has {
		period = known.String()
	}
	if date, has := r.ResetDate(); has {
		reset = ", resets " + date.Format(time.RFC3339Nano)
	}
	return period + ": " + shown(r.balance) + " of " + shown(r.cap) + reset
}

func shown(count optional[int64]) string {
	if value, known := count.get(); known {
		return fmt.Sprint(value)
	}
	return "unknown"
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

// String shows the period, escaped.
func (p FeaturePeriod) String() string {
	return escaped(string(p))
}
