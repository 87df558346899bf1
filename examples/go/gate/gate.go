// Gate runs an action that costs credits: check, reserve, act, commit.
//
// gate COST STATUS: STATUS is the HTTP status of the vendor's reply to the action.
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"aicredits.example/aicredits"
)

// errNotDone is the error after the program has printed how the action ended.
var errNotDone = errors.New("the action is not known to have run")

// runAction is your call of the paid action. It returns the HTTP status of the reply, or an error if no reply came.
func runAction(status string) (int, error) {
	return strconv.Atoi(status)
}

// check is a first look, before there is anything to reserve. Only the gate counts what other goroutines have reserved.
func check(ctx context.Context, gate *aicredits.Gate, cost uint64) error {
	balance, err := gate.Refresh(ctx)
	if err != nil {
		return err
	}
	affordability, err := balance.CanAfford(cost)
	if err != nil {
		return err
	}
	fmt.Println(affordability)
	return nil
}

func reserveAndRun(ctx context.Context, gate *aicredits.Gate, cost uint64, status string) error {
	reservation, err := gate.Reserve(ctx, cost)
	if err != nil {
		return err
	}
	// A return before an end of the reservation leaves it unresolved: the action may have run, so it counts as spent.
	defer reservation.Close()
	replied, err := runAction(status)
	if err != nil {
		return err
	}
	switch replied {
	case 200:
		reservation.Commit()
		fmt.Println("done")
		return nil
	case 402, 428:
		// The vendor says that the credits are used up. That is final: do not try again.
		reservation.ReportExhausted()
		fmt.Println("refused: no credits")
	case 401, 403:
		// The action certainly did not run.
		reservation.Release()
		fmt.Println("failed")
	default:
		// The action may have run.
		fmt.Println("unknown")
	}
	return errNotDone
}

func run(cost uint64, status string) error {
	// A real program makes one client and one gate, and shares them between its goroutines.
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		return err
	}
	defer client.Close()
	gate, err := client.NewGate()
	if err != nil {
		return err
	}
	defer gate.Close()
	ctx := context.Background()
	if err := check(ctx, gate, cost); err != nil {
		return err
	}
	return reserveAndRun(ctx, gate, cost, status)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "gate COST STATUS")
		os.Exit(2)
	}
	cost, err := strconv.ParseUint(os.Args[1], 10, 64)
	if err == nil {
		err = run(cost, os.Args[2])
	}
	var denial *aicredits.Denial
	switch {
	case err == nil:
	case err == errNotDone:
		os.Exit(1)
	case errors.As(err, &denial):
		// The action must not run. The text says how many credits are missing, and when they come.
		fmt.Println("denied:", denial)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "gate:", err)
		os.Exit(2)
	}
}
