// Package aicredits tells what an account or a site has left of its Wix AI credits: a client of Wix's GetBalance API, on
// the native library libaicredits.
//
//	client, err := aicredits.NewClient(aicredits.FromEnv())
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	balance, err := client.GetBalance(ctx)
//
// A [Client] is made once, used by any number of goroutines, and keeps its connections open. Cancelling the context ends
// the native call at once. What a call returns is plain Go data, which nothing changes afterwards; a field that the reply
// lacks is nil, never 0.
//
// The balance is of the scope that was asked for, account or site; each balance and each error tells which. The sections
// of a balance are absent where there are no such credits, and the breakdown is a view of the same credits, never to be
// added to them.
//
// In tests, take what you call as an interface of your own and hand in what you like:
//
//	type balanceGetter interface {
//		GetBalance(context.Context, ...aicredits.CallOption) (*aicredits.Balance, error)
//	}
//
// [FromJSON] makes the balances for it.
package aicredits
