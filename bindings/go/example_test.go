//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aicredits.example/aicredits"
)

func Example() {
	client, err := aicredits.NewClient(aicredits.FromEnv())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	balance, err := client.GetBalance(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(balance)
	// Output:
	// recurring: 850 of 1000
	// top-up: 200 of 200
	// subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6
	//   MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z
	// no subscription
	//   NO_PERIOD: 200 of 200
}

func ExampleError() {
	client, err := aicredits.NewClient(aicredits.FromEnv(), aicredits.WithAPIKey("IST.withdrawn"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, err = client.GetBalance(context.Background())
	var failure *aicredits.Error
	if errors.Is(err, aicredits.ErrUnauthorized) && errors.As(err, &failure) {
		fmt.Println(failure.HTTPStatus, failure.Kind)
	}
	// Output: 401 UNAUTHORIZED
}

// Accept an interface, so that tests can pass a fake.
type balanceGetter interface {
	GetBalance(context.Context, ...aicredits.CallOption) (*aicredits.Balance, error)
}

type fake struct{ json string }

func (f fake) GetBalance(context.Context, ...aicredits.CallOption) (*aicredits.Balance, error) {
	return aicredits.FromJSON([]byte(f.json))
}

func mayRun(credits balanceGetter, price int64) bool {
	balance, err := credits.GetBalance(context.Background())
	if err != nil {
		return false
	}
	available, known := balance.Available()
	return known && available >= price
}

func ExampleFromJSON() {
	fmt.Println(mayRun(fake{`{"periodicCredits":{"balance":5}}`}, 5))
	fmt.Println(mayRun(fake{`{"periodicCredits":{"balance":5}}`}, 6))
	// Output:
	// true
	// false
}

func ExampleBalance_CreditBalanceBreakdown() {
	balance, err := aicredits.FromJSON([]byte(`{"creditBalanceBreakdown":[{"usageRules":[{"period":"DAY","balance":7}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for source := range balance.CreditBalanceBreakdown() {
		for rule := range source.UsageRules() {
			period, _ := rule.Period()
			if left, known := rule.Balance(); known {
				fmt.Println(period, left)
			}
		}
	}
	// Output: DAY 7
}
