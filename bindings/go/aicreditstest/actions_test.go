//go:build cgo && linux

package aicreditstest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The emulator knows every word that this package has a constant for.
func TestEveryConstantIsAWordOfTheProtocol(t *testing.T) {
	t.Parallel()
	e := New(t)
	rules := []VerdictRule{RetriedFinal, IgnoredRetryAfter, KeyOutsideHeader, BothScopeHeaders, ContinuedAfter428, SingleFlight,
		MaxPerMinute, SharedPause, AskedOnce, MaxAttempts, KeepAlive}
	must[Verdict](t)(e.Verdict(VerdictQuery{Allow: rules, Require: Require{true, 1, true, true, 1, 1}}))
	for _, route := range []Route{RouteBalance, RoutePaidAction} {
		must[Journal](t)(e.Journal(JournalQuery{Route: route}))
	}
	for _, mode := range []ClockMode{ClockRunning, ClockFrozen} {
		must[Clock](t)(e.Clock(ClockChange{Mode: mode}))
	}
	for _, connect := range []Connect{ConnectClose, ConnectReset, ConnectMute} {
		must[FaultAdded](t)(e.Fault(Fault{Connect: connect}))
	}
	for _, shape := range []Shape{ShapeApplicationError, ShapeValidationError, ShapeSystemError, ShapeDetailsEmpty, ShapeMessageOnly,
		ShapeErrorCode, ShapeOauth, ShapeHTML, ShapeEmpty} {
		must[FaultAdded](t)(e.Fault(Fault{Reply: &FaultReply{Status: 500, Shape: shape}}))
	}
	for _, framing := range []Framing{FramingLength, FramingChunked, FramingClose} {
		must[FaultAdded](t)(e.Fault(Fault{Reply: &FaultReply{Framing: framing}}))
	}
	for _, end := range []End{EndClose, EndReset} {
		must[FaultAdded](t)(e.Fault(Fault{Reply: &FaultReply{End: end}}))
	}
	must[FaultAdded](t)(e.Fault(Fault{Reply: &FaultReply{Mangle: []Mangle{MangleTruncate, MangleGarble, MangleUnknownEnum,
		MangleUnknownField, MangleNumbersAsText, MangleDoubleRequestID}}}))
	if err := e.Adjust(Adjust{Allocation: "monthly", Omit: []Member{MemberPeriod, MemberBalance, MemberCap, MemberResetDate}}); err != nil {
		t.Error(err)
	}
	_, err := e.Verdict(VerdictQuery{Allow: []VerdictRule{"no_such"}})
	for _, rule := range rules {
		if !strings.Contains(refused(t, err, 400, "invalid_request").Message, "`"+string(rule)+"`") {
			t.Error(rule, err)
		}
	}
	if named := strings.Count(err.Error(), "`") / 2; named != len(rules) {
		t.Error(named, "rules, and", len(rules), "constants")
	}
}

// actions are the names in the table of actions, which the emulator lists where an action is unknown.
func actions(t *testing.T, e *Emulator) []string {
	t.Helper()
	_, reply := e.Control("none", nil)
	failure := errorFrom(404, reply)
	_, list, found := strings.Cut(failure.Message, "there are ")
	if failure.Code != "unknown_action" || !found {
		t.Fatal(failure)
	}
	return strings.Split(list, ", ")
}

// wrapperOf is the name of the method of an action, such as TopUp of top_up.
func wrapperOf(action string) (name string) {
	for word := range strings.SplitSeq(action, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

// The emulator has the table of actions. An action without a method, or without a test of the method, is named here.
func TestEveryActionHasAWrapper(t *testing.T) {
	t.Parallel()
	names := actions(t, New(t))
	if len(names) != len(exercises) {
		t.Error(len(names), "actions and", len(exercises), "tests")
	}
	for _, action := range names {
		t.Run(action, func(t *testing.T) {
			name := wrapperOf(action)
			if _, has := reflect.TypeFor[*Emulator]().MethodByName(name); !has {
				t.Fatalf("the action %s has no method %s", action, name)
			}
			exercise, has := exercises[name]
			if !has {
				t.Fatalf("the method %s has no test", name)
			}
			t.Parallel()
			exercise(t, New(t))
		})
	}
}

// The types have every member of the replies: read into a type and written again, a reply is the same.
func TestTypesHaveEveryMemberOfTheReplies(t *testing.T) {
	t.Parallel()
	e := New(t, WithScenario("agency-1000"), WithFault(Fault{Times: UntilCleared, Match: FaultMatch{Site: "77d2"}, Reply: &FaultReply{
		Delay: time.Millisecond, Drip: time.Nanosecond, Mangle: []Mangle{MangleUnknownEnum}, Probability: Ptr(0.5), Seed: Ptr[uint64](7)}}),
		WithFault(Fault{Connect: ConnectReset, Probability: Ptr(0.0), Seed: Ptr[uint64](7)}))
	if err := e.Limit(Limit{PerMinute: 1000}); err != nil {
		t.Fatal(err)
	}
	client := e.Client(t)
	mustRead(t, client)
	mustRead(t, client)
	for action, again := range map[string]func([]byte) ([]byte, error){
		"state": rewritten[State], "journal": rewritten[Journal], "clock": rewritten[Clock], "verdict": rewritten[Verdict],
	} {
		request := map[string]string{"verdict": `{"require":{"asked_once":true}}`}[action]
		status, reply := e.Control(action, []byte(request))
		written, err := again(reply)
		if status != 200 || err != nil {
			t.Fatal(status, err)
		}
		if lost := difference(action, generic(t, reply), generic(t, written)); lost != "" {
			t.Error(lost)
		}
	}
}

func rewritten[T any](reply []byte) ([]byte, error) { return through[T](string(reply)) }

func generic(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// difference is the first member of a reply that its type has lost. An empty value may be absent.
func difference(path string, reply, again any) string {
	switch value := reply.(type) {
	case map[string]any:
		other, _ := again.(map[string]any)
		for name, member := range value {
			if lost := difference(path+"/"+name, member, other[name]); lost != "" {
				return lost
			}
		}
	case []any:
		other, _ := again.([]any)
		if len(value) != len(other) {
			return path
		}
		for i := range value {
			if lost := difference(path, value[i], other[i]); lost != "" {
				return lost
			}
		}
	default:
		isEmpty := value == nil || reflect.ValueOf(value).IsZero()
		if value != again && !(again == nil && isEmpty) && !strings.HasSuffix(path, "/secret") {
			return path
		}
	}
	return ""
}
