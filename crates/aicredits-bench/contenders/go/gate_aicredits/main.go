// Ours, from Go: a reservation and its commit, with a usable reading.
package main

import (
	"context"

	"aicredits.example/aicredits"
	"example/bench/protocol"
)

func main() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	protocol.Require(err == nil, err)
	defer client.Close()
	gate, err := client.NewGate()
	protocol.Require(err == nil, err)
	defer gate.Close()
	ctx := context.Background()
	_, err = gate.Refresh(ctx)
	protocol.Require(err == nil, err)
	protocol.Run(func() {
		for range protocol.Batch {
			reservation, err := gate.Reserve(ctx, 1)
			protocol.Require(err == nil, err)
			protocol.Require(reservation.Commit(), "the first commit counts")
			reservation.Close()
		}
	})
}
