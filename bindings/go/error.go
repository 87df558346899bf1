package aicredits

import (
	"errors"
	"net"
	"time"
)

// Error is the error of every function of this package. Its kinds are the same in every language. It implements
// [net.Error].
//
// Compare the kind with errors.Is(err, [ErrUnauthorized]), or get it from [KindOf]. errors.As gives access to the fields.
//
// If the context of a call has ended, the error wraps ctx.Err() and context.Cause(ctx). Its kind is then usually
// [KindCancelled], or [KindTimeout] after a deadline. It may be another kind, such as [KindServer], if the call had
// received that reply before.
type Error struct {
	// Kind is the kind of the error.
	Kind Kind `json:"kind"`
	// Message is one line: what happened, to which scope and request, and what to do. Text from the server is escaped and
	// truncated.
	Message string `json:"message"`
	// HTTPStatus is the HTTP status; 0 without a reply.
	HTTPStatus int `json:"httpStatus,omitempty"`
	// Code is Wix's own code, such as "PERMISSION_DENIED". Text from the server, not escaped.
	Code string `json:"code,omitempty"`
	// Description is the server's description of the error. Text from the server, not escaped.
	Description string `json:"description,omitempty"`
	// FieldViolations are the fields of the request that the server refused.
	FieldViolations []FieldViolation `json:"fieldViolations,omitempty"`
	// Setting is the name of the setting to correct, the same in every language, such as "api_key": if a setting is wrong
	// or missing, or if a reply exceeds "max_reply_bytes". Empty otherwise. Message names the option instead.
	Setting string `json:"setting,omitempty"`
	// Scope is the account or site of the request; nil if the error does not belong to a call.
	Scope *Scope `json:"scope,omitempty"`
	// RequestID is the server's id of the request, for questions to Wix.
	RequestID string `json:"requestId,omitempty"`
	// RetryAfter is the pause that the server asks for before the next call; nil if it asks for none.
	RetryAfter *time.Duration `json:"retryAfterNs,omitempty"`
	// IsTransient reports whether the same call may succeed later: after a failed connection, a timeout, or HTTP 429, 500,
	// 502, 503 or 504. It is false for a permanent network error, such as a proxy that refuses the password.
	IsTransient bool `json:"isTransient"`
	// Attempts are the attempts of the call, in order.
	Attempts []Attempt `json:"attempts,omitempty"`

	cause error
}

var _ net.Error = (*Error)(nil)

// FieldViolation is one field of the request that the server refused. All texts come from the server and are not escaped.
type FieldViolation struct {
	// Field is the path of the field in the request; empty if the reply lacks it.
	Field string `json:"field"`
	// Description is the reason; empty if the reply lacks it.
	Description string `json:"description"`
	// ViolatedRule is the name of the rule, such as "REQUIRED_FIELD"; empty if the reply lacks it.
	ViolatedRule string `json:"violatedRule,omitempty"`
}

// Attempt is one attempt of a call that failed.
type Attempt struct {
	// Phase is the phase in which the attempt failed; [PhaseReply] if the reply itself is the error.
	Phase Phase `json:"phase"`
	// Duration is the time of the attempt, without pauses.
	Duration time.Duration `json:"durationNs"`
	// HTTPStatus is the HTTP status; 0 without a reply.
	HTTPStatus int `json:"httpStatus,omitempty"`
	// RequestID is the server's id of the request; empty without a reply.
	RequestID string `json:"requestId,omitempty"`
}

// KindOf is the kind of the first [*Error] in err's tree; 0 if there is none.
func KindOf(err error) Kind {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind
	}
	return 0
}

// Retryable reports whether the same call may succeed later: see [Error.IsTransient]. It is false for errors of other
// packages, and if the context of the call has ended.
func Retryable(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.IsTransient && !failure.contextHasEnded()
}

// Error is the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap returns the error and the cause of the context if the context has ended, otherwise the error of the credential
// provider.
func (e *Error) Unwrap() error {
	return e.cause
}

// Timeout reports whether the call has timed out.
func (e *Error) Timeout() bool {
	return e.Kind == KindTimeout
}

// Temporary returns IsTransient, for [net.Error].
func (e *Error) Temporary() bool {
	return e.IsTransient
}

// Is reports whether target is the sentinel error of this kind, such as [ErrTimeout].
func (e *Error) Is(target error) bool {
	sentinel, ok := target.(sentinel)
	return ok && e.Kind == Kind(sentinel)
}

func (e *Error) contextHasEnded() bool {
	var end contextEnd
	return errors.As(e.cause, &end)
}

// contextEnd is how a context ended: its error, and its cause if that is another one.
type contextEnd struct{ err, cause error }

func (c contextEnd) Error() string {
	if c.cause == nil {
		return c.err.Error()
	}
	return c.err.Error() + " (" + c.cause.Error() + ")"
}

func (c contextEnd) Unwrap() []error {
	if c.cause == nil {
		return []error{c.err}
	}
	return []error{c.err, c.cause}
}

// The kinds, for errors.Is.
var (
	// Generated by `cargo xtask generate` (sentinels); do not edit.
	ErrInvalidArgument error = sentinel(KindInvalidArgument)
	ErrUnauthorized    error = sentinel(KindUnauthorized)
	ErrForbidden       error = sentinel(KindForbidden)
	ErrNotFound        error = sentinel(KindNotFound)
	ErrBadRequest      error = sentinel(KindBadRequest)
	ErrRateLimited     error = sentinel(KindRateLimited)
	ErrServer          error = sentinel(KindServer)
	ErrNetwork         error = sentinel(KindNetwork)
	ErrTLS             error = sentinel(KindTLS)
	ErrProtocol        error = sentinel(KindProtocol)
	ErrDecode          error = sentinel(KindDecode)
	ErrTooLarge        error = sentinel(KindTooLarge)
	ErrTimeout         error = sentinel(KindTimeout)
	ErrCancelled       error = sentinel(KindCancelled)
	ErrClosed          error = sentinel(KindClosed)
	ErrDenied          error = sentinel(KindDenied)
	ErrPanic           error = sentinel(KindPanic)
	ErrUnexpected      error = sentinel(KindUnexpected)
	// End of the generated part (sentinels).
)

type sentinel Kind

func (s sentinel) Error() string {
	return "aicredits: " + Kind(s).String()
}
