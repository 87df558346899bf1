//go:build cgo && linux

package aicreditstest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"aicredits.example/aicredits"
)

// patience is the limit of a wait. A wait that reaches it has failed.
const patience = 20 * time.Second

var background = context.Background()

// must returns the reply of an action that must succeed.
func must[R any](t *testing.T) func(*R, error) *R {
	t.Helper()
	return func(reply *R, err error) *R {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
}

// refused is the error of an action that must fail like this.
func refused(t *testing.T, err error, status int, code string) *Error {
	t.Helper()
	var failure *Error
	if !errors.As(err, &failure) || failure.Status != status || failure.Code != code || failure.Message == "" {
		t.Fatalf("%#v", err)
	}
	return failure
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); runtime.Gosched() {
		if time.Since(begun) > patience {
			t.Fatalf("never: %s", what)
		}
	}
}

func entries(t *testing.T, folder string) int {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// read returns the balance, or the kind of the error.
func read(client *aicredits.Client, options ...aicredits.CallOption) (*aicredits.Balance, aicredits.Kind) {
	balance, err := client.GetBalance(background, options...)
	return balance, aicredits.KindOf(err)
}

func spendable(t *testing.T, client *aicredits.Client, options ...aicredits.CallOption) int64 {
	t.Helper()
	balance, err := client.GetBalance(background, options...)
	if err != nil {
		t.Fatal(err)
	}
	credits, known := balance.Spendable()
	if !known {
		t.Fatal(balance)
	}
	return credits
}

// emulatorThreads is the number of threads of emulators in this process.
func emulatorThreads(t *testing.T) (count int) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		// A thread that has ended meanwhile has no name.
		if text, err := os.ReadFile(name); err == nil && (string(text) == "emulator\n" || string(text) == "connection\n") {
			count++
		}
	}
	return count
}
