// Prints what an account or a site has left.
//
// It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.
package main

import (
	"context"
	"fmt"
	"os"

	"aicredits.example/aicredits"
)

func run() error {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		return err
	}
	defer client.Close()
	balance, err := client.GetBalance(context.Background())
	if err != nil {
		return err
	}
	// The balance as text. Its methods return the figures one by one.
	fmt.Println(balance)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "balance:", err)
		os.Exit(1)
	}
}
