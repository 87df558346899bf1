// Package protocol is the Go programs' half of the protocol that README.md tells.
package protocol

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Require ends the program where something does not hold.
func Require(holds bool, what any) {
	if !holds {
		fmt.Fprintln(os.Stderr, "failed:", what)
		os.Exit(1)
	}
}

// Run answers each line with as many times.
func Run(call func()) {
	lines := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		count, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		Require(err == nil, err)
		times := make([]time.Duration, count)
		for i := range times {
			begun := time.Now()
			call()
			times[i] = time.Since(begun)
		}
		for _, each := range times {
			fmt.Fprint(out, each.Nanoseconds(), " ")
		}
		fmt.Fprintln(out)
		out.Flush()
	}
}
