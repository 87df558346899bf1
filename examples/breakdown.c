/* Prints what an account or a site has left, as balance.c does, reading each figure and date by itself.
 *
 * It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's. */

#include <aicredits.h>
#include <inttypes.h>
#include <stdio.h>

/* A count that the reply lacks is unknown: neither 0 nor unlimited. */
static void print_count(uint32_t present, int64_t count) {
    if (present) {
        printf("%" PRId64, count);
    } else {
        printf("unknown");
    }
}

static void print_counts(uint32_t present, int64_t balance, int64_t cap) {
    print_count(present & AICREDITS_HAS_BALANCE, balance);
    printf(" of ");
    print_count(present & AICREDITS_HAS_CAP, cap);
}

static void print_pool(const char *name, const aicredits_credits *credits) {
    printf("%s: ", name);
    if (credits != NULL) {
        print_counts(credits->present, credits->balance, credits->cap);
    } else {
        printf("none");
    }
    printf("\n");
}

/* Server text, which might do something to a terminal, made fit to be shown. */
static void print_text(const char *text, size_t length) {
    char shown[AICREDITS_TEXT_SIZE];
    aicredits_text_escape(text, length, shown, sizeof shown);
    printf("%s", shown);
}

static void print_rule(const aicredits_usage_rule *rule) {
    printf("  ");
    if (rule->present & AICREDITS_HAS_PERIOD) {
        print_text(rule->period_name, rule->period_name_length);
    } else {
        printf("unknown");
    }
    printf(": ");
    print_counts(rule->present, rule->balance, rule->cap);
    if (rule->present & AICREDITS_HAS_RESET_DATE) {
        char date[AICREDITS_TIMESTAMP_TEXT_SIZE];
        aicredits_timestamp_text(&rule->reset_date, date, sizeof date);
        printf(", resets %s", date);
    }
    printf("\n");
}

static void print_balance(const aicredits_balance *balance) {
    size_t count;
    const aicredits_credit_balance *sources = aicredits_balance_credit_balance_breakdown(balance, &count);

    print_pool("recurring", aicredits_balance_periodic_credits(balance));
    print_pool("top-up", aicredits_balance_top_up_credits(balance));
    for (size_t i = 0; i < count; i++) {
        if (sources[i].present & AICREDITS_HAS_SUBSCRIPTION_ID) {
            printf("subscription ");
            print_text(sources[i].subscription_id, sources[i].subscription_id_length);
            printf("\n");
        } else {
            printf("no subscription\n");
        }
        for (size_t j = 0; j < sources[i].usage_rule_count; j++) {
            print_rule(&sources[i].usage_rules[j]);
        }
    }
}

int main(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    aicredits_status status;

    aicredits_config_from_env(config);
    status = aicredits_client_new(config, &client, &error);
    if (status == AICREDITS_STATUS_OK) {
        status = aicredits_client_get_balance(client, NULL, &balance, &error);
    }
    if (status == AICREDITS_STATUS_OK) {
        print_balance(balance);
    } else {
        fprintf(stderr, "balance: %s\n", aicredits_error_message(error, NULL));
    }

    /* One way out for success and failure: freeing NULL is fine. */
    aicredits_error_free(error);
    aicredits_balance_free(balance);
    aicredits_client_free(client);
    aicredits_config_free(config);
    return status == AICREDITS_STATUS_OK ? 0 : 1;
}
