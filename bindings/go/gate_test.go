//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// newGate is a gate of a new client. It may read as often as it needs to.
func newGate(t *testing.T, server *aicreditstest.Emulator, options ...GateOption) *Gate {
	t.Helper()
	return newGateAt(t, server.URL(), options...)
}

// newGateAt is newGate for a server with raw replies.
func newGateAt(t *testing.T, url string, options ...GateOption) *Gate {
	t.Helper()
	gate, err := newClient(t, WithBaseURL(url), WithMaxRetries(0)).NewGate(append([]GateOption{WithMinInterval(0)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gate.Close() })
	return gate
}

func mustReserve(t *testing.T, gate *Gate, cost uint64, options ...CallOption) *Reservation {
	t.Helper()
	reservation, err := gate.Reserve(background, cost, options...)
	if err != nil {
		t.Fatal(err)
	}
	return reservation
}

// denialOf is the denial of an error that must be one.
func denialOf(t *testing.T, err error) *Denial {
	t.Helper()
	var denial *Denial
	if !errors.As(err, &denial) || !errors.Is(err, ErrDenied) || KindOf(err) != KindDenied {
		t.Fatal(err)
	}
	return denial
}

func TestAReservationSetsCreditsAside(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server, WithHeadroom(1), WithLimit(20))
	reservation := mustReserve(t, gate, 5, WithLabel("a job"))
	if reservation.Cost() != 5 || reservation.Count() != 1 || reservation.UnitCost() != 5 || reservation.Label() != "a job" || !reservation.IsOpen() {
		t.Error(reservation.Cost(), reservation.Count(), reservation.UnitCost(), reservation.Label())
	}
	state := gate.State()
	grantable, _ := state.Grantable()
	estimate, _ := state.Estimate()
	spendable, _ := state.Spendable()
	limit, _ := state.Limit()
	if grantable != 15 || estimate != 26 || spendable != 26 || limit != 20 || state.Reserved() != 5 || state.Used() != 5 || state.Granted() != 1 {
		t.Errorf("%+v", state)
	}
	age, hasAge := state.Age()
	open := state.Reservations()
	if len(open) != 1 || open[0].Label != "a job" || open[0].Cost != 5 || open[0].Age < 0 || age < 0 || !hasAge {
		t.Errorf("%+v", state)
	}
	if _, exhausted := state.ExhaustedSince(); exhausted || state.Denied()+state.Unchecked()+state.WouldBeDenied() != 0 {
		t.Errorf("%+v", state)
	}
	if !reservation.Commit() || reservation.IsOpen() || reservation.Cost() != 0 || reservation.Commit() || reservation.Release() {
		t.Error("a reservation ends once")
	}
	if estimate, _ := gate.State().Estimate(); estimate != 21 || gate.State().Reserved() != 0 || requests(t, server) != 1 {
		t.Error(estimate, requests(t, server))
	}
	if scope := gate.Scope(); scope != gate.Client().Scope() {
		t.Error(scope)
	}
}

func TestADenialHasTheReason(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	_, err := gate.Reserve(background, 40, WithLabel("too much"))
	denial := denialOf(t, err)
	grantable, hasGrantable := denial.Grantable()
	short, hasShort := denial.Shortfall()
	_, hasAge := denial.Age()
	if denial.Reason() != DenialReasonInsufficient || denial.Cost() != 40 || grantable != 26 || !hasGrantable || short != 14 || !hasShort || !hasAge {
		t.Error(denial, denial.Reason(), grantable, short)
	}
	if _, has := denial.AffordableAt(); has || denial.Label() != "too much" || denial.IsTransient() || Retryable(err) {
		t.Error(denial.Label(), denial.IsTransient())
	}
	if !strings.HasPrefix(denial.String(), "14 short: ") || !strings.HasPrefix(err.Error(), denial.String()) || len(denial.Unwrap()) != 0 {
		t.Error(err)
	}
	var failure *Error
	if !errors.As(err, &failure) || failure.Message != err.Error() || *failure.Scope != gate.Scope() {
		t.Errorf("%+v", failure)
	}
	if gate.State().Denied() != 1 || errors.Is(err, ErrServer) {
		t.Error(gate.State().Denied())
	}
}

