//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"time"
	"unsafe"
)

// errorFromC copies an error and frees it.
func errorFromC(raw *C.aicredits_error) *Error {
	defer C.aicredits_error_free(raw)
	return copyError(raw)
}

func copyError(raw *C.aicredits_error) *Error {
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
	setting := C.aicredits_error_setting(raw, &length)
	err.Setting = text(setting, length)
	requestID := C.aicredits_error_request_id(raw, &length)
	err.RequestID = text(requestID, length)
	if wait := C.aicredits_error_retry_after_ms(raw); wait != nil {
		// A server may ask for more than a Duration holds.
		retryAfter := durationOf(*wait)
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
	err.Attempts = copyAttempts(attempts, length)
	return err
}

func copyAttempts(raw *C.aicredits_attempt, count C.size_t) (attempts []Attempt) {
	for _, each := range unsafe.Slice(raw, count) {
		attempts = append(attempts, Attempt{
			Phase:      Phase(each.phase),
			Duration:   time.Duration(each.duration_ns),
			HTTPStatus: int(each.http_status),
			RequestID:  text(each.request_id, each.request_id_length),
		})
	}
	return attempts
}
