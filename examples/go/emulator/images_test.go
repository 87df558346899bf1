// Tests of the program against the emulator, in the same process. Each has its own emulator, so they run in parallel.
package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// newMaker is the program as it runs against an emulator.
func newMaker(t *testing.T, emulator *aicreditstest.Emulator) *maker {
	t.Helper()
	// The emulator shows a charge at once, and a test does not wait a minute for the next day's credits.
	gate, err := emulator.Client(t).NewGate(aicredits.WithMinInterval(0), aicredits.WithVisibilityDelay(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gate.Close() })
	return &maker{gate, emulator.URL() + aicreditstest.PaidActionPath, emulator.APIKey(), emulator.AccountID()}
}

// The free plan has 30 credits a day: 6 images. The seventh is denied before the vendor is asked.
func TestTheFreePlanPaysForSixImages(t *testing.T) {
	t.Parallel()
	emulator := aicreditstest.New(t, aicreditstest.WithScenario("free-plan"))
	made, err := newMaker(t, emulator).images(context.Background(), 10)
	if made != 6 || !errors.Is(err, aicredits.ErrDenied) {
		t.Error(made, err)
	}
	journal, err := emulator.Journal(aicreditstest.JournalQuery{Route: aicreditstest.RoutePaidAction})
	if err != nil || len(journal.Requests) != 6 {
		t.Error(journal, err)
	}
	emulator.AssertGoodClient(t)
}

// The clock moves to the next day, on which the daily rule resets.
func TestImagesAreMadeAgainTheNextDay(t *testing.T) {
	t.Parallel()
	emulator := aicreditstest.New(t, aicreditstest.WithScenario("free-plan"))
	images := newMaker(t, emulator)
	if made, err := images.images(context.Background(), 7); made != 6 {
		t.Fatal(made, err)
	}
	if _, err := emulator.Clock(aicreditstest.ClockChange{Advance: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := images.gate.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := images.image(context.Background()); err != nil {
		t.Error(err)
	}
}

// Another program spends the credits after the gate has read the balance. The vendor's 428 is final: the program must not
// ask the vendor again.
func TestARefusalEndsTheBatch(t *testing.T) {
	t.Parallel()
	emulator := aicreditstest.New(t, aicreditstest.WithScenario("free-plan"))
	images := newMaker(t, emulator)
	if err := images.image(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := emulator.Spend(aicreditstest.Spend{Cost: 25}); err != nil {
		t.Fatal(err)
	}
	if made, err := images.images(context.Background(), 10); made != 0 || !errors.Is(err, errNoCredits) {
		t.Error(made, err)
	}
	if err := images.image(context.Background()); !errors.Is(err, aicredits.ErrDenied) {
		t.Error(err)
	}
	emulator.AssertGoodClient(t)
}

// The service fails twice, and then recovers. The client retries, and waits as Retry-After says.
func TestAnOutageOfTheServiceIsRetried(t *testing.T) {
	t.Parallel()
	emulator := aicreditstest.New(t, aicreditstest.WithFault(aicreditstest.Fault{
		Times: 2,
		Match: aicreditstest.FaultMatch{Route: aicreditstest.RouteBalance},
		Reply: &aicreditstest.FaultReply{Status: 503, Shape: aicreditstest.ShapeHTML, RetryAfter: aicreditstest.Ptr(time.Second)},
	}))
	if err := newMaker(t, emulator).image(context.Background()); err != nil {
		t.Error(err)
	}
	emulator.AssertGoodClient(t)
}

// If the vendor's reply is lost, the image may have been charged: the credits stay set aside as spent.
func TestALostReplyCountsAsSpent(t *testing.T) {
	t.Parallel()
	emulator := aicreditstest.New(t, aicreditstest.WithFault(aicreditstest.Fault{
		Match: aicreditstest.FaultMatch{Route: aicreditstest.RoutePaidAction},
		Reply: &aicreditstest.FaultReply{CutAt: aicreditstest.Ptr[int64](0), End: aicreditstest.EndReset},
	}))
	images := newMaker(t, emulator)
	if err := images.image(context.Background()); err == nil {
		t.Error("the reply was not lost")
	}
	if estimate, known := images.gate.State().Estimate(); estimate != 1050-cost || !known {
		t.Error(estimate)
	}
}
