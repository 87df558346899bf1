package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"aicredits.example/aicredits"
)

// printDecision prints the answer of a balance to a question, such as "can_afford 40".
func printDecision(balance *aicredits.Balance, question string) {
	text("decide", question)
	words := strings.Fields(question)
	switch words[0] {
	case "spendable":
		credits, has := balance.Spendable()
		known("spendable", credits, has, count)
	case "spendable_at":
		credits, has := balance.SpendableAt(date(words[1]))
		known("spendable", credits, has, count)
	case "affordable":
		fit, has, err := balance.Affordable(number(words[1]), number(words[2]))
		if err != nil {
			printRefusal(err)
			return
		}
		known("affordable", fit, has, positive)
	case "next_reset":
		at, has := balance.NextReset()
		known("nextReset", at, has, instant)
	case "next_reset_after":
		at, has := balance.NextResetAfter(date(words[1]))
		known("nextReset", at, has, instant)
	case "can_afford":
		affordability, err := balance.CanAfford(number(words[1]))
		if err != nil {
			printRefusal(err)
			return
		}
		printAffordability(affordability)
	default:
		giveUp(question)
	}
}

func printAffordability(affordability aicredits.Affordability) {
	text("answer", affordability.Answer().String())
	fmt.Fprintf(out, "isYes=%t\n", affordability.OK())
	positive("cost", affordability.Cost())
	credits, has := affordability.Spendable()
	known("spendable", credits, has, count)
	credits, has = affordability.Available()
	known("available", credits, has, count)
	short, has := affordability.Shortfall()
	known("shortfall", short, has, positive)
	text("binding", affordability.Binding().String())
	for _, rule := range affordability.BindingRules() {
		fmt.Fprintf(out, "bindingRule=%d,%d\n", rule.SourceIndex, rule.RuleIndex)
	}
	at, has := affordability.AffordableAt()
	known("affordableAt", at, has, instant)
	text("text", affordability.String())
}

func printRefusal(err error) {
	var failure *aicredits.Error
	if !errors.As(err, &failure) {
		giveUp(err)
	}
	text("error.kind", failure.Kind.String())
	textIfAny("error.setting", failure.Setting)
	text("error.message", failure.Message)
}

func positive(name string, value uint64) {
	fmt.Fprintf(out, "%s=%d\n", name, value)
}

func date(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		giveUp(err)
	}
	return at
}
