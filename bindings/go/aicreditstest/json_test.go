package aicreditstest

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

var june = time.Date(2026, 6, 24, 0, 0, 0, 0, time.UTC)

// Absent, null, empty and zero are different in the protocol.
func TestRequestsHaveTheMembersOfTheProtocol(t *testing.T) {
	for want, request := range map[string]any{
		`{}`:           noScenario(t),
		`{"name":"a"}`: KeyChange{Name: "a"},
		`{"name":"a","accounts":[],"sites":["s"],"carries_context":false,"revoked":true}`: KeyChange{
			Name: "a", Accounts: []string{}, Sites: []string{"s"}, CarriesContext: Ptr(false), Revoked: Ptr(true)},
		`{"rules":[{"period":"DAY","cap":30},{"period":"MONTH","cap":120,"balance":0,"reset_date":"2026-06-24T00:00:00Z"}]}`: Grant{
			Rules: []GrantRule{{Period: "DAY", Cap: 30}, {Period: "MONTH", Cap: 120, Balance: Ptr[int64](0), ResetDate: june}}},
		`{"amount":0}`:       TopUp{},
		`{"allocation":"a"}`: Adjust{Allocation: "a"},
		`{"allocation":"a","balance":-1,"omit":[],"counted_rule":0}`: Adjust{
			Allocation: "a", Balance: Ptr[int64](-1), Omit: []Member{}, CountedRule: Ptr(0)},
		`{"cost":5}`:                        Spend{Cost: 5},
		`{"cost":5,"shown_after_ms":0}`:     Spend{Cost: 5, ShownAfter: Ptr(time.Duration(0))},
		`{"advance_ms":604800000}`:          ClockChange{Advance: 7 * 24 * time.Hour},
		`{"advance_ms":1}`:                  ClockChange{Advance: time.Nanosecond},
		`{"now":"2026-06-24T00:00:00Z"}`:    ClockChange{Now: june},
		`{"mode":"running"}`:                ClockChange{Mode: ClockRunning},
		`{"times":1}`:                       Fault{},
		`{"times":null,"match":{"skip":2}}`: Fault{Times: UntilCleared, Match: FaultMatch{Skip: 2}},
		`{"times":3,"connect":"mute"}`:      Fault{Times: 3, Connect: ConnectMute},
		`{"times":1,"connect":"close","probability":0.5,"seed":0}`: Fault{
			Connect: ConnectClose, Probability: Ptr(0.5), Seed: Ptr[uint64](0)},
		`{"times":1,"reply":{"status":503,"retry_after_s":1,"delay_ms":1500}}`: Fault{
			Reply: &FaultReply{Status: 503, RetryAfter: Ptr(time.Millisecond), Delay: 1500 * time.Millisecond}},
		`{"body":"","cut_at":0,"retry_after_s":0,"retry_after_date_s":-90,"drip_ms":2}`: FaultReply{
			Body: Ptr(""), CutAt: Ptr[int64](0), RetryAfter: Ptr(time.Duration(0)), RetryAfterDate: Ptr(-90 * time.Second), Drip: 2 * time.Millisecond},
		`{"per_minute":null}`:                    Limit{},
		`{"per_minute":200,"retry_after":false}`: Limit{PerMinute: 200, RetryAfter: Ptr(false)},
		`{"after":17,"route":"paid_action"}`:     JournalQuery{After: 17, Route: RoutePaidAction},
		`{"allow":["both_scope_headers"],"require":{"max_per_minute":200,"asked_once":true}}`: VerdictQuery{
			Allow: []VerdictRule{BothScopeHeaders}, Require: Require{MaxPerMinute: 200, AskedOnce: true}},
		`{"requests":0,"timeout_ms":5000}`: Wait{Timeout: 5 * time.Second},
	} {
		got, err := json.Marshal(request)
		if err != nil || string(got) != want {
			t.Errorf("%s\n%s %v", got, want, err)
		}
	}
}

// noScenario is the empty request, after a look at the scenario of the zero Reset.
func noScenario(t *testing.T) any {
	choice, err := Reset{}.choice()
	if choice != nil || err != nil {
		t.Error(string(choice), err)
	}
	return VerdictQuery{}
}

func TestValuesAreReadBack(t *testing.T) {
	for _, text := range []string{
		`{"mode":"frozen","now":"2026-06-24T00:00:00Z","speed":1,"resets":2,"service_ms":1500}`,
		`{"fault":"f1","times":null,"match":{"route":"balance"},"reply":{"status":500,"retry_after_s":0,"retry_after_date_s":90,"delay_ms":1,"drip_ms":2}}`,
		`{"times":1}`,
		`{"per_minute":3,"key":"a"}`,
		`{"per_minute":null}`,
	} {
		var err error
		var again []byte
		switch {
		case text[2] == 'm':
			again, err = through[Clock](text)
		case text[2] == 'p':
			again, err = through[Limit](text)
		default:
			again, err = through[Fault](text)
		}
		if err != nil || string(again) != text {
			t.Error(string(again), err)
		}
	}
	var fault Fault
	if err := json.Unmarshal([]byte(`{}`), &fault); err != nil || fault.Times != 1 {
		t.Error("without times a fault happens once:", fault.Times, err)
	}
	for _, wrong := range []string{`{"mode":7}`, `{"service_ms":"1"}`} {
		if _, err := through[Clock](wrong); err == nil {
			t.Error(wrong)
		}
	}
	for _, wrong := range []string{`{"per_minute":"1"}`, `[]`} {
		if _, err := through[Limit](wrong); err == nil {
			t.Error(wrong)
		}
	}
	if _, err := through[Fault](`{"times":"1"}`); err == nil {
		t.Error("a text is no number of times")
	}
}

func through[T any](text string) ([]byte, error) {
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// 300 years of service time are more than a Duration has.
func TestADurationThatIsTooLongIsCut(t *testing.T) {
	var clock Clock
	if err := json.Unmarshal([]byte(`{"service_ms":9300000000000000}`), &clock); err != nil || clock.Service < 292*365*24*time.Hour {
		t.Error(clock.Service, err)
	}
	var long seconds
	if err := json.Unmarshal([]byte("9223372036854775807"), &long); err != nil || time.Duration(long) < math.MaxInt64-time.Duration(time.Second) {
		t.Error(long, err)
	}
}

func TestAHeaderIsFoundInAnyCase(t *testing.T) {
	entry := Entry{Headers: [][2]string{{"host", "a"}, {"wix-account-id", "b"}, {"host", "c"}}}
	if entry.Header("Wix-Account-ID") != "b" || entry.Header("Host") != "a" || entry.Header("none") != "" {
		t.Error(entry)
	}
}
