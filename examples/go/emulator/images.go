// Emulator is a program that makes images for credits, and its tests against the emulator: see images_test.go.
//
// emulator N: makes N images, at 5 credits each. It reads WIX_API_KEY, WIX_ACCOUNT_ID, and AICREDITS_BASE_URL for another
// server than Wix's. VENDOR_URL is the URL of the vendor's paid action.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"aicredits.example/aicredits"
)

// cost is the number of credits for an image.
const cost = 5

var errNoCredits = errors.New("the vendor refused the image for lack of credits")

// maker makes images. It is the code that the tests are for.
type maker struct {
	gate              *aicredits.Gate
	vendor            string
	apiKey, accountID string
}

// image is the whole path of a paid action: check, reserve, act, commit.
func (m *maker) image(ctx context.Context) error {
	reservation, err := m.gate.Reserve(ctx, cost, aicredits.WithLabel("an image"))
	if err != nil {
		return err // A denial says how many credits are missing.
	}
	// After an error, nobody knows whether the image was charged. Close leaves it so.
	defer reservation.Close()
	status, err := m.act(ctx)
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

// act calls the paid action, and returns the HTTP status of the reply.
func (m *maker) act(ctx context.Context) (status int, err error) {
	body := strings.NewReader(fmt.Sprintf(`{"cost":%d}`, cost))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.vendor, body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", m.apiKey)
	request.Header.Set("wix-account-id", m.accountID)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}

// images makes as many images as the credits allow, and at most wanted.
func (m *maker) images(ctx context.Context, wanted int) (made int, err error) {
	for range wanted {
		if err := m.image(ctx); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("usage: emulator N")
	}
	wanted, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
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
	images := maker{gate, os.Getenv("VENDOR_URL"), os.Getenv("WIX_API_KEY"), os.Getenv("WIX_ACCOUNT_ID")}
	made, err := images.images(context.Background(), wanted)
	fmt.Println(made, "images")
	return err
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(1)
	}
}
