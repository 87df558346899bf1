package aicredits

import (
	"fmt"
	"strconv"
)

// Kind is the kind of an [Error].
type Kind int32

// The kinds, the same in every language. The header's test compares them with its numbers and names.
const (
	KindInvalidArgument Kind = iota + 1 // A setting or an argument is wrong; the message names it.
	KindUnauthorized                    // HTTP 401: the key is missing, wrong or withdrawn.
	KindForbidden                       // HTTP 403: the key lacks access to what was asked for.
	KindNotFound                        // HTTP 404.
	KindBadRequest                      // Any other HTTP 4xx.
	KindRateLimited                     // HTTP 429: too many requests.
	KindServer                          // Any HTTP 5xx.
	KindNetwork                         // DNS, refused, unreachable, or the connection was lost.
	KindTLS                             // A certificate or the TLS handshake.
	KindProtocol                        // Not the HTTP that was asked for.
	KindDecode                          // A complete reply that is no balance.
	KindTooLarge                        // The reply's head or body is over its limit.
	KindTimeout                         // The call's time is up.
	KindCancelled                       // The call was cancelled.
	KindClosed                          // The client is closed.
	KindDenied                          // A credit gate refused.
	KindPanic                           // A bug in the library was caught.
	KindUnexpected                      // Something that should not be able to happen.
)

var kindNames = [...]string{
	"OK", "INVALID_ARGUMENT", "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "BAD_REQUEST", "RATE_LIMITED", "SERVER", "NETWORK",
	"TLS", "PROTOCOL", "DECODE", "TOO_LARGE", "TIMEOUT", "CANCELLED", "CLOSED", "DENIED", "PANIC", "UNEXPECTED",
}

// String is the name of the kind, such as "UNAUTHORIZED". It is the same in every language. A kind that this version does
// not know is "UNKNOWN".
func (k Kind) String() string {
	return nameOf(kindNames[:], int32(k))
}

// MarshalText is the name of the kind, or its number if this version does not know the kind.
func (k Kind) MarshalText() ([]byte, error) {
	return marshalName(kindNames[:], int32(k))
}

// UnmarshalText reads the format of [Kind.MarshalText].
func (k *Kind) UnmarshalText(text []byte) error {
	return unmarshalName(kindNames[:], text, "kind", (*int32)(k))
}

// Phase is how far an attempt came.
type Phase int32

// The phases. A later version may add to them.
const (
	PhaseUnknown    Phase = iota // One that this version does not know.
	PhaseQueue                   // It had not begun.
	PhaseCredential              // The provider was asked for a credential.
	PhaseResolve                 // The host's addresses were looked up.
	PhaseConnect                 // A TCP connection was opened.
	PhaseProxy                   // Establishing a tunnel through the proxy (HTTP CONNECT).
	PhaseTLS                     // The TLS handshake.
	PhaseSend                    // The request was sent.
	PhaseHead                    // The reply's head was awaited.
	PhaseBody                    // The reply's body was read.
	PhaseReply                   // The reply was there, whole.
	PhasePause                   // The time between two attempts.
)

var phaseNames = [...]string{
	"UNKNOWN", "QUEUE", "CREDENTIAL", "RESOLVE", "CONNECT", "PROXY", "TLS", "SEND", "HEAD", "BODY", "REPLY", "PAUSE",
}

// String is the name of the phase, such as "CONNECT". It is the same in every language. A phase that this version does not
// know is "UNKNOWN".
func (p Phase) String() string {
	return nameOf(phaseNames[:], int32(p))
}

// MarshalText is the name of the phase, or its number if this version does not know the phase.
func (p Phase) MarshalText() ([]byte, error) {
	return marshalName(phaseNames[:], int32(p))
}

// UnmarshalText reads the format of [Phase.MarshalText].
func (p *Phase) UnmarshalText(text []byte) error {
	return unmarshalName(phaseNames[:], text, "phase", (*int32)(p))
}

func nameOf(names []string, number int32) string {
	if number < 0 || int(number) >= len(names) {
		return "UNKNOWN"
	}
	return names[number]
}

// marshalName writes the number of a value that only a later version knows, so that it is not lost.
func marshalName(names []string, number int32) ([]byte, error) {
	if number < 0 || int(number) >= len(names) {
		return strconv.AppendInt(nil, int64(number), 10), nil
	}
	return []byte(names[number]), nil
}

func unmarshalName(names []string, text []byte, what string, number *int32) error {
	for each, name := range names {
		if name == string(text) {
			*number = int32(each)
			return nil
		}
	}
	parsed, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil {
		return fmt.Errorf("aicredits: %q is no %s", text, what)
	}
	*number = int32(parsed)
	return nil
}
