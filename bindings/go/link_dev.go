//go:build cgo && linux && aicredits_dev && !aicredits_use_lib

package aicredits

// The repository's own archive by its full path: -l would prefer a shared library beside it.

// #cgo LDFLAGS: ${SRCDIR}/../../target/dist/lib/libaicredits.a -lpthread -ldl -lm
// #if !__has_include("../../target/dist/include/aicredits.h")
// #error "the tag aicredits_dev links target/dist of the repository, which is not there: run `cargo xtask build` in it"
// #endif
import "C"
