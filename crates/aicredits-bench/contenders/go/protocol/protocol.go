// Package protocol is the Go programs' half of the protocol in README.md.
package protocol

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Batch is how many operations a batch has. One alone would be as short as a clock read.
const Batch = 1000

// Require ends the program where something does not hold.
func Require(holds bool, what any) {
	if !holds {
		fmt.Fprintln(os.Stderr, "failed:", what)
		os.Exit(1)
	}
}

// Run answers each line with as many times, of calls.
func Run(call func()) {
	answer(func() time.Duration {
		begun := time.Now()
		call()
		return time.Since(begun)
	})
}

// Decode answers each line with the times of that many decodings of the file BENCH_REPLY. The function that decode
// returns checks the result.
func Decode(decode func(text []byte) (check func())) {
	text, err := os.ReadFile(os.Getenv("BENCH_REPLY"))
	Require(err == nil, err)
	answer(func() time.Duration {
		begun := time.Now()
		check := decode(text)
		took := time.Since(begun)
		check()
		return took
	})
}

func answer(once func() time.Duration) {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		count, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		Require(err == nil, err)
		times := make([]time.Duration, count)
		for i := range times {
			times[i] = once()
		}
		for _, each := range times {
			fmt.Fprint(out, each.Nanoseconds(), " ")
		}
		fmt.Fprintln(out)
		out.Flush()
	}
}
