//go:build cgo && linux

package aicreditstest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// shop is a program that makes images, at 5 credits each.
type shop struct {
	gate              *aicredits.Gate
	vendor            string
	apiKey, accountID string
}

var errRefused = errors.New("the vendor refused the image for lack of credits")

// image is the whole path of a paid action: check, reserve, act, commit.
func (s shop) image(ctx context.Context) error {
	reservation, err := s.gate.Reserve(ctx, 5, aicredits.WithLabel("an image"))
	if err != nil {
		return err
	}
	defer reservation.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.vendor, strings.NewReader(`{"cost":5}`))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", s.apiKey)
	request.Header.Set("wix-account-id", s.accountID)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		reservation.Commit()
		return nil
	case http.StatusPreconditionRequired: // 428
		reservation.ReportExhausted()
		return errRefused
	}
	return fmt.Errorf("the vendor answered %s", response.Status)
}

// In a test, New(t) and emulator.Client(t) do without the errors and the closing.
func Example() {
	emulator, err := aicreditstest.Start(aicreditstest.WithScenario("free-plan")) // 30 a day within 120 a month.
	if err != nil {
		fmt.Println(err)
		return
	}
	defer emulator.Close()
	client, err := aicredits.NewClient(emulator.ClientOptions()...)
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
	ctx := context.Background()
	images := shop{gate, emulator.URL() + aicreditstest.PaidActionPath, emulator.APIKey(), emulator.AccountID()}
	for range 4 {
		if err := images.image(ctx); err != nil {
			fmt.Println(err)
		}
	}

	// Another program spends 7 of the last 10. The gate has not read the balance since.
	if _, err := emulator.Spend(aicreditstest.Spend{Cost: 7}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(images.image(ctx))
	fmt.Println(errors.Is(images.image(ctx), aicredits.ErrDenied))

	// The next day.
	if _, err := emulator.Clock(aicreditstest.ClockChange{Advance: 24 * time.Hour}); err != nil {
		fmt.Println(err)
	}
	balance, err := client.GetBalance(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(balance.Spendable())
	// Output:
	// the vendor refused the image for lack of credits
	// true
	// 30 true
}

func ExampleEmulator_Fault() {
	emulator, err := aicreditstest.Start(aicreditstest.WithFault(aicreditstest.Fault{
		Times: 2,
		Reply: &aicreditstest.FaultReply{Status: 503, Shape: aicreditstest.ShapeHTML},
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer emulator.Close()
	client, err := aicredits.NewClient(append(emulator.ClientOptions(), aicredits.WithMaxRetries(0))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for range 3 {
		_, err := client.GetBalance(context.Background())
		fmt.Println(err == nil, aicredits.KindOf(err) == aicredits.KindServer)
	}
	// Output:
	// false true
	// false true
	// true false
}

func ExampleError_Insufficient() {
	emulator, err := aicreditstest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer emulator.Close()
	_, err = emulator.Spend(aicreditstest.Spend{Cost: 2000})
	var failure *aicreditstest.Error
	if errors.As(err, &failure) {
		if details, ok := failure.Insufficient(); ok {
			fmt.Println(failure.Status, details.Spendable)
		}
	}
	// Output: 409 1050
}
