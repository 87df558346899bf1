package aicreditstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "IST.canary-of-a-key"

// shown is everything that formatting, logging and encoding make of a value.
func shown(t *testing.T, value any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10.3s"} {
		fmt.Fprintf(&out, verb+"\n", value)
	}
	written, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(written)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("a value", "value", value)
	}
	return out.String()
}

func TestASecretIsNeverShown(t *testing.T) {
	secret := NewSecret(canary)
	key := Key{Name: "a", Secret: secret}
	for _, value := range []any{
		secret, &secret, []Secret{secret}, map[string]Secret{"a": secret}, key, &key,
		struct{ key Key }{key}, struct{ key *Key }{&key}, struct{ state State }{State{Keys: []Key{key}}},
		KeyChange{Name: "a", Secret: secret}, KeyAdded{"a", secret}, State{Keys: []Key{key}}, &State{Keys: []Key{key}},
		Reset{State: &State{Keys: []Key{key}}},
	} {
		if text := shown(t, value); strings.Contains(text, "canary") || strings.Contains(text, fmt.Sprintf("%x", "canary")) {
			t.Errorf("%T: %s", value, text)
		}
	}
	// The same look does find a text that is no secret.
	if text := shown(t, KeyChange{Name: canary}); strings.Count(text, "canary") < 5 {
		t.Error(text)
	}
	if key.Secret.Reveal() != canary || secret != NewSecret(canary) || secret == NewSecret("another") || (Secret{}).Reveal() != "" {
		t.Error("the value is lost")
	}
}

// Requests have the value.
func TestARequestHasTheSecret(t *testing.T) {
	state := &State{Version: 1, Keys: []Key{{Name: "a", Secret: NewSecret(canary)}, {Name: "b"}}, ShownAfter: 1}
	scenario, err := Reset{State: state}.choice()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"clock":{},"accounts":null,"keys":[{"name":"a","secret":"` + canary + `"},{"name":"b"}],"shown_after_ms":1}`
	if string(scenario) != want {
		t.Error(string(scenario))
	}
	var read State
	if err := json.Unmarshal(scenario, &read); err != nil || read.Keys[0].Secret.Reveal() != canary {
		t.Error(err)
	}
	change, err := written(sentKeyChange{KeyChange{Name: "a", Secret: NewSecret(canary), Sites: []string{}}, canary})
	if want := `{"name":"a","sites":[],"secret":"` + canary + `"}`; err != nil || string(change) != want {
		t.Error(string(change), err)
	}
}

func TestAnErrorIsReadFromItsReply(t *testing.T) {
	reply := `{"error":{"code":"insufficient","message":"3 short","pointer":"/cost"},"cost":5,"spendable":2,"binding":[{"allocation":"free","rule":1}]}`
	failure := errorFrom(409, []byte(reply))
	if failure.Status != 409 || failure.Error() != "aicreditstest: insufficient: 3 short (at /cost)" || len(failure.Details) != 3 {
		t.Errorf("%+v", failure)
	}
	details, ok := failure.Insufficient()
	if !ok || details.Cost != 5 || details.Spendable != 2 || len(details.Binding) != 1 || details.Binding[0] != (Binding{"free", 1}) {
		t.Error(details, ok)
	}
	if _, ok := errorFrom(404, []byte(`{"error":{"code":"unknown_account","message":"none"}}`)).Insufficient(); ok {
		t.Error("an account has no cost")
	}
	for _, odd := range []string{"", "null", "7", `{"error":7}`, "no JSON"} {
		if failure := errorFrom(500, []byte(odd)); failure.Code != "unknown" || failure.Message != odd {
			t.Errorf("%+v", failure)
		}
	}
}

func TestAWrongScenarioIsRefusedBeforeTheStart(t *testing.T) {
	for _, option := range []Option{
		WithScenarioJSON([]byte("{")), WithScenarioJSON([]byte{}),
		func(settings *settings) { settings.Scenario = &Reset{Name: "example", State: &State{}} },
	} {
		_, err := Start(option)
		var failure *Error
		if !errors.As(err, &failure) || failure.Status != 400 || failure.Code != "invalid_request" || failure.Pointer != "/scenario" {
			t.Error(err)
		}
	}
}
