// Package aicreditstest is an emulator of Wix's AI Credits API for tests. It is a real HTTP server on a free loopback port, in
// the test process, with a ledger that really spends. It uses the native library libaicredits_emulator through cgo.
//
//	func TestTheFreePlanPaysForSixImages(t *testing.T) {
//		t.Parallel()
//		emulator := aicreditstest.New(t, aicreditstest.WithScenario("free-plan"))
//		images := newImages(emulator.Client(t), emulator.URL()+aicreditstest.PaidActionPath)
//		if made, err := images.make(10); made != 6 || !errors.Is(err, aicredits.ErrDenied) {
//			t.Error(made, err)
//		}
//		emulator.AssertGoodClient(t)
//	}
//
// [New] closes the emulator when the test ends. Emulators are independent, so tests run in parallel. Any client can call the
// emulator: give it [Emulator.URL], [Emulator.APIKey] and [Emulator.AccountID].
//
// # Scenarios
//
// [WithScenario] selects the state at the start:
//
//   - "example": the example of the API's page, a week before its reset. This is the default.
//   - "empty": an account without credits.
//   - "free-plan": 30 credits a day within 120 a month.
//   - "agency-1000": an account with 1,000 sites.
//   - "at-the-limits": 1,000 sources with 10 rules each.
//   - "runs-out": the credits run out in the middle of a batch.
//   - "late-charge": the balance shows a charge a minute late.
//   - "outage": the service fails.
//
// # Actions
//
// An [Emulator] has one method for each action of the control protocol. The same action over HTTP is POST /_emulator/ACTION:
// [Emulator.Control] takes and returns those bytes. In a request, an empty member is absent: an empty account is the first
// one. [Ptr] makes the pointers of members for which 0 is a value.
//
// # Two times
//
// The calendar is what the header Date shows and what rules reset by. It is frozen by default, so that every run of a test is
// the same. The service time is what rate limits, Retry-After and the delays of charges run on. It runs, and
// [ClockChange] Advance moves both.
//
// # The verdict
//
// The emulator judges the client by the requests that it received: see [Emulator.AssertGoodClient] and [VerdictRule]. A test
// that calls twice on purpose, for example after a 403, puts a [Emulator.Mark] between the calls.
package aicreditstest