func TestAFailedReadingIsTheCauseOfADenial(t *testing.T) {
	gate := newGate(t, answering(t, unavailable))
	_, err := gate.Reserve(background, 1)
	if denial := denialOf(t, err); denial.Reason() != DenialReasonUnavailable || !denial.IsTransient() || !Retryable(err) {
		t.Error(err)
	}
	if !errors.Is(err, ErrServer) || errors.Is(err, ErrTimeout) || strings.Count(err.Error(), "(account ") != 1 {
		t.Error(err)
	}
	if _, err := gate.ReserveUpTo(background, 1, 5); !errors.Is(err, ErrServer) {
		t.Error(err)
	}
	if _, err := gate.Refresh(background); !errors.Is(err, ErrServer) || errors.Is(err, ErrDenied) {
		t.Error(err)
	}
	if gate := newGate(t, answering(t, unavailable), WithWhenUnavailable(WhenUnavailableAllow())); gate.State().Unchecked() != 0 {
		t.Error(gate.State())
	} else if mustReserve(t, gate, 1).Release(); gate.State().Unchecked() != 1 {
		t.Error(gate.State())
	}
}

func TestTheErrorOfAProviderIsInADenial(t *testing.T) {
	withdrawn := errors.New("withdrawn")
	gate, err := withCredits(t, 1).Client(t,
		WithCredentialProvider(func(context.Context) (string, error) { return "", withdrawn })).NewGate()
	if err != nil {
		t.Fatal(err)
	}
	_, err = gate.Reserve(background, 1)
	if !errors.Is(err, withdrawn) || !errors.Is(err, ErrUnauthorized) || denialOf(t, err).Reason() != DenialReasonUnavailable {
		t.Error(err)
	}
}

func TestWrongArgumentsOfAGateAreRefused(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server)
	var none *Gate
	_, cost := gate.Reserve(background, 1<<63)
	_, unit := gate.ReserveUpTo(background, 1<<63, 1)
	_, now := gate.ReserveNow(background, math.MaxUint64)
	_, scope := gate.Reserve(background, 1, ForSite("another"))
	_, label := gate.Reserve(background, 1, WithLabel("two\nlines"))
	_, nul := gate.Reserve(background, 1, WithLabel("a\x00b"))
	_, ttl := gate.Reserve(background, 1, WithCallReservationTTL(time.Millisecond))
	_, timeout := gate.Reserve(background, 1, WithCallTimeout(0))
	_, noContext := gate.Reserve(nil, 1)
	_, noGate := none.Reserve(background, 1)
	_, zeroGate := new(Gate).Reserve(background, 1)
	_, subGate := gate.SubGate(1 << 63)
	_, second := gate.Client().NewGate()
	_, headroom := gate.Client().NewGate(WithHeadroom(1<<63), WithScope(Scope{SiteID: "another"}))
	_, noID := gate.Client().NewGate(WithScope(Scope{}))
	_, credential := gate.Client().NewGate(WithGateCredentialScope())
	_, noClient := (*Client)(nil).NewGate()
	_, ofACall := gate.Client().GetBalance(background, WithLabel("a job"))
	for name, err := range map[string]error{
		"cost": cost, "unit cost": unit, "now": now, "scope": scope, "WithLabel": label, "NUL": nul, "WithCallReservationTTL": ttl,
		"WithCallTimeout": timeout, "ctx": noContext, "no gate": noGate, "zero gate": zeroGate, "limit": subGate, "SetLimit": gate.SetLimit(1 << 63),
		"second gate": second, "WithHeadroom": headroom, "WithScope": noID, "credential": credential, "no client": noClient, "WithLabel of a call": ofACall,
	} {
		if !errors.Is(err, ErrInvalidArgument) || errors.Is(err, ErrDenied) {
			t.Error(name, err)
		}
		if option, _, _ := strings.Cut(name, " "); strings.HasPrefix(name, "With") && !strings.HasPrefix(err.Error(), option+" ") {
			t.Error(name, err)
		}
	}
	if requests(t, server) != 0 {
		t.Error("a wrong argument was read for")
	}
	if none.Close() != nil || none.State().Granted() != 0 || new(Reservation).Commit() || new(Reservation).Close() != nil {
		t.Error("nil and zero values are used")
	}
	none.ReportExhausted()
}

