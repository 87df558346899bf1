// Ours, from Go.
package main

import (
	"context"

	"aicredits.example/aicredits"
	"aicredits.example/bench/protocol"
)

// check sees that the eight figures and the date are those of the page's example.
func check(balance *aicredits.Balance) {
	recurring, topUp := balance.PeriodicCredits, balance.TopUpCredits
	protocol.Require(*recurring.Balance == 850 && *recurring.Cap == 1000, "recurring credits")
	protocol.Require(*topUp.Balance == 200 && *topUp.Cap == 200, "top-up credits")
	monthly := balance.CreditBalanceBreakdown[0].UsageRules[0]
	bought := balance.CreditBalanceBreakdown[1].UsageRules[0]
	protocol.Require(*monthly.Balance == 850 && *monthly.Cap == 1000, "the monthly rule")
	protocol.Require(*bought.Balance == 200 && *bought.Cap == 200, "the rule of what was bought")
	protocol.Require(monthly.ResetDate.Unix() == 1782864000, "the reset date")
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
