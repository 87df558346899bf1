//go:build cgo && linux

package aicredits_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	. "aicredits.example/aicredits"
)

const subscription = "d7a341c4-196b-46e7-813c-2b0fc1847ec6"

// dailyWithinMonthly allows 10 today and 90 this month.
const dailyWithinMonthly = `{"periodicCredits":{"balance":90,"cap":120},"creditBalanceBreakdown":[{"subscriptionId":"` + subscription + `",
	"usageRules":[{"period":"MONTH","balance":90,"cap":120,"resetDate":"2026-07-01T00:00:00Z"},
	{"period":"DAY","balance":10,"cap":30,"resetDate":"2026-06-25T00:00:00Z"}]}]}`

func affordabilityOf(t *testing.T, balance *Balance, cost uint64) Affordability {
	t.Helper()
	affordability, err := balance.CanAfford(cost)
	if err != nil {
		t.Fatal(err)
	}
	return affordability
}

var july = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

func TestTheSmallestRuleDecides(t *testing.T) {
	balance := fromJSON(t, dailyWithinMonthly)
	tomorrow := time.Date(2026, 6, 25, 0, 0, 0, 0, time.UTC)
	if credits, known := balance.Spendable(); credits != 10 || !known {
		t.Error(credits, known)
	}
	if credits, known := balance.SpendableAt(tomorrow); credits != 30 || !known {
		t.Error(credits, known)
	}
	yes, no := affordabilityOf(t, balance, 10), affordabilityOf(t, balance, 11)
	if !yes.OK() || yes.Answer() != AnswerYes || yes.Cost() != 10 {
		t.Error(yes)
	}
	if _, short := yes.Shortfall(); short {
		t.Error("a yes has a shortfall")
	}
	if no.OK() || no.Answer() != AnswerNo || no.Answer().String() != "NO" {
		t.Error(no)
	}
	if short, known := no.Shortfall(); short != 1 || !known {
		t.Error(short, known)
	}
	if credits, known := no.Spendable(); credits != 10 || !known {
		t.Error(credits, known)
	}
	if credits, known := no.Available(); credits != 90 || !known {
		t.Error(credits, known)
	}
	if at, known := no.AffordableAt(); !at.Equal(tomorrow) || at.Location() != time.UTC || !known {
		t.Error(at, known)
	}
	if no.String() != "1 short: the DAY rule of subscription "+subscription+" allows 10 until 2026-06-25T00:00:00Z" {
		t.Error(no)
	}
	rules := no.BindingRules()
	if no.Binding() != BindingRules || no.Binding().String() != "RULES" || len(rules) != 1 {
		t.Fatal(no.Binding(), rules)
	}
	period, _ := rules[0].Rule.Period()
	if id, _ := rules[0].Source.SubscriptionID(); period != PeriodDay || id != subscription || rules[0].SourceIndex != 0 || rules[0].RuleIndex != 1 {
		t.Error(rules)
	}
	if _, has := affordabilityOf(t, balance, 121).AffordableAt(); has {
		t.Error("no reset brings 121")
	}
}

func TestHowManyActionsFit(t *testing.T) {
	balance := fromJSON(t, `{"topUpCredits":{"balance":20,"cap":200}}`)
	for _, each := range []struct{ unitCost, wanted, fit uint64 }{
		{3, 50, 6}, {3, 5, 5}, {20, 1, 1}, {21, 1, 0}, {0, 50, 50}, {3, 0, 0}, {math.MaxInt64, math.MaxInt64, 0},
	} {
		fit, known, err := balance.Affordable(each.unitCost, each.wanted)
		if fit != each.fit || !known || err != nil {
			t.Error(each, fit, known, err)
		}
	}
	if answer := affordabilityOf(t, balance, 21); answer.Binding() != BindingPools || answer.BindingRules() != nil {
		t.Error(answer.Binding(), answer.BindingRules())
	}
}

func TestAnUnknownCountIsNeitherZeroNorUnlimited(t *testing.T) {
	balance := fromJSON(t, `{"periodicCredits":{"cap":100}}`)
	if credits, known := balance.Spendable(); credits != 0 || known {
		t.Error(credits, known)
	}
	if fit, known, err := balance.Affordable(1, 10); fit != 0 || known || err != nil {
		t.Error(fit, known, err)
	}
	unknown := affordabilityOf(t, balance, 1)
	if unknown.OK() || unknown.Answer() != AnswerUnknown || !strings.HasPrefix(unknown.String(), "unknown whether 1 ") {
		t.Error(unknown)
	}
	if !affordabilityOf(t, balance, 0).OK() {
		t.Error("a cost of 0 can always be paid")
	}
}