func TestAsManyAsFitAreReservedInOneStep(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	reservation, err := gate.ReserveUpTo(background, 5, 50)
	if err != nil || reservation.Count() != 5 || reservation.Cost() != 25 || reservation.UnitCost() != 5 {
		t.Fatal(reservation, err)
	}
	for range 3 {
		if !reservation.CommitPart(5) {
			t.Error("the part does not count")
		}
	}
	if reservation.Cost() != 10 || !reservation.Release() || gate.State().Reserved() != 0 {
		t.Error(reservation.Cost(), gate.State())
	}
	if _, err := gate.ReserveUpTo(background, 12, 3); denialOf(t, err).Cost() != 12 {
		t.Error(err)
	}
}

func TestReserveNowNeverReads(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server)
	if _, err := gate.ReserveNow(background, 1); denialOf(t, err).Reason() != DenialReasonUnavailable || requests(t, server) != 0 {
		t.Error(err)
	}
	balance, err := gate.Refresh(background)
	if err != nil {
		t.Fatal(err)
	}
	if spendable, known := balance.Spendable(); spendable != 26 || !known || requests(t, server) != 1 {
		t.Error(balance)
	}
	reservation, err := gate.ReserveNow(background, 26)
	if err != nil || !reservation.Commit() || requests(t, server) != 1 {
		t.Error(err, requests(t, server))
	}
}

func TestARefusalByTheVendorIsReported(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	if !mustReserve(t, gate, 5).ReportExhausted() {
		t.Error("the report does not count")
	}
	_, err := gate.Reserve(background, 1)
	if denial := denialOf(t, err); denial.Reason() != DenialReasonExhausted || denial.IsTransient() {
		t.Error(err)
	}
	// On the server's calendar, which is frozen.
	if since, exhausted := gate.State().ExhaustedSince(); !exhausted || since.Sub(july.AddDate(0, 0, -7)) > time.Hour {
		t.Error(since)
	}
	other := newGate(t, withCredits(t, 26))
	other.ReportExhausted()
	if _, err := other.Reserve(background, 1); denialOf(t, err).Reason() != DenialReasonExhausted {
		t.Error(err)
	}
}

func TestASubGateHasItsOwnLimit(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	visitor, err := gate.SubGate(5)
	if err != nil {
		t.Fatal(err)
	}
	reservation := mustReserve(t, visitor, 5)
	if _, err := visitor.Reserve(background, 1); denialOf(t, err).Reason() != DenialReasonLimit {
		t.Error(err)
	}
	if gate.State().Reserved() != 5 || visitor.Scope() != gate.Scope() {
		t.Error(gate.State())
	}
	if _, err := visitor.SubGate(1); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if err := visitor.SetLimit(6); err != nil {
		t.Error(err)
	}
	// Handles are freed in any order.
	gate.Close()
	mustReserve(t, visitor, 1).Commit()
	visitor.Close()
	if !reservation.Commit() {
		t.Error("the reservation was lost with its gate")
	}
}

func TestAClosedGateRefuses(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	reservation := mustReserve(t, gate, 1)
	if gate.Close() != nil || gate.Close() != nil {
		t.Error("closing has failed")
	}
	_, reserve := gate.Reserve(background, 1)
	_, subGate := gate.SubGate(1)
	for _, err := range []error{reserve, subGate, gate.SetLimit(1)} {
		if !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if gate.State().Granted() != 0 || gate.Scope() != (Scope{}) || !reservation.Commit() {
		t.Error(gate.State())
	}
	reservation.Close()
	// The scope is free again.
	if again, err := gate.Client().NewGate(); err != nil || again.State().Granted() != 0 {
		t.Error(err)
	}
	gate.Client().Close()
	if _, err := gate.Client().NewGate(WithScope(Scope{SiteID: "another"})); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestACollectedGateFreesItsScope(t *testing.T) {
	client := newClient(t)
	func() {
		if _, err := client.NewGate(); err != nil {
			t.Fatal(err)
		}
	}()
	eventually(t, "the gate is collected", func() bool {
		runtime.GC()
		gate, err := client.NewGate()
		if err == nil {
			gate.Close()
		}
		return err == nil
	})
}
