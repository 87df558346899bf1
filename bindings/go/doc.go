// Package aicredits is a client of Wix's GetBalance API. It reads how many AI credits an account or a site has left, and
// decides whether an action may run. It uses the native library libaicredits through cgo.
//
//	client, err := aicredits.NewClient(aicredits.FromEnv())
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	balance, err := client.GetBalance(ctx)
//
// Make one [Client] and share it: it is thread-safe and has a connection pool. When the context of a call ends, the native
// call ends at once.
//
// A [Balance] is immutable. A method whose value may be absent also returns a bool. If the bool is false, the value is
// unknown, not 0. Each balance and each error has the [Scope] of its request, such as an account or a site.
//
// A balance has two pools: recurring credits and top-up credits. A pool is absent if the account has no such credits. The
// breakdown shows the same credits by source: do not add it to the pools.
//
// # Deciding
//
// [Balance.CanAfford] answers whether an action can be paid now, and [Balance.Affordable] how many of them. The rules of the
// breakdown may allow less than the pools hold.
//
// If goroutines spend at the same time, use a [Gate]. The whole path is reserve, act, commit:
//
//	gate, err := client.NewGate(aicredits.WithHeadroom(10)) // Make one gate and share it.
//	if err != nil {
//		return err
//	}
//	defer gate.Close()
//	reservation, err := gate.Reserve(ctx, 5)
//	if err != nil {
//		return err // A *Denial, if the credits do not suffice.
//	}
//	defer reservation.Close() // Unresolved after an error or a panic: the action may have been charged.
//	status, err := act(ctx)
//	if err != nil {
//		return err
//	}
//	switch status {
//	case 200:
//		reservation.Commit()
//	case 402, 428:
//		reservation.ReportExhausted() // The vendor's refusal is final: do not try again.
//	}
//
// # Many sites
//
// [Client.GetBalances] reads the balances of many targets, with one [Outcome] for each of them:
//
//	fleet, err := client.GetBalances(ctx, []aicredits.Target{aicredits.SiteTarget("77d2…"), aicredits.SiteTarget("91aa…")})
//	if err != nil {
//		return err
//	}
//	for i, outcome := range fleet.Outcomes() {
//		fmt.Println(i, outcome.Balance, outcome.Err)
//	}
//
// # Tests
//
// To test your own code, accept an interface and pass a fake:
//
//	type balanceGetter interface {
//		GetBalance(context.Context, ...aicredits.CallOption) (*aicredits.Balance, error)
//	}
//
// [FromJSON] makes balances for the fake. The package aicreditstest has an emulator of the service, to test a program as a
// whole.
package aicredits