func TestAWrongCostIsRefusedByName(t *testing.T) {
	balance := fromJSON(t, "{}")
	negative := -1
	for name, err := range map[string]error{
		"cost": second(balance.CanAfford(uint64(negative))), "unit_cost": third(balance.Affordable(1<<63, 1)), "wanted": third(balance.Affordable(1, 1<<63)),
	} {
		var failure *Error
		if !errors.As(err, &failure) || failure.Kind != KindInvalidArgument || failure.Setting != name {
			t.Error(name, err)
		}
	}
	if _, err := balance.CanAfford(math.MaxInt64); err != nil {
		t.Error(err)
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

func TestABalanceWithoutDataDecidesNothing(t *testing.T) {
	for _, balance := range []*Balance{nil, {}} {
		_, spendable := balance.Spendable()
		_, later := balance.SpendableAt(july)
		_, next := balance.NextReset()
		_, after := balance.NextResetAfter(july)
		if spendable || later || next || after {
			t.Error(balance)
		}
		answer, err := balance.CanAfford(0)
		if answer.OK() || !errors.Is(err, ErrInvalidArgument) {
			t.Error(answer, err)
		}
		if _, known, err := balance.Affordable(0, 1); known || !errors.Is(err, ErrInvalidArgument) {
			t.Error(known, err)
		}
	}
	var zero Affordability
	if zero.OK() || zero.Answer() != AnswerUnknown || zero.String() != "UNKNOWN" || zero.BindingRules() != nil {
		t.Error(zero)
	}
	if _, has := zero.AffordableAt(); has {
		t.Error(zero)
	}
}

func TestATimeOutsideOfTheCalendarIsUnknown(t *testing.T) {
	balance := fromJSON(t, dailyWithinMonthly)
	for _, at := range []time.Time{time.Unix(1<<62, 0), time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)} {
		_, spendable := balance.SpendableAt(at)
		_, reset := balance.NextResetAfter(at)
		if spendable || reset {
			t.Error(at)
		}
	}
}

// The decisions of a balance from a cache are those of the balance that was stored.
func TestAStoredBalanceKeepsTheTimeOfItsReading(t *testing.T) {
	fetched, err := newClient(t).GetBalance(background)
	if err != nil {
		t.Fatal(err)
	}
	reset, known := fetched.NextReset()
	if !reset.Equal(july) || !known {
		t.Fatal(reset, known)
	}
	text, err := json.Marshal(fetched)
	if err != nil {
		t.Fatal(err)
	}
	var fromText, fromGob Balance
	var stream bytes.Buffer
	if err := errors.Join(json.Unmarshal(text, &fromText), gob.NewEncoder(&stream).Encode(fetched), gob.NewDecoder(&stream).Decode(&fromGob)); err != nil {
		t.Fatal(err)
	}
	for _, restored := range []*Balance{&fromText, &fromGob} {
		if again, known := restored.NextReset(); !again.Equal(reset) || !known {
			t.Error(again, known)
		}
	}
	raw, err := FromJSON(fetched.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if _, known := raw.NextReset(); known {
		t.Error("a raw reply has no time")
	}
	if again, known := raw.NextResetAfter(july.Add(-time.Second)); !again.Equal(reset) || !known {
		t.Error(again, known)
	}
	if _, known := raw.NextResetAfter(july); known {
		t.Error("no reset is after the last one")
	}
}

// An answer is read after its balance was collected.
func TestAnAnswerKeepsItsBalance(t *testing.T) {
	answers := []Affordability{}
	for range 1000 {
		answers = append(answers, affordabilityOf(t, fromJSON(t, dailyWithinMonthly), 11))
	}
	runtime.GC()
	runtime.GC()
	if slices.ContainsFunc(answers, func(answer Affordability) bool {
		return !strings.HasPrefix(answer.String(), "1 short: ") || len(answer.BindingRules()) != 1
	}) {
		t.Error("an answer has lost its balance")
	}
}
