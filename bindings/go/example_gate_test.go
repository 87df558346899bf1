//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"aicredits.example/aicredits"
)

func ExampleBalance_CanAfford() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	balance, err := client.GetBalance(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cost := range []uint64{40, 1100} {
		affordability, err := balance.CanAfford(cost)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(affordability.OK())
		fmt.Println(affordability)
	}
	// How many images fit, at 40 credits each?
	if images, known, err := balance.Affordable(40, 100); err == nil && known {
		fmt.Println(images, "images")
	}
	// Output:
	// true
	// affordable: 40 of 1050 spendable credits
	// false
	// 50 short: the MONTH rule of subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6 allows 850 until 2026-07-01T00:00:00Z, and 1 more rule binds
	// 26 images
}

// vendor calls the API that charges for an action, and returns the HTTP status of the reply.
type vendor func(ctx context.Context) (status int, err error)

var errNoCredits = errors.New("the vendor refused the action for lack of credits")

// runAction is the whole path of an action that costs credits: reserve, act, commit.
func runAction(ctx context.Context, gate *aicredits.Gate, cost uint64, act vendor) error {
	reservation, err := gate.Reserve(ctx, cost, aicredits.WithLabel("an image"))
	if err != nil {
		return err // A denial says how many credits are missing.
	}
	// After a panic and after an error of act, nobody knows whether the action was charged. Close leaves it so.
	defer reservation.Close()
	status, err := act(ctx)
	if err != nil {
		return err
	}
	switch status {
	case http.StatusOK:
		reservation.Commit()
		return nil
	case http.StatusPaymentRequired, http.StatusPreconditionRequired: // 402, 428
		// The vendor's refusal is final: do not try again.
		reservation.ReportExhausted()
		return errNoCredits
	case http.StatusUnauthorized, http.StatusForbidden:
		reservation.Release() // The action certainly did not run.
	}
	return fmt.Errorf("the vendor answered %d", status)
}

func answers(status int) vendor {
	return func(context.Context) (int, error) { return status, nil }
}

func ExampleGate() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	// Make one gate and share it between goroutines.
	gate, err := client.NewGate(aicredits.WithHeadroom(1000))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gate.Close()
	ctx := context.Background()

	fmt.Println(runAction(ctx, gate, 40, answers(200)))

	// 50 of 1050 credits are above the headroom, and 40 of them are spent.
	err = runAction(ctx, gate, 40, answers(200))
	var denial *aicredits.Denial
	if errors.As(err, &denial) {
		short, _ := denial.Shortfall()
		fmt.Println(denial.Reason(), short)
	}

	// Another program has spent the credits.
	fmt.Println(runAction(ctx, gate, 5, answers(428)))
	fmt.Println(errors.Is(runAction(ctx, gate, 5, answers(200)), aicredits.ErrDenied))
	// Output:
	// <nil>
	// INSUFFICIENT 30
	// the vendor refused the action for lack of credits
	// true
}

func ExampleGate_ReserveUpTo() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	gate, err := client.NewGate()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gate.Close()
	// As many of 50 images as fit, at 40 credits each.
	batch, err := gate.ReserveUpTo(context.Background(), 40, 50)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer batch.Close()
	for range batch.Count() {
		// Make an image here.
		batch.CommitPart(batch.UnitCost())
	}
	fmt.Println(batch.Count(), "images")
	// Output: 26 images
}

func ExampleGate_SubGate() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	gate, err := client.NewGate()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gate.Close()
	// The site owner pays for each visitor. This visitor may spend 10.
	visitor, err := gate.SubGate(10)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer visitor.Close()
	fmt.Println(runAction(context.Background(), visitor, 8, answers(200)))
	var denial *aicredits.Denial
	if errors.As(runAction(context.Background(), visitor, 8, answers(200)), &denial) {
		fmt.Println(denial.Reason())
	}
	// Output:
	// <nil>
	// LIMIT
}
