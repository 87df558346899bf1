package aicreditstest

import (
	"encoding/json"
	"math"
	"time"
)

// milliseconds is a duration in JSON. A part of a millisecond is rounded up, so that no duration becomes 0.
type milliseconds time.Duration

// seconds is a duration in JSON. A part of a second is rounded up.
type seconds time.Duration

func (m milliseconds) MarshalJSON() ([]byte, error) {
	return inUnits(time.Duration(m), time.Millisecond)
}

func (m *milliseconds) UnmarshalJSON(text []byte) error {
	return fromUnits(text, (*time.Duration)(m), time.Millisecond)
}

func (s seconds) MarshalJSON() ([]byte, error) { return inUnits(time.Duration(s), time.Second) }

func (s *seconds) UnmarshalJSON(text []byte) error {
	return fromUnits(text, (*time.Duration)(s), time.Second)
}

func inUnits(duration, unit time.Duration) ([]byte, error) {
	whole := duration / unit
	if duration%unit > 0 {
		whole++
	}
	return json.Marshal(int64(whole))
}

// fromUnits takes the longest duration, 292 years, in place of a longer one.
func fromUnits(text []byte, duration *time.Duration, unit time.Duration) error {
	var number int64
	if err := json.Unmarshal(text, &number); err != nil {
		return err
	}
	*duration = time.Duration(max(min(number, math.MaxInt64/int64(unit)), math.MinInt64/int64(unit))) * unit
	return nil
}

// Ptr returns a pointer to a copy of the value, for the optional members of requests.
func Ptr[T any](value T) *T { return &value }
