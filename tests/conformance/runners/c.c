/* The C runner of the conformance suite: through the public header alone, one accessor for each value. */

#include <aicredits.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void give_up(const char *what) {
    fprintf(stderr, "conformance-c: %s\n", what);
    exit(2);
}

typedef struct asked {
    aicredits_config *config;
    aicredits_call *call; /* NULL if the call has no settings. */
    int closed;           /* Whether the client is to be closed before the call. */
    char *json;           /* NULL unless it is to be read without a client. */
    size_t json_length;
} asked;

static void start(asked *asked) {
    asked->config = aicredits_config_new();
    asked->call = NULL;
    asked->closed = 0;
    asked->json = NULL;
    asked->json_length = 0;
}

static void clear(asked *asked) {
    aicredits_config_free(asked->config);
    aicredits_call_free(asked->call);
    free(asked->json);
}

/* Decodes percent-encoding in place, and returns the new length. */
static size_t decode(char *text) {
    char *out = text;
    const char *in;
    for (in = text; *in != '\0'; in++) {
        if (*in == '%') {
            char digits[3];
            memcpy(digits, in + 1, 2);
            digits[2] = '\0';
            *out++ = (char)strtoul(digits, NULL, 16);
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

/* Splits "a,b" in two, decodes each, and returns the second. */
static char *decode_two(char *texts) {
    char *comma = strchr(texts, ',');
    if (comma == NULL) {
        give_up("two ids are needed");
    }
    *comma = '\0';
    decode(comma + 1);
    decode(texts);
    return comma + 1;
}

/* Returns the texts in order, and then repeats the last one. */
typedef struct provider {
    char *texts; /* NUL-terminated, one behind the other. */
    const char *next;
    size_t left;
    int fails;
} provider;

static void provide_credential(void *user, aicredits_credential *credential) {
    provider *provider = user;
    if (provider->fails) {
        aicredits_credential_set_failure(credential, provider->next);
    } else {
        aicredits_credential_set_authorization(credential, provider->next);
    }
    if (provider->left > 1) {
        provider->next += strlen(provider->next) + 1;
        provider->left--;
    }
}

static void free_provider(void *user) {
    provider *provider = user;
    free(provider->texts);
    free(provider);
}

static void set_provider(aicredits_config *config, char *texts, int fails) {
    provider *made = malloc(sizeof *made);
    char *out = malloc(strlen(texts) + 1);
    char *text;
    if (made == NULL || out == NULL) {
        give_up("no memory");
    }
    made->texts = out;
    made->next = out;
    made->left = 0;
    made->fails = fails;
    for (text = strtok(texts, ","); text != NULL; text = strtok(NULL, ",")) {
        size_t length = decode(text);
        memcpy(out, text, length + 1);
        out += length + 1;
        made->left++;
    }
    aicredits_config_set_credential_provider(config, provide_credential, made, free_provider);
}

static uint64_t number(const char *text) {
    return strtoull(text, NULL, 10);
}

static void set_for_call(asked *asked, const char *name, char *value) {
    if (asked->call == NULL) {
        asked->call = aicredits_call_new();
    }
    if (strcmp(name, "account_and_site_ids") == 0) {
        const char *site = decode_two(value);
        aicredits_call_set_account_and_site_ids(asked->call, value, site);
        return;
    }
    decode(value);
    if (strcmp(name, "account_id") == 0) {
        aicredits_call_set_account_id(asked->call, value);
    } else if (strcmp(name, "site_id") == 0) {
        aicredits_call_set_site_id(asked->call, value);
    } else if (strcmp(name, "credential_scope") == 0) {
        aicredits_call_set_credential_scope(asked->call);
    } else if (strcmp(name, "timeout_ms") == 0) {
        aicredits_call_set_timeout_ms(asked->call, number(value));
    } else if (strcmp(name, "cancelled") == 0) {
        aicredits_call_cancel(asked->call);
    } else {
        give_up(name);
    }
}

static void set(asked *asked, const char *name, char *value) {
    aicredits_config *config = asked->config;
    size_t length;
    if (strncmp(name, "call.", 5) == 0) {
        set_for_call(asked, name + 5, value);
        return;
    }
    if (strcmp(name, "account_and_site_ids") == 0) {
        const char *site = decode_two(value);
        aicredits_config_set_account_and_site_ids(config, value, site);
        return;
    }
    if (strcmp(name, "credential_provider") == 0 || strcmp(name, "credential_provider_failure") == 0) {
        set_provider(config, value, strcmp(name, "credential_provider") != 0);
        return;
    }
    length = decode(value);
    if (strcmp(name, "api_key") == 0) {
        aicredits_config_set_api_key(config, value);
    } else if (strcmp(name, "authorization") == 0) {
        aicredits_config_set_authorization(config, value);
    } else if (strcmp(name, "account_id") == 0) {
        aicredits_config_set_account_id(config, value);
    } else if (strcmp(name, "site_id") == 0) {
        aicredits_config_set_site_id(config, value);
    } else if (strcmp(name, "credential_scope") == 0) {
        aicredits_config_set_credential_scope(config);
    } else if (strcmp(name, "per_call_scope") == 0) {
        aicredits_config_set_per_call_scope(config);
    } else if (strcmp(name, "base_url") == 0) {
        aicredits_config_set_base_url(config, value);
    } else if (strcmp(name, "allow_insecure_http") == 0) {
        aicredits_config_set_allow_insecure_http(config, (int32_t)number(value));
    } else if (strcmp(name, "timeout_ms") == 0) {
        aicredits_config_set_timeout_ms(config, number(value));
    } else if (strcmp(name, "max_reply_bytes") == 0) {
        aicredits_config_set_max_reply_bytes(config, (size_t)number(value));
    } else if (strcmp(name, "max_retries") == 0) {
        aicredits_config_set_max_retries(config, (uint32_t)number(value));
    } else if (strcmp(name, "max_concurrency") == 0) {
        aicredits_config_set_max_concurrency(config, (uint32_t)number(value));
    } else if (strcmp(name, "ca_file") == 0) {
        aicredits_config_set_ca_file(config, value);
    } else if (strcmp(name, "ca_pem") == 0) {
        aicredits_config_set_ca_pem(config, value, length);
    } else if (strcmp(name, "proxy") == 0) {
        aicredits_config_set_proxy(config, value);
    } else if (strcmp(name, "proxy_from_env") == 0) {
        aicredits_config_set_proxy_from_env(config, (int32_t)number(value));
    } else if (strcmp(name, "name") == 0) {
        aicredits_config_set_name(config, value);
    } else if (strcmp(name, "closed") == 0) {
        asked->closed = 1;
    } else if (strcmp(name, "from_env") == 0) {
        aicredits_config_from_env(config);
    } else if (strcmp(name, "from_json") == 0) {
        asked->json = malloc(length + 1);
        if (asked->json == NULL) {
            give_up("no memory");
        }
        memcpy(asked->json, value, length + 1);
        asked->json_length = length;
    } else {
        give_up(name);
    }
}

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

static void answer(const asked *asked) {
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    aicredits_status status;

    if (asked->json != NULL) {
        status = aicredits_balance_from_json(asked->json, asked->json_length, &balance, &error);
    } else {
        status = aicredits_client_new(asked->config, &client, &error);
        if (status == AICREDITS_STATUS_OK && asked->closed) {
            aicredits_client_close(client);
        }
        if (status == AICREDITS_STATUS_OK) {
            status = aicredits_client_get_balance(client, asked->call, &balance, &error);
        }
    }
    if (status == AICREDITS_STATUS_OK) {
        print_balance(balance);
    } else if (status == aicredits_error_status(error)) {
        print_error(error);
    } else {
        give_up("the call and its error have different statuses");
    }
    printf("end\n");
    fflush(stdout);

    aicredits_error_free(error);
    aicredits_balance_free(balance);
    aicredits_client_free(client);
}

/* Reads a line of any length, without its end, into a buffer that grows. NULL at the end of the input. */
static char *read_line(char **buffer, size_t *size) {
    size_t used = 0;
    int character;
    while ((character = getchar()) != EOF && character != '\n') {
        if (used + 1 >= *size) {
            *size = *size == 0 ? 256 : *size * 2;
            *buffer = realloc(*buffer, *size);
            if (*buffer == NULL) {
                give_up("no memory");
            }
        }
        (*buffer)[used++] = (char)character;
    }
    if (character == EOF) {
        return NULL;
    }
    if (*buffer == NULL) {
        *size = 256;
        *buffer = malloc(*size);
        if (*buffer == NULL) {
            give_up("no memory");
        }
    }
    (*buffer)[used] = '\0';
    return *buffer;
}

int main(void) {
    char *buffer = NULL;
    size_t size = 0;
    char *line;
    asked asked;

    start(&asked);
    while ((line = read_line(&buffer, &size)) != NULL) {
        char *value = strchr(line, '=');
        if (value != NULL) {
            *value = '\0';
            set(&asked, line, value + 1);
        } else {
            answer(&asked);
            clear(&asked);
            start(&asked);
        }
    }
    clear(&asked);
    free(buffer);
    return 0;
}
