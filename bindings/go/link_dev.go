//go:build cgo && linux && aicredits_dev

package aicredits

// The full path of the archive in the repository, because -l would prefer a shared library in the same folder.

// #cgo LDFLAGS: ${SRCDIR}/../../target/dist/lib/libaicredits.a -static-libgcc -lpthread -ldl -lm
// #if !__has_include("../../target/dist/include/aicredits.h")
// #error "the tag aicredits_dev links target/dist of the repository, which is not there: run `cargo xtask build` in it"
// #endif
import "C"
