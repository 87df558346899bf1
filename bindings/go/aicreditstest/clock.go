package aicreditstest

import (
	"encoding/json"
	"time"
)

// Clock has the two times of an emulator. The calendar is what the header Date shows and what rules reset by. The service
// time is what rate limits, Retry-After and the delays of charges run on; it runs while the calendar is frozen.
type Clock struct {
	// Mode reports whether the calendar runs.
	Mode ClockMode `json:"mode,omitempty"`
	// Now is the instant of the calendar.
	Now time.Time `json:"now,omitzero"`
	// Speed is how fast the service time passes, and the calendar if it runs: 1 to 1,000,000.
	Speed int `json:"speed,omitempty"`
	// Service is the service time since the start. A scenario leaves it 0. JSON: "service_ms".
	Service time.Duration `json:"-"`
	// Resets is the number of rules that were reset. A scenario leaves it 0.
	Resets int `json:"resets,omitempty"`
}

// MarshalJSON writes durations in milliseconds.
func (c Clock) MarshalJSON() ([]byte, error) {
	type plain Clock
	return json.Marshal(struct {
		plain
		Service milliseconds `json:"service_ms,omitzero"`
	}{plain(c), milliseconds(c.Service)})
}

// UnmarshalJSON reads durations in milliseconds.
func (c *Clock) UnmarshalJSON(text []byte) error {
	type plain Clock
	return json.Unmarshal(text, &struct {
		*plain
		Service *milliseconds `json:"service_ms"`
	}{(*plain)(c), (*milliseconds)(&c.Service)})
}

// ClockMode is whether the calendar runs.
type ClockMode string

const (
	// ClockFrozen is a calendar that does not move, so that every run of a test is the same.
	ClockFrozen ClockMode = "frozen"
	// ClockRunning is a calendar that runs, at the clock's speed.
	ClockRunning ClockMode = "running"
)

// ClockChange changes one of its members. The zero value changes nothing: [Emulator.Clock] then reports the clock.
type ClockChange struct {
	// Advance moves the calendar and the service time forward. JSON: "advance_ms".
	Advance time.Duration `json:"-"`
	// Now sets the calendar. To set it back undoes nothing.
	Now time.Time `json:"now,omitzero"`
	// Mode freezes the calendar, or lets it run.
	Mode ClockMode `json:"mode,omitempty"`
	// Speed sets the speed: 1 to 1,000,000.
	Speed int `json:"speed,omitempty"`
}

// MarshalJSON writes durations in milliseconds.
func (c ClockChange) MarshalJSON() ([]byte, error) {
	type plain ClockChange
	return json.Marshal(struct {
		plain
		Advance milliseconds `json:"advance_ms,omitzero"`
	}{plain(c), milliseconds(c.Advance)})
}
