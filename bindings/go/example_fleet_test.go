//go:build cgo && linux

package aicredits_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"aicredits.example/aicredits"
)

func printOutcomes(fleet *aicredits.Fleet) {
	for _, outcome := range fleet.Outcomes() {
		label := outcome.Target.Label
		if outcome.Err != nil {
			fmt.Printf("%s: %v\n", label, aicredits.KindOf(outcome.Err))
		} else if available, known := outcome.Balance.Available(); known {
			fmt.Printf("%s: %d\n", label, available)
		} else {
			fmt.Printf("%s: unknown\n", label)
		}
	}
}

func ExampleClient_GetBalances() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	shop := aicredits.AccountTarget(os.Getenv("WIX_ACCOUNT_ID"))
	shop.Label = "Shop"
	blog := aicredits.SiteTarget("no-such-site")
	blog.Label = "Blog"
	targets := []aicredits.Target{shop, blog}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fleet, err := client.GetBalances(ctx, targets, aicredits.WithRate(100))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fleet.Close()
	printOutcomes(fleet)
	progress := fleet.Progress()
	fmt.Println(progress.Done, "of", progress.Total, "sites,", progress.Failed, "failed")
	// Unordered output:
	// Shop: 1050
	// Blog: NOT_FOUND
	// 2 of 2 sites, 1 failed
}
