/* The canonical lines of a balance and of an error, one accessor for each value. */

#ifndef C_LINES_H
#define C_LINES_H

#include <aicredits.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One line of printable ASCII. */
static void print_escaped(const char *text, size_t length) {
    size_t i;
    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte >= ' ' && byte <= '~' && byte != '\\') {
            putchar(byte);
        } else {
            printf("\\x%02x", byte);
        }
    }
    putchar('\n');
}

static void print_text(const char *owner, const char *name, const char *text, size_t length) {
    if (text != NULL) {
        printf("%s%s=", owner, name);
        print_escaped(text, length);
    }
}

/* An empty list prints nothing, as any absent value. */
static void print_length(const char *name, size_t length) {
    if (length != 0) {
        printf("%s.length=%lu\n", name, (unsigned long)length);
    }
}

static void print_count(const char *owner, const char *name, uint32_t present, int64_t count) {
    if (present) {
        printf("%s.%s=%" PRId64 "\n", owner, name, count);
    }
}

static void print_instant(const char *owner, const char *name, const aicredits_timestamp *instant) {
    if (instant != NULL) {
        printf("%s%s=%" PRId64 ".%09" PRIu32 "\n", owner, name, instant->unix_seconds, instant->nanoseconds);
    }
}

static void print_scope(const char *name, const aicredits_scope *scope) {
    const char *kind = "a scope that this runner does not know";
    if (scope == NULL) {
        return;
    }
    switch (scope->kind) {
    case AICREDITS_SCOPE_ACCOUNT: kind = "ACCOUNT"; break;
    case AICREDITS_SCOPE_SITE: kind = "SITE"; break;
    case AICREDITS_SCOPE_ACCOUNT_AND_SITE: kind = "ACCOUNT_AND_SITE"; break;
    case AICREDITS_SCOPE_CREDENTIAL: kind = "CREDENTIAL"; break;
    }
    printf("%s=%s\n", name, kind);
    print_text(name, ".accountId", scope->account_id, scope->account_id_length);
    print_text(name, ".siteId", scope->site_id, scope->site_id_length);
}

static void print_credits(const char *name, const aicredits_credits *credits) {
    if (credits != NULL) {
        printf("%s=present\n", name);
        print_count(name, "balance", credits->present & AICREDITS_HAS_BALANCE, credits->balance);
        print_count(name, "cap", credits->present & AICREDITS_HAS_CAP, credits->cap);
    }
}

static void print_rule(const char *name, const aicredits_usage_rule *rule) {
    if (rule->present & AICREDITS_HAS_PERIOD) {
        printf("%s.period=%s\n", name, aicredits_period_name(rule->period));
        print_text(name, ".periodText", rule->period_name, rule->period_name_length);
    }
    print_count(name, "balance", rule->present & AICREDITS_HAS_BALANCE, rule->balance);
    print_count(name, "cap", rule->present & AICREDITS_HAS_CAP, rule->cap);
    if (rule->present & AICREDITS_HAS_RESET_DATE) {
        print_instant(name, ".resetDate", &rule->reset_date);
    }
}

static void print_source(const char *name, const aicredits_credit_balance *source) {
    char below[128];
    size_t i;
    if (source->present & AICREDITS_HAS_SUBSCRIPTION_ID) {
        print_text(name, ".subscriptionId", source->subscription_id, source->subscription_id_length);
    }
    snprintf(below, sizeof below, "%s.usageRules", name);
    print_length(below, source->usage_rule_count);
    for (i = 0; i < source->usage_rule_count; i++) {
        snprintf(below, sizeof below, "%s.usageRules[%lu]", name, (unsigned long)i);
        print_rule(below, &source->usage_rules[i]);
    }
}

static void print_balance(const aicredits_balance *balance) {
    size_t count;
    size_t length;
    size_t i;
    const char *text;
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);
    const int64_t *available = aicredits_balance_available(balance);

    print_credits("periodicCredits", aicredits_balance_periodic_credits(balance));
    print_credits("topUpCredits", aicredits_balance_top_up_credits(balance));
    print_length("creditBalanceBreakdown", count);
    for (i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "creditBalanceBreakdown[%lu]", (unsigned long)i);
        print_source(name, &sources[i]);
    }
    if (available != NULL) {
        printf("available=%" PRId64 "\n", *available);
    }
    if (!aicredits_balance_is_recognized(balance)) {
        printf("isRecognized=false\n");
    }
    print_scope("scope", aicredits_balance_scope(balance));
    text = aicredits_balance_request_id(balance, &length);
    print_text("", "requestId", text, length);
    print_instant("", "fetchedAt", aicredits_balance_fetched_at(balance));
    print_instant("", "serverDate", aicredits_balance_server_date(balance));
    text = aicredits_balance_json(balance, &length);
    print_text("", "json", text, length);
    text = aicredits_balance_text(balance, &length);
    print_text("", "shown", text, length);
}

static void print_attempts(const aicredits_error *error) {
    size_t count;
    size_t i;
    const aicredits_attempt *attempts = aicredits_error_attempts(error, &count);
    print_length("error.attempts", count);
    for (i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "error.attempts[%lu]", (unsigned long)i);
        printf("%s.phase=%s\n", name, aicredits_phase_name(attempts[i].phase));
        printf("%s.durationNs=%" PRIu64 "\n", name, attempts[i].duration_ns);
        if (attempts[i].present & AICREDITS_HAS_HTTP_STATUS) {
            printf("%s.httpStatus=%" PRIu32 "\n", name, attempts[i].http_status);
        }
        if (attempts[i].present & AICREDITS_HAS_REQUEST_ID) {
            print_text(name, ".requestId", attempts[i].request_id, attempts[i].request_id_length);
        }
    }
}

static void print_error(const aicredits_error *error) {
    size_t count;
    size_t length;
    size_t i;
    const char *text;
    const aicredits_field_violation *violations = aicredits_error_field_violations(error, &count);
    const uint64_t *retry_after_ms = aicredits_error_retry_after_ms(error);
    uint32_t http_status = aicredits_error_http_status(error);

    printf("error.kind=%s\n", aicredits_status_name(aicredits_error_status(error)));
    if (http_status != 0) {
        printf("error.httpStatus=%" PRIu32 "\n", http_status);
    }
    text = aicredits_error_code(error, &length);
    print_text("error", ".code", text, length);
    text = aicredits_error_description(error, &length);
    print_text("error", ".description", text, length);
    print_length("error.fieldViolations", count);
    for (i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof name, "error.fieldViolations[%lu]", (unsigned long)i);
        print_text(name, ".field", violations[i].field, violations[i].field_length);
        print_text(name, ".description", violations[i].description, violations[i].description_length);
        if (violations[i].present & AICREDITS_HAS_VIOLATED_RULE) {
            print_text(name, ".violatedRule", violations[i].violated_rule, violations[i].violated_rule_length);
        }
    }
    text = aicredits_error_setting(error, &length);
    print_text("error", ".setting", text, length);
    print_scope("error.scope", aicredits_error_scope(error));
    text = aicredits_error_request_id(error, &length);
    print_text("error", ".requestId", text, length);
    if (retry_after_ms != NULL) {
        printf("error.retryAfterMs=%" PRIu64 "\n", *retry_after_ms);
    }
    print_attempts(error);
    text = aicredits_error_message(error, &length);
    print_text("error", ".message", text, length);
}

#endif
