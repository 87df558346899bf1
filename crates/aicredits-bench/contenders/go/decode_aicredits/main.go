// Ours, from Go: a balance from the bytes, whose rules are read.
package main

import (
	"aicredits.example/aicredits"
	"example/bench/protocol"
)

func main() {
	protocol.Decode(func(text []byte) func() {
		balance, err := aicredits.FromJSON(text)
		return func() {
			recurring, _ := balance.PeriodicCredits()
			left, _ := recurring.Balance()
			protocol.Require(err == nil && left == 850, err)
		}
	})
}
