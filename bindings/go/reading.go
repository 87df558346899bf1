//go:build cgo && linux

package aicredits

// #include "native_linux.h"
//
// #cgo noescape aicredits_go_from_json
// #cgo nocallback aicredits_go_from_json
// #cgo noescape aicredits_go_breakdown_read
// #cgo nocallback aicredits_go_breakdown_read
import "C"

import (
	"context"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// periods has the names of the known periods, so that no text is copied for them.
var periods = [...]FeaturePeriod{
	C.AICREDITS_PERIOD_NO_PERIOD:   PeriodNoPeriod,
	C.AICREDITS_PERIOD_MILLISECOND: PeriodMillisecond,
	C.AICREDITS_PERIOD_SECOND:      PeriodSecond,
	C.AICREDITS_PERIOD_MINUTE:      PeriodMinute,
	C.AICREDITS_PERIOD_HOUR:        PeriodHour,
	C.AICREDITS_PERIOD_DAY:         PeriodDay,
	C.AICREDITS_PERIOD_WEEK:        PeriodWeek,
	C.AICREDITS_PERIOD_MONTH:       PeriodMonth,
	C.AICREDITS_PERIOD_YEAR:        PeriodYear,
}

// FromJSON makes a Balance from a raw reply, as [Balance.JSON] returns it. It is useful in tests.
func FromJSON(data []byte) (*Balance, error) {
	return fromStored(data, optional[time.Time]{}, optional[time.Time]{})
}

// fromStored has the times of a stored balance, on which decisions depend.
func fromStored(data []byte, fetchedAt, serverAt optional[time.Time]) (*Balance, error) {
	var reading C.aicredits_go_reading
	bytes := data
	if len(bytes) == 0 {
		// An empty slice may have no address, but the library refuses NULL.
		bytes = []byte{0}
	}
	C.aicredits_go_from_json((*C.char)(unsafe.Pointer(unsafe.SliceData(bytes))), C.size_t(len(data)),
		timestampIfAny(fetchedAt), timestampIfAny(serverAt), &reading)
	balance, failure := resultFromC(&reading)
	if failure != nil {
		return nil, failure
	}
	return balance, nil
}

func (c *Client) getBalance(ctx context.Context, options []CallOption) (*Balance, error) {
	return do(c, ctx, options, getBalance)
}

// getBalance is an [operation].
func getBalance(client *C.aicredits_client, call *C.aicredits_call, handle C.uintptr_t) (*Balance, *Error) {
	var reading C.aicredits_go_reading
	C.aicredits_go_get_balance(client, call, handle, &reading)
	return resultFromC(&reading)
}

// resultFromC takes ownership of the balance or of the error.
func resultFromC(raw *C.aicredits_go_reading) (*Balance, *Error) {
	if raw.balance == nil {
		return nil, errorFromC(raw.error)
	}
	return &Balance{&reading{
		model:        newHandle(raw),
		periodic:     credits(raw.periodic_credits),
		topUp:        credits(raw.top_up_credits),
		available:    known(raw.available),
		isRecognized: bool(raw.is_recognized),
		scope:        newScope(raw.scope),
		requestID:    text(raw.request_id, raw.request_id_length),
		fetchedAt:    instant(raw.fetched_at),
		serverAt:     instant(raw.server_date),
	}}, nil
}

// handle owns the library's balance, and its cleanup frees that. So each method keeps the handle alive until the data is
// copied.
type handle struct {
	balance *C.aicredits_balance
	// Borrowed from the balance.
	rawJSON []byte

	convertSources sync.Once
	ownedSources   []CreditBalance
}

func newHandle(raw *C.aicredits_go_reading) *handle {
	h := &handle{
		balance: raw.balance,
		rawJSON: unsafe.Slice((*byte)(unsafe.Pointer(raw.json)), raw.json_length),
	}
	owned := owned{h.balance, int64(len(h.rawJSON)) * nativeBytesPerReplyByte}
	runtime.AddCleanup(h, freeOwned, owned)
	owned.account()
	return h
}

func (h *handle) json() []byte {
	defer runtime.KeepAlive(h)
	return append(make([]byte, 0, len(h.rawJSON)), h.rawJSON...)
}

func (h *handle) text() string {
	defer runtime.KeepAlive(h)
	var length C.size_t
	shown := C.aicredits_balance_text(h.balance, &length)
	return text(shown, length)
}

func (h *handle) sources() []CreditBalance {
	h.convertSources.Do(func() {
		var raw C.aicredits_go_breakdown
		C.aicredits_go_breakdown_read(h.balance, &raw)
		h.ownedSources = creditBalances(&raw)
	})
	runtime.KeepAlive(h)
	return h.ownedSources
}

// creditBalances copies a breakdown. The rules of all sources share one array.
func creditBalances(raw *C.aicredits_go_breakdown) []CreditBalance {
	if raw.source_count == 0 {
		return nil
	}
	sources := make([]CreditBalance, raw.source_count)
	rules := make([]UsageRule, 0, raw.usage_rule_count)
	for i, each := range unsafe.Slice(raw.sources, raw.source_count) {
		first := len(rules)
		rawRules := unsafe.Slice(each.usage_rules, each.usage_rule_count)
		for j := range rawRules {
			rules = append(rules, usageRule(&rawRules[j]))
		}
		sources[i].usageRules = rules[first:]
		if each.present&C.AICREDITS_HAS_SUBSCRIPTION_ID != 0 {
			sources[i].subscriptionID = optional[string]{text(each.subscription_id, each.subscription_id_length), true}
		}
	}
	return sources
}

func usageRule(raw *C.aicredits_usage_rule) UsageRule {
	rule := UsageRule{
		period:  period(raw),
		balance: count(raw.present&C.AICREDITS_HAS_BALANCE != 0, raw.balance),
		cap:     count(raw.present&C.AICREDITS_HAS_CAP != 0, raw.cap),
	}
	if raw.present&C.AICREDITS_HAS_RESET_DATE != 0 {
		rule.resetDate = instant(&raw.reset_date)
	}
	return rule
}

func period(raw *C.aicredits_usage_rule) optional[FeaturePeriod] {
	if raw.present&C.AICREDITS_HAS_PERIOD == 0 {
		return optional[FeaturePeriod]{}
	}
	if code := int(raw.period); code > 0 && code < len(periods) {
		return optional[FeaturePeriod]{periods[code], true}
	}
	return optional[FeaturePeriod]{FeaturePeriod(text(raw.period_name, raw.period_name_length)), true}
}

func count(present bool, raw C.int64_t) optional[int64] {
	if !present {
		return optional[int64]{}
	}
	return optional[int64]{int64(raw), true}
}

func credits(raw *C.aicredits_credits) optional[Credits] {
	if raw == nil {
		return optional[Credits]{}
	}
	return optional[Credits]{Credits{
		balance: count(raw.present&C.AICREDITS_HAS_BALANCE != 0, raw.balance),
		cap:     count(raw.present&C.AICREDITS_HAS_CAP != 0, raw.cap),
	}, true}
}

func instant(raw *C.aicredits_timestamp) optional[time.Time] {
	if raw == nil {
		return optional[time.Time]{}
	}
	return optional[time.Time]{time.Unix(int64(raw.unix_seconds), int64(raw.nanoseconds)).UTC(), true}
}

func newScope(raw *C.aicredits_scope) *Scope {
	if raw == nil {
		return nil
	}
	return &Scope{
		AccountID: text(raw.account_id, raw.account_id_length),
		SiteID:    text(raw.site_id, raw.site_id_length),
	}
}
