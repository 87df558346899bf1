// encoding/json, into structs.
package main

import (
	"encoding/json"

	"example/bench/protocol"
	"example/bench/reply"
)

func main() {
	protocol.Decode(func(text []byte) func() {
		var read reply.Reply
		err := json.Unmarshal(text, &read)
		return func() {
			protocol.Require(err == nil && *read.PeriodicCredits.Balance == 850, err)
		}
	})
}
