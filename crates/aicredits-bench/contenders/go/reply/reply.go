// Package reply is what Go's own decoder reads a reply into.
package reply

import "time"

// Credits are a pool's, or a rule's.
type Credits struct{ Balance, Cap *int64 }

// Reply is a whole reply.
type Reply struct {
	PeriodicCredits, TopUpCredits *Credits
	CreditBalanceBreakdown        []struct {
		SubscriptionID string
		UsageRules     []struct {
			Credits
			Period    string
			ResetDate *time.Time
		}
	}
}
