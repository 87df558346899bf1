package aicredits

// #include "native.h"
//
// #cgo noescape go_from_json
// #cgo nocallback go_from_json
import "C"

import (
	"time"
	"unsafe"
)

// periods has the names of those that are known, which need no copy.
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

// FromJSON reads a stored reply, as [Balance.JSON] gave it.
func FromJSON(data []byte) (*Balance, error) {
	var reading C.go_reading
	bytes := data
	if len(bytes) == 0 {
		// An empty slice may have no address, which is not the same as an empty text.
		bytes = []byte{0}
	}
	C.go_from_json((*C.char)(unsafe.Pointer(unsafe.SliceData(bytes))), C.size_t(len(data)), &reading)
	balance, failure := taken(&reading)
	if failure != nil {
		return nil, failure
	}
	return balance, nil
}

// taken copies what was read, and frees it.
func taken(reading *C.go_reading) (*Balance, *Error) {
	if reading.balance == nil {
		err := newError(reading.error)
		C.aicredits_error_free(reading.error)
		return nil, err
	}
	balance := newBalance(reading)
	C.aicredits_balance_free(reading.balance)
	return balance, nil
}

// A balance's optional values lie in one slice a kind, however many rules it has.
type arena struct {
	counts    []int64
	instants  []time.Time
	periods   []FeaturePeriod
	ruleSlots []UsageRule
}

func (a *arena) count(isThere bool, count C.int64_t) *int64 {
	if !isThere {
		return nil
	}
	a.counts = append(a.counts, int64(count))
	return &a.counts[len(a.counts)-1]
}

func (a *arena) instant(raw *C.aicredits_timestamp) *time.Time {
	if raw == nil {
		return nil
	}
	a.instants = append(a.instants, time.Unix(int64(raw.unix_seconds), int64(raw.nanoseconds)).UTC())
	return &a.instants[len(a.instants)-1]
}

func (a *arena) period(rule *C.aicredits_usage_rule) *FeaturePeriod {
	if rule.present&C.AICREDITS_HAS_PERIOD == 0 {
		return nil
	}
	name := FeaturePeriod("")
	if code := int(rule.period); code > 0 && code < len(periods) {
		name = periods[code]
	} else {
		name = FeaturePeriod(text(rule.period_name, rule.period_name_length))
	}
	a.periods = append(a.periods, name)
	return &a.periods[len(a.periods)-1]
}

func (a *arena) credits(raw *C.aicredits_credits) *Credits {
	if raw == nil {
		return nil
	}
	return &Credits{
		Balance: a.count(raw.present&C.AICREDITS_HAS_BALANCE != 0, raw.balance),
		Cap:     a.count(raw.present&C.AICREDITS_HAS_CAP != 0, raw.cap),
	}
}

func (a *arena) usageRules(source *C.aicredits_credit_balance) []UsageRule {
	first := len(a.ruleSlots)
	rules := unsafe.Slice(source.usage_rules, source.usage_rule_count)
	for i := range rules {
		raw := &rules[i]
		rule := UsageRule{
			Period:  a.period(raw),
			Balance: a.count(raw.present&C.AICREDITS_HAS_BALANCE != 0, raw.balance),
			Cap:     a.count(raw.present&C.AICREDITS_HAS_CAP != 0, raw.cap),
		}
		if raw.present&C.AICREDITS_HAS_RESET_DATE != 0 {
			rule.ResetDate = a.instant(&raw.reset_date)
		}
		a.ruleSlots = append(a.ruleSlots, rule)
	}
	// Its capacity ends where it does: appending to one source must not write into the next.
	return a.ruleSlots[first:len(a.ruleSlots):len(a.ruleSlots)]
}

func newBalance(reading *C.go_reading) *Balance {
	rules := int(reading.usage_rule_count)
	a := arena{
		counts:    make([]int64, 0, 2*rules+4),
		instants:  make([]time.Time, 0, rules+2),
		periods:   make([]FeaturePeriod, 0, rules),
		ruleSlots: make([]UsageRule, 0, rules),
	}
	balance := &Balance{
		PeriodicCredits: a.credits(reading.periodic_credits),
		TopUpCredits:    a.credits(reading.top_up_credits),
		Scope:           newScope(reading.scope),
		RequestID:       text(reading.request_id, reading.request_id_length),
		FetchedAt:       a.instant(reading.fetched_at),
		ServerDate:      a.instant(reading.server_date),
		json:            unsafe.Slice((*byte)(unsafe.Pointer(reading.json)), reading.json_length),
	}
	balance.json = append(make([]byte, 0, len(balance.json)), balance.json...)
	balance.isRecognized = bool(reading.is_recognized)
	if reading.available != nil {
		available := int64(*reading.available)
		balance.available = &available
	}
	sources := unsafe.Slice(reading.credit_balance_breakdown, reading.credit_balance_count)
	if len(sources) > 0 {
		balance.CreditBalanceBreakdown = make([]CreditBalance, len(sources))
	}
	for i := range sources {
		balance.CreditBalanceBreakdown[i] = CreditBalance{
			SubscriptionID: text(sources[i].subscription_id, sources[i].subscription_id_length),
			UsageRules:     a.usageRules(&sources[i]),
		}
	}
	return balance
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

func newError(raw *C.aicredits_error) *Error {
	var length C.size_t
	err := &Error{
		Kind:        Kind(C.aicredits_error_status(raw)),
		HTTPStatus:  int(C.aicredits_error_http_status(raw)),
		IsTransient: bool(C.aicredits_error_is_transient(raw)),
		Scope:       newScope(C.aicredits_error_scope(raw)),
	}
	message := C.aicredits_error_message(raw, &length)
	err.Message = text(message, length)
	code := C.aicredits_error_code(raw, &length)
	err.Code = text(code, length)
	description := C.aicredits_error_description(raw, &length)
	err.Description = text(description, length)
	requestID := C.aicredits_error_request_id(raw, &length)
	err.RequestID = text(requestID, length)
	if wait := C.aicredits_error_retry_after_ms(raw); wait != nil {
		// A server may ask for more than a Duration holds.
		most := uint64(1<<63-1) / uint64(time.Millisecond)
		retryAfter := time.Duration(min(uint64(*wait), most)) * time.Millisecond
		err.RetryAfter = &retryAfter
	}
	violations := C.aicredits_error_field_violations(raw, &length)
	for _, each := range unsafe.Slice(violations, length) {
		err.FieldViolations = append(err.FieldViolations, FieldViolation{
			Field:        text(each.field, each.field_length),
			Description:  text(each.description, each.description_length),
			ViolatedRule: text(each.violated_rule, each.violated_rule_length),
		})
	}
	attempts := C.aicredits_error_attempts(raw, &length)
	for _, each := range unsafe.Slice(attempts, length) {
		err.Attempts = append(err.Attempts, Attempt{
			Phase:      Phase(each.phase),
			Duration:   time.Duration(each.duration_ns),
			HTTPStatus: int(each.http_status),
			RequestID:  text(each.request_id, each.request_id_length),
		})
	}
	return err
}

func text(text *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text)), length))
}
