// Program reads a balance from the emulator.
package main

import (
	"context"
	"fmt"
	"os"

	"aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

func run() error {
	emulator, err := aicreditstest.Start()
	if err != nil {
		return err
	}
	defer emulator.Close()
	client, err := aicredits.NewClient(
		aicredits.WithAPIKey(emulator.APIKey()), aicredits.WithAccount(emulator.AccountID()), aicredits.WithBaseURL(emulator.URL()))
	if err != nil {
		return err
	}
	defer client.Close()
	balance, err := client.GetBalance(context.Background())
	if err != nil {
		return err
	}
	fmt.Println(balance)
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "program:", err)
		os.Exit(1)
	}
}
