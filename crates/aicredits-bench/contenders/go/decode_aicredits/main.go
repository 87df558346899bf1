// Ours, from Go: a balance from the bytes, whose rules are read.
package main

import (
	"aicredits.example/aicredits"
	"aicredits.example/bench/protocol"
)

func main() {
	protocol.Decode(func(text []byte) func() {
		balance, err := aicredits.FromJSON(text)
		return func() {
			protocol.Require(err == nil && *balance.PeriodicCredits.Balance == 850, err)
		}
	})
}
