// Ours, from Go.
package main

import (
	"context"

	"aicredits.example/aicredits"
	"example/bench/protocol"
)

// check sees that the eight figures and the date are those of the page's example.
func check(balance *aicredits.Balance) {
	recurring, _ := balance.PeriodicCredits()
	topUp, _ := balance.TopUpCredits()
	protocol.Require(has(recurring, 850, 1000), "recurring credits")
	protocol.Require(has(topUp, 200, 200), "top-up credits")
	var rules [2]aicredits.UsageRule
	number := 0
	for source := range balance.CreditBalanceBreakdown() {
		for rule := range source.UsageRules() {
			rules[number] = rule
			number++
		}
	}
	protocol.Require(has(rules[0], 850, 1000), "the monthly rule")
	protocol.Require(has(rules[1], 200, 200), "the rule of what was bought")
	date, _ := rules[0].ResetDate()
	protocol.Require(date.Unix() == 1782864000, "the reset date")
}

// counted is a pool or a rule.
type counted interface {
	aicredits.Credits | aicredits.UsageRule
	Balance() (int64, bool)
	Cap() (int64, bool)
}

func has[T counted](value T, left, most int64) bool {
	balance, _ := value.Balance()
	limit, _ := value.Cap()
	return balance == left && limit == most
}

func main() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	protocol.Require(err == nil, err)
	defer client.Close()
	protocol.Run(func() {
		balance, err := client.GetBalance(context.Background())
		protocol.Require(err == nil, err)
		check(balance)
	})
}
