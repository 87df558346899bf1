package aicreditstest

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// Secret is the value of an Authorization header. [NewSecret] makes one, and two with the same value are equal. Formatted,
// logged or marshalled, it is "(not shown)": a test may use a key that is valid elsewhere.
type Secret struct {
	// A pointer: fmt calls no method of an unexported field, and shows only the address.
	value unique.Handle[string]
}

const notShown = "(not shown)"

// NewSecret makes a secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{unique.Make(value)}
}

// Reveal returns the value.
func (s Secret) Reveal() string {
	if s == (Secret{}) {
		return ""
	}
	return s.value.Value()
}

// Format writes "(not shown)" for every verb and flag.
func (Secret) Format(state fmt.State, _ rune) { io.WriteString(state, notShown) }

// LogValue returns "(not shown)".
func (Secret) LogValue() slog.Value { return slog.StringValue(notShown) }

// MarshalText returns "(not shown)", also for encoding/json. To store a scenario with its keys, take the bytes of
// [Emulator.Control].
func (Secret) MarshalText() ([]byte, error) { return []byte(notShown), nil }

// UnmarshalText reads the value.
func (s *Secret) UnmarshalText(value []byte) error {
	*s = NewSecret(string(value))
	return nil
}

// The types below are requests with their secrets.

type sentKey struct {
	Key
	Secret string `json:"secret,omitempty"`
}

type sentKeyChange struct {
	KeyChange
	Secret string `json:"secret,omitempty"`
}

// sent returns a scenario as a request. The outer members replace those of the state.
func (s *State) sent() ([]byte, error) {
	type plain State
	keys := make([]sentKey, len(s.Keys))
	for i, key := range s.Keys {
		keys[i] = sentKey{key, key.Secret.Reveal()}
	}
	return json.Marshal(struct {
		*plain
		Keys       []sentKey    `json:"keys"`
		ShownAfter milliseconds `json:"shown_after_ms,omitzero"`
	}{(*plain)(s), keys, milliseconds(s.ShownAfter)})
}
