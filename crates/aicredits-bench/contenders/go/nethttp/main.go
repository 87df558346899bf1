// net/http and encoding/json.
package main

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"

	"example/bench/protocol"
	"example/bench/reply"
)

// check sees that the eight figures and the date are those of the page's example.
func check(read reply.Reply) {
	monthly, bought := read.CreditBalanceBreakdown[0].UsageRules[0], read.CreditBalanceBreakdown[1].UsageRules[0]
	for _, each := range []struct {
		of           reply.Credits
		balance, cap int64
	}{{*read.PeriodicCredits, 850, 1000}, {*read.TopUpCredits, 200, 200}, {monthly.Credits, 850, 1000}, {bought.Credits, 200, 200}} {
		protocol.Require(*each.of.Balance == each.balance && *each.of.Cap == each.cap, "a figure")
	}
	protocol.Require(monthly.ResetDate.Unix() == 1782864000, "the reset date")
}

func main() {
	url := os.Getenv("AICREDITS_BASE_URL") + "/appmarket/credittransactions/v1/credit-transactions/balance"
	key, account := os.Getenv("WIX_API_KEY"), os.Getenv("WIX_ACCOUNT_ID")
	protocol.Run(func() {
		request, err := http.NewRequest("POST", url, strings.NewReader("{}"))
		protocol.Require(err == nil, err)
		request.Header.Set("Authorization", key)
		request.Header.Set("wix-account-id", account)
		request.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(request)
		protocol.Require(err == nil && response.StatusCode == 200, err)
		var read reply.Reply
		protocol.Require(json.NewDecoder(response.Body).Decode(&read) == nil, "a reply")
		response.Body.Close()
		check(read)
	})
}
