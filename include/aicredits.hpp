// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// aicredits for C++17 and later: what an account or a site has left of its Wix AI credits.
///
/// All of it stands on the C library: link with -laicredits. A whole program:
///
/// @code
/// #include <aicredits.hpp>
/// #include <iostream>
///
/// int main() {
///     try {
///         const aicredits::Client client{aicredits::Config{}.from_env()};
///         // A balance shows itself; the rest of the header tells how to read its figures one by one.
///         std::cout << client.get_balance() << '\n';
///         return 0;
///     } catch (const aicredits::Error &error) {
///         std::cerr << "balance: " << error.what() << '\n';
///         return 1;
///     }
/// }
/// @endcode
///
/// What holds everywhere:
///
/// Failure. What can fail has two forms: get_balance() throws aicredits::Error; try_get_balance() returns a result,
/// which holds the value or the Failure. Where exceptions or RTTI are switched off, the throwing forms are absent and
/// nothing else changes: programs may mix objects that were compiled with any -std from C++17, with -fno-exceptions and
/// -fno-rtti. When memory runs out, the process is aborted, or std::bad_alloc leaves the header's own strings. What
/// ends the program instead, by std::terminate(), is to ask for what is not there: the value of a result that has none,
/// or the one of a range beyond its end; or to make a call with a Call that was moved from, which would ask for another
/// scope.
///
/// Owners. Client, Call, Config and Balance own what they show; Credits, CreditBalance, UsageRule, Scope, Attempt,
/// FieldViolation and every std::string_view are borrowed: they live as long as the Balance, Failure or Client that
/// they were read from, or a copy of it. One that was moved from is empty: it may be assigned to or destroyed.
///
/// Absence. A std::optional is empty where the reply lacks the field: no count means "none".
///
/// Threads. What is const may be used by several threads at once; anything else by one at a time. Only get_balance()
/// and try_get_balance() block.
///
/// Server text (periods that are not known, subscription ids, request ids, codes and descriptions) is handed out as it
/// came; operator<<, to_string(), std::format (where the compiler has it) and Failure::message() show it escaped.

#ifndef AICREDITS_HPP
#define AICREDITS_HPP

#if __cplusplus < 201703L
#error "aicredits.hpp needs C++17: compile with -std=c++17 or later"
#endif

#include <aicredits.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_expected)
#include <expected>
#endif
#if defined(__cpp_lib_format)
#include <format>
#endif
#if defined(__cpp_lib_ranges)
#include <ranges>
#endif

/// On the types that cross between shared objects as exceptions: each object has its type information, and some C++
/// libraries compare its address. It is one address where the symbol is visible, under -fvisibility=hidden too.
#define AICREDITS_THROWN __attribute__((visibility("default")))

/// Whether a provider's exceptions can be caught.
#if defined(__cpp_exceptions)
#define AICREDITS_CATCHES 1
#else
#define AICREDITS_CATCHES 0
#endif

/// Whether there are throwing forms.
#if AICREDITS_CATCHES && (defined(__cpp_rtti) || defined(__GXX_RTTI))
#define AICREDITS_HAS_EXCEPTIONS 1
#else
#define AICREDITS_HAS_EXCEPTIONS 0
#endif

namespace aicredits {

/// The version of the library, such as "0.1.0"; AICREDITS_VERSION is that of the header.
inline std::string_view version() noexcept {
    return aicredits_version();
}

namespace detail {

/// Ends the program where what its caller promised does not hold.
inline void require(bool holds) noexcept {
    if (!holds) {
        std::terminate();
    }
}

/// A text for the C library, which takes it up to its first NUL. One within it becomes another control character, so
/// that the library refuses the text rather than see half of it. It may be a key, so it is wiped.
class Text {
  public:
    explicit Text(std::string_view text) : text_(text) {
        for (char &character : text_) {
            if (character == '\0') {
                character = '\1';
            }
        }
    }
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;
    ~Text() {
        // Volatile, or the compiler would see that nobody reads it again.
        volatile char *bytes = text_.data();
        for (std::size_t at = 0; at < text_.size(); at++) {
            bytes[at] = '\0';
        }
    }
    operator const char *() const noexcept { return text_.c_str(); }

  private:
    std::string text_;
};

template <auto free>
struct Free {
    template <class Handle>
    void operator()(Handle *handle) const noexcept {
        free(handle);
    }
};

template <class Value>
std::optional<Value> where(bool is_there, Value value) noexcept {
    return is_there ? std::optional<Value>(value) : std::nullopt;
}

inline std::optional<std::string_view> text(const char *text, std::size_t length) noexcept {
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(std::in_place, text, length);
}

inline std::uint64_t milliseconds(std::chrono::milliseconds time) noexcept {
    // The library refuses 0, and says so; a negative time must not become a long one.
    return time.count() < 0 ? 0 : static_cast<std::uint64_t>(time.count());
}

/// Seconds and less than one of them, in units of which one has so many; at the end of what fits, that end.
inline std::int64_t total(std::int64_t seconds, std::int64_t rest, std::int64_t units) noexcept {
    using Limits = std::numeric_limits<std::int64_t>;
    if (seconds < 0 && rest > 0) {
        // Of one sign, or the product might not fit where the sum does.
        seconds += 1;
        rest -= units;
    }
    std::int64_t total = 0;
    const bool fits = !__builtin_mul_overflow(seconds, units, &total) && !__builtin_add_overflow(total, rest, &total);
    return fits ? total : seconds < 0 ? Limits::min() : Limits::max();
}

/// Rounded down.
inline std::int64_t quotient(std::int64_t number, std::int64_t by) noexcept {
    return number / by - (number % by < 0 ? 1 : 0);
}

/// Server text, fit to be shown.
inline std::string escaped(std::string_view text) {
    char shown[AICREDITS_TEXT_SIZE];
    return std::string(shown, aicredits_text_escape(text.data(), text.size(), shown, sizeof shown));
}

/// A count; what the reply lacks is "unknown".
inline std::string count(std::optional<std::int64_t> count) {
    return count ? std::to_string(*count) : "unknown";
}

}  // namespace detail

/// What a list of the C library's plain structs looks like: views made on the way, nothing copied. Borrowed.
template <class View, class Raw>
class Range {
  public:
    class iterator {
      public:
        /// A view that is made on the way, to have its members called.
        class pointer {
          public:
            explicit pointer(View view) noexcept : view_(view) {}
            const View *operator->() const noexcept { return &view_; }

          private:
            View view_;
        };
        using iterator_category = std::random_access_iterator_tag;
        using value_type = View;
        using difference_type = std::ptrdiff_t;
        using reference = View;

        iterator() noexcept = default;
        explicit iterator(const Raw *at) noexcept : at_(at) {}

        View operator*() const noexcept { return View(at_); }
        pointer operator->() const noexcept { return pointer(View(at_)); }
        View operator[](difference_type by) const noexcept { return View(at_ + by); }
        iterator &operator++() noexcept { return *this += 1; }
        iterator &operator--() noexcept { return *this -= 1; }
        iterator operator++(int) noexcept { return iterator(at_++); }
        iterator operator--(int) noexcept { return iterator(at_--); }
        iterator &operator+=(difference_type by) noexcept {
            at_ += by;
            return *this;
        }
        iterator &operator-=(difference_type by) noexcept { return *this += -by; }
        friend iterator operator+(iterator it, difference_type by) noexcept { return it += by; }
        friend iterator operator+(difference_type by, iterator it) noexcept { return it += by; }
        friend iterator operator-(iterator it, difference_type by) noexcept { return it -= by; }
        friend difference_type operator-(iterator a, iterator b) noexcept { return a.at_ - b.at_; }
        friend bool operator==(iterator a, iterator b) noexcept { return a.at_ == b.at_; }
        friend bool operator!=(iterator a, iterator b) noexcept { return a.at_ != b.at_; }
        friend bool operator<(iterator a, iterator b) noexcept { return a.at_ < b.at_; }
        friend bool operator>(iterator a, iterator b) noexcept { return a.at_ > b.at_; }
        friend bool operator<=(iterator a, iterator b) noexcept { return a.at_ <= b.at_; }
        friend bool operator>=(iterator a, iterator b) noexcept { return a.at_ >= b.at_; }

      private:
        const Raw *at_ = nullptr;
    };

    using value_type = View;
    using reference = View;
    using const_reference = View;
    using const_iterator = iterator;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;

    Range() noexcept = default;
    Range(const Raw *first, std::size_t count) noexcept : first_(first), count_(count) {}

    iterator begin() const noexcept { return iterator(first_); }
    iterator end() const noexcept { return iterator(first_ + count_); }
    std::size_t size() const noexcept { return count_; }
    bool empty() const noexcept { return count_ == 0; }
    /// The one at `index`, which must be below size().
    View operator[](std::size_t index) const noexcept {
        detail::require(index < count_);
        return View(first_ + index);
    }
    /// The first one and the last one, of a range that is not empty.
    View front() const noexcept { return (*this)[0]; }
    View back() const noexcept { return (*this)[count_ - 1]; }

  private:
    const Raw *first_ = nullptr;
    std::size_t count_ = 0;
};

/// An instant in UTC. The library's own are in the years 1 to 9999. Plain data.
///
/// It is made from any time_point of std::chrono::system_clock, so that one compares it with the clock:
///
/// @code
/// if (*rule.reset_date() > std::chrono::system_clock::now())
/// @endcode
struct Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down; negative before it.
    std::int64_t unix_seconds = 0;
    /// Nanoseconds after them, below 1,000,000,000.
    std::uint32_t nanoseconds = 0;

    Timestamp() noexcept = default;
    explicit Timestamp(const aicredits_timestamp *raw) noexcept
        : unix_seconds(raw->unix_seconds), nanoseconds(raw->nanoseconds) {}
    /// The same instant. Digits past nine are cut; an instant that is too far away for `unix_seconds` becomes the last
    /// one, or the first, of them.
    template <class Duration>
    Timestamp(std::chrono::time_point<std::chrono::system_clock, Duration> at) noexcept {
        using std::chrono::duration_cast;
        using std::chrono::seconds;
        const Duration since_1970 = at.time_since_epoch();
        if constexpr (std::ratio_greater_v<typename Duration::period, std::ratio<1>>) {
            if (since_1970 > duration_cast<Duration>(seconds::max())) {
                unix_seconds = seconds::max().count();
                return;
            }
            if (since_1970 < duration_cast<Duration>(seconds::min())) {
                unix_seconds = seconds::min().count();
                return;
            }
        }
        const auto whole = duration_cast<seconds>(since_1970);
        // Taken from what is left, because `whole` rounded down need not fit into a fine Duration.
        const auto rest = duration_cast<std::chrono::nanoseconds>(since_1970 - whole).count();
        unix_seconds = whole.count() - (rest < 0 ? 1 : 0);
        nanoseconds = static_cast<std::uint32_t>(rest < 0 ? rest + 1'000'000'000 : rest);
    }

    /// The same, cut to microseconds: all of the years fit into it, and what does not becomes its max() or min(). Do not compare it with system_clock::now(), and do
    /// not wait until it: where that clock counts nanoseconds, std::chrono converts both to these, which overflow after
    /// the year 2262. Compare the Timestamp itself, and wait for until().
    std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds> time_point() const noexcept {
        using std::chrono::microseconds;
        return std::chrono::time_point<std::chrono::system_clock, microseconds>(
            microseconds(detail::total(unix_seconds, nanoseconds / 1000, 1'000'000)));
    }

    /// The time from `now` to this instant, negative after it. More than the 292 years that fit into nanoseconds
    /// becomes nanoseconds::max(), or nanoseconds::min().
    std::chrono::nanoseconds until(Timestamp now) const noexcept {
        using Nanoseconds = std::chrono::nanoseconds;
        std::int64_t seconds = 0;
        if (__builtin_sub_overflow(unix_seconds, now.unix_seconds, &seconds)) {
            return *this < now ? Nanoseconds::min() : Nanoseconds::max();
        }
        const std::int64_t rest = std::int64_t{nanoseconds} - std::int64_t{now.nanoseconds};
        return Nanoseconds(detail::total(seconds, rest, 1'000'000'000));
    }

    friend bool operator==(const Timestamp &a, const Timestamp &b) noexcept {
        return a.unix_seconds == b.unix_seconds && a.nanoseconds == b.nanoseconds;
    }
    friend bool operator!=(const Timestamp &a, const Timestamp &b) noexcept { return !(a == b); }
    friend bool operator<(const Timestamp &a, const Timestamp &b) noexcept {
        return a.unix_seconds != b.unix_seconds ? a.unix_seconds < b.unix_seconds : a.nanoseconds < b.nanoseconds;
    }
    friend bool operator>(const Timestamp &a, const Timestamp &b) noexcept { return b < a; }
    friend bool operator<=(const Timestamp &a, const Timestamp &b) noexcept { return !(b < a); }
    friend bool operator>=(const Timestamp &a, const Timestamp &b) noexcept { return !(a < b); }
};

/// How often credits replenish: Wix's FeaturePeriod.
enum class FeaturePeriod : std::int32_t {
    unknown = AICREDITS_PERIOD_UNKNOWN,  ///< One that this version does not know: UsageRule::period_name() has its text.
    no_period = AICREDITS_PERIOD_NO_PERIOD,  ///< One-time credits, which don't reset.
    millisecond = AICREDITS_PERIOD_MILLISECOND,
    second = AICREDITS_PERIOD_SECOND,
    minute = AICREDITS_PERIOD_MINUTE,
    hour = AICREDITS_PERIOD_HOUR,
    day = AICREDITS_PERIOD_DAY,
    week = AICREDITS_PERIOD_WEEK,
    month = AICREDITS_PERIOD_MONTH,
    year = AICREDITS_PERIOD_YEAR,
};

/// The name on the wire, such as "MONTH"; "UNKNOWN_PERIOD" or the like for one that this version does not know.
inline std::string_view to_string(FeaturePeriod period) noexcept {
    return aicredits_period_name(static_cast<aicredits_period>(period));
}

/// A pool of credits: what is left, of how many. Borrowed from its Balance.
class Credits {
  public:
    explicit Credits(const aicredits_credits *raw) noexcept : raw_(raw) {}

    /// Remaining credits currently available.
    std::optional<std::int64_t> balance() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_BALANCE, raw_->balance);
    }
    /// Maximum credits: per period in the recurring pool, altogether in the top-up pool. It may be 0.
    std::optional<std::int64_t> cap() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_CAP, raw_->cap);
    }

  private:
    const aicredits_credits *raw_;
};

/// A rule on the use of a source's credits. Several apply together, such as a daily limit within a monthly allocation.
/// Borrowed from its Balance.
class UsageRule {
  public:
    explicit UsageRule(const aicredits_usage_rule *raw) noexcept : raw_(raw) {}

    /// How often the credits under this rule replenish.
    std::optional<FeaturePeriod> period() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_PERIOD, static_cast<FeaturePeriod>(raw_->period));
    }
    /// The period as the server spelt it.
    std::optional<std::string_view> period_name() const noexcept {
        return detail::text(raw_->period_name, raw_->period_name_length);
    }
    /// Remaining credits available under this rule.
    std::optional<std::int64_t> balance() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_BALANCE, raw_->balance);
    }
    /// Maximum credits allowed under this rule per period. It may be 0.
    std::optional<std::int64_t> cap() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_CAP, raw_->cap);
    }
    /// When this rule's balance resets to its cap.
    std::optional<Timestamp> reset_date() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_RESET_DATE, Timestamp(&raw_->reset_date));
    }

  private:
    const aicredits_usage_rule *raw_;
};

/// The credits of one source. Borrowed from its Balance.
class CreditBalance {
  public:
    explicit CreditBalance(const aicredits_credit_balance *raw) noexcept : raw_(raw) {}

    /// GUID of the subscription that the allocation belongs to; empty for credits without one.
    std::optional<std::string_view> subscription_id() const noexcept {
        return detail::text(raw_->subscription_id, raw_->subscription_id_length);
    }
    /// The rules of its use, in the reply's order.
    Range<UsageRule, aicredits_usage_rule> usage_rules() const noexcept {
        return {raw_->usage_rules, raw_->usage_rule_count};
    }

  private:
    const aicredits_credit_balance *raw_;
};

/// Which of the four scopes.
enum class ScopeKind : std::int32_t {
    account = AICREDITS_SCOPE_ACCOUNT,
    site = AICREDITS_SCOPE_SITE,
    account_and_site = AICREDITS_SCOPE_ACCOUNT_AND_SITE,
    credential = AICREDITS_SCOPE_CREDENTIAL,
};

/// Its name in every language, such as "SITE".
inline std::string_view to_string(ScopeKind kind) noexcept {
    return aicredits_scope_kind_name(static_cast<aicredits_scope_kind>(kind));
}

/// Whose credits were asked for. Borrowed from its Balance, Failure or Client.
class Scope {
  public:
    explicit Scope(const aicredits_scope *raw) noexcept : raw_(raw) {}

    ScopeKind kind() const noexcept { return static_cast<ScopeKind>(raw_->kind); }
    std::optional<std::string_view> account_id() const noexcept {
        return detail::text(raw_->account_id, raw_->account_id_length);
    }
    std::optional<std::string_view> site_id() const noexcept {
        return detail::text(raw_->site_id, raw_->site_id_length);
    }

  private:
    const aicredits_scope *raw_;
};

/// Who must act: one small set in every language.
enum class ErrorKind : std::int32_t {
    invalid_argument = AICREDITS_STATUS_INVALID_ARGUMENT,  ///< A setting or an argument is wrong; the message names it.
    unauthorized = AICREDITS_STATUS_UNAUTHORIZED,          ///< HTTP 401: the key is missing, wrong or withdrawn.
    forbidden = AICREDITS_STATUS_FORBIDDEN,                ///< HTTP 403: the key lacks access to what was asked for.
    not_found = AICREDITS_STATUS_NOT_FOUND,                ///< HTTP 404.
    bad_request = AICREDITS_STATUS_BAD_REQUEST,            ///< Any other HTTP 4xx.
    rate_limited = AICREDITS_STATUS_RATE_LIMITED,          ///< HTTP 429: too many requests.
    server = AICREDITS_STATUS_SERVER,                      ///< Any HTTP 5xx.
    network = AICREDITS_STATUS_NETWORK,                    ///< DNS, refused, or the connection was lost.
    tls = AICREDITS_STATUS_TLS,                            ///< A certificate or the TLS handshake.
    protocol = AICREDITS_STATUS_PROTOCOL,                  ///< Not the HTTP that was asked for.
    decode = AICREDITS_STATUS_DECODE,                      ///< A complete reply that is no balance.
    too_large = AICREDITS_STATUS_TOO_LARGE,                ///< The reply's head or body is over its limit.
    timeout = AICREDITS_STATUS_TIMEOUT,                    ///< The call's time is up.
    cancelled = AICREDITS_STATUS_CANCELLED,                ///< The call was cancelled.
    closed = AICREDITS_STATUS_CLOSED,                      ///< The client is closed.
    denied = AICREDITS_STATUS_DENIED,                      ///< A credit gate refused.
    panic = AICREDITS_STATUS_PANIC,                        ///< A bug in the library was caught.
    unexpected = AICREDITS_STATUS_UNEXPECTED,              ///< Something that should not be able to happen.
};

/// Its name in every language, such as "UNAUTHORIZED".
inline std::string_view to_string(ErrorKind kind) noexcept {
    return aicredits_status_name(static_cast<aicredits_status>(kind));
}

/// How far an attempt came.
enum class Phase : std::int32_t {
    unknown = AICREDITS_PHASE_UNKNOWN,        ///< One that this version does not know.
    queue = AICREDITS_PHASE_QUEUE,            ///< It had not begun.
    credential = AICREDITS_PHASE_CREDENTIAL,  ///< The provider was asked for a credential.
    resolve = AICREDITS_PHASE_RESOLVE,        ///< The host's addresses were looked up.
    connect = AICREDITS_PHASE_CONNECT,        ///< A TCP connection was opened.
    proxy = AICREDITS_PHASE_PROXY,            ///< A proxy was asked to lead on.
    tls = AICREDITS_PHASE_TLS,                ///< The TLS handshake.
    send = AICREDITS_PHASE_SEND,              ///< The request was sent.
    head = AICREDITS_PHASE_HEAD,              ///< The reply's head was awaited.
    body = AICREDITS_PHASE_BODY,              ///< The reply's body was read.
    reply = AICREDITS_PHASE_REPLY,            ///< The reply was there, whole.
    pause = AICREDITS_PHASE_PAUSE,            ///< The time between two attempts.
};

/// Its name in every language, such as "CONNECT".
inline std::string_view to_string(Phase phase) noexcept {
    return aicredits_phase_name(static_cast<aicredits_phase>(phase));
}

/// One attempt of a call that failed. Borrowed from its Failure.
class Attempt {
  public:
    explicit Attempt(const aicredits_attempt *raw) noexcept : raw_(raw) {}

    /// How far it came; Phase::reply where the reply itself is the failure.
    Phase phase() const noexcept { return static_cast<Phase>(raw_->phase); }
    /// How long it took, pauses aside.
    std::chrono::nanoseconds duration() const noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(raw_->duration_ns));
    }
    /// The HTTP status, where a reply came.
    std::optional<std::uint32_t> http_status() const noexcept {
        return detail::where(raw_->present & AICREDITS_HAS_HTTP_STATUS, raw_->http_status);
    }
    /// The server's id of the request.
    std::optional<std::string_view> request_id() const noexcept {
        return detail::text(raw_->request_id, raw_->request_id_length);
    }

  private:
    const aicredits_attempt *raw_;
};

/// One field of the request that the server refused. Borrowed from its Failure.
class FieldViolation {
  public:
    explicit FieldViolation(const aicredits_field_violation *raw) noexcept : raw_(raw) {}

    /// The field's path in the request; "" where the server does not tell.
    std::string_view field() const noexcept { return {raw_->field, raw_->field_length}; }
    /// What is wrong with it; "" where the server does not tell.
    std::string_view description() const noexcept { return {raw_->description, raw_->description_length}; }
    /// The rule's name, such as "REQUIRED_FIELD".
    std::optional<std::string_view> violated_rule() const noexcept {
        return detail::text(raw_->violated_rule, raw_->violated_rule_length);
    }

  private:
    const aicredits_field_violation *raw_;
};

/// Why something failed. A copy is another owner of the same; it never changes, so threads may share it.
class AICREDITS_THROWN Failure {
  public:
    /// Takes a C error.
    explicit Failure(aicredits_error *error) : error_(error, detail::Free<aicredits_error_free>{}) {}

    ErrorKind kind() const noexcept { return static_cast<ErrorKind>(aicredits_error_status(get())); }
    /// The whole story in one line: what happened, what to do, for which scope and request. Fit for a terminal.
    std::string_view message() const & noexcept {
        std::size_t length = 0;
        const char *text = aicredits_error_message(get(), &length);
        return {text, length};
    }
    std::string_view message() const && = delete;
    /// The HTTP status, where a reply came.
    std::optional<std::uint32_t> http_status() const noexcept {
        const std::uint32_t status = aicredits_error_http_status(get());
        return detail::where(status != 0, status);
    }
    /// Wix's own code, such as "PERMISSION_DENIED".
    std::optional<std::string_view> code() const & noexcept { return text(aicredits_error_code); }
    std::optional<std::string_view> code() const && = delete;
    /// What the server says of the failure.
    std::optional<std::string_view> description() const & noexcept { return text(aicredits_error_description); }
    std::optional<std::string_view> description() const && = delete;
    /// Which fields of the request the server refused, and why.
    Range<FieldViolation, aicredits_field_violation> field_violations() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_error_field_violations(get(), &count);
        return {first, count};
    }
    Range<FieldViolation, aicredits_field_violation> field_violations() const && = delete;
    /// The scope that was asked for; empty where no call was made.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_error_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;
    /// The server's id of the request, to quote when asking Wix about it.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_error_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// How long the server asks to wait before the next call.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept {
        const std::uint64_t *time = aicredits_error_retry_after_ms(get());
        using std::chrono::milliseconds;
        return time == nullptr ? std::nullopt : std::optional<milliseconds>(static_cast<std::int64_t>(*time));
    }
    /// Whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429, 500, 502, 503 or
    /// 504. It is false for a network failure that lasts, such as a proxy that refuses the user's password.
    bool is_transient() const noexcept { return aicredits_error_is_transient(get()); }
    /// What was tried, in order.
    Range<Attempt, aicredits_attempt> attempts() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_error_attempts(get(), &count);
        return {first, count};
    }
    Range<Attempt, aicredits_attempt> attempts() const && = delete;

    friend std::ostream &operator<<(std::ostream &out, const Failure &failure) { return out << failure.message(); }

  private:
    const aicredits_error *get() const noexcept { return error_.get(); }

    std::optional<std::string_view> text(const char *(*read)(const aicredits_error *, std::size_t *)) const noexcept {
        std::size_t length = 0;
        const char *found = read(get(), &length);
        return detail::text(found, length);
    }

    std::shared_ptr<const aicredits_error> error_;
};

#if AICREDITS_HAS_EXCEPTIONS
// GCC's -Wnon-virtual-dtor fears that somebody deletes an Error as a Failure; both are values.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
/// What the throwing forms throw: a Failure that is an exception. Absent without exceptions or RTTI.
class AICREDITS_THROWN Error final : public std::exception, public Failure {
  public:
    explicit Error(Failure failure) noexcept : Failure(std::move(failure)) {}

    /// message(), for those who know no more than std::exception.
    const char *what() const noexcept override { return message().data(); }
};
#pragma GCC diagnostic pop
#endif

/// A value, or why there is none: the same type in every standard and mode. It is named as std::expected is, whose part
/// it plays.
template <class T>
class [[nodiscard]] result {
  public:
    result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    result(Failure failure) : content_(std::in_place_index<1>, std::move(failure)) {}

    bool has_value() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// The value, which must be there.
    T &operator*() & noexcept { return *get(); }
    const T &operator*() const & noexcept { return *get(); }
    T operator*() && noexcept { return std::move(*get()); }
    T *operator->() & noexcept { return get(); }
    const T *operator->() const & noexcept { return get(); }
    /// What it shows would not outlive the result: keep that, or the value.
    const T *operator->() const && = delete;

    /// The failure, which must be there.
    const Failure &error() const & noexcept { return failure(); }
    Failure error() && noexcept { return failure(); }

#if AICREDITS_HAS_EXCEPTIONS
    /// The value; throws the failure as an Error. Absent without exceptions or RTTI.
    T &value() & { return *or_throw(); }
    const T &value() const & { return *or_throw(); }
    T value() && { return std::move(*or_throw()); }
#endif

#if defined(__cpp_lib_expected)
    /// The same as a std::expected, where the standard library has it.
    operator std::expected<T, Failure>() && {
        if (has_value()) {
            return std::move(*get());
        }
        return std::unexpected(failure());
    }
    /// Likewise, of what can be copied.
    operator std::expected<T, Failure>() const &
        requires std::copy_constructible<T>
    {
        if (has_value()) {
            return *get();
        }
        return std::unexpected(failure());
    }
#endif

  private:
    T *get() noexcept {
        detail::require(has_value());
        return std::get_if<0>(&content_);
    }
    const T *get() const noexcept {
        detail::require(has_value());
        return std::get_if<0>(&content_);
    }
    const Failure &failure() const noexcept {
        detail::require(!has_value());
        return *std::get_if<1>(&content_);
    }

#if AICREDITS_HAS_EXCEPTIONS
    T *or_throw() {
        if (!has_value()) {
            throw Error(failure());
        }
        return get();
    }
    const T *or_throw() const {
        if (!has_value()) {
            throw Error(failure());
        }
        return get();
    }
#endif

    std::variant<T, Failure> content_;
};

/// What an account or a site has left: one reading, which never changes. A copy is another owner of the same.
class Balance {
  public:
    /// Takes a C balance.
    explicit Balance(aicredits_balance *balance) noexcept : balance_(balance) {}
    Balance(const Balance &other) noexcept : balance_(aicredits_balance_ref(other.get())) {}
    Balance(Balance &&other) noexcept = default;
    Balance &operator=(const Balance &other) noexcept {
        balance_.reset(this == &other ? balance_.release() : aicredits_balance_ref(other.get()));
        return *this;
    }
    Balance &operator=(Balance &&other) noexcept = default;
    ~Balance() = default;

    /// Reads a stored reply, as json() gave it.
    static result<Balance> try_from_json(std::string_view json) {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        // An empty view may have no address, which is not the same as an empty text.
        const char *text = json.data() == nullptr ? "" : json.data();
        if (aicredits_balance_from_json(text, json.size(), &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }
#if AICREDITS_HAS_EXCEPTIONS
    /// As try_from_json(); throws an Error.
    static Balance from_json(std::string_view json) { return try_from_json(json).value(); }
#endif

    /// Recurring credits, aggregated across all sources; empty when the account has none.
    std::optional<Credits> periodic_credits() const & noexcept {
        const auto *credits = aicredits_balance_periodic_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> periodic_credits() const && = delete;
    /// One-time top-up credits, aggregated across all purchases; empty when the account has none. They don't reset.
    std::optional<Credits> top_up_credits() const & noexcept {
        const auto *credits = aicredits_balance_top_up_credits(get());
        return detail::where(credits != nullptr, Credits(credits));
    }
    std::optional<Credits> top_up_credits() const && = delete;
    /// The same credits by source, in the reply's order: a detailed view of the two pools, never to be added to them.
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const & noexcept {
        std::size_t count = 0;
        const auto *first = aicredits_balance_credit_balance_breakdown(get(), &count);
        return {first, count};
    }
    Range<CreditBalance, aicredits_credit_balance> credit_balance_breakdown() const && = delete;
    /// The remaining credits of both pools. Empty, which is unknown and not 0, when a pool is there but lacks its
    /// balance, when both are absent but the breakdown has entries, or when is_recognized() is false. It is what the
    /// account holds, not what can be spent now: rules of the breakdown may let less through.
    std::optional<std::int64_t> available() const noexcept {
        const std::int64_t *count = aicredits_balance_available(get());
        return count == nullptr ? std::nullopt : std::optional<std::int64_t>(*count);
    }
    /// Whether the reply is a balance: it has a field of a balance, or no field at all. False means that the reply says
    /// nothing of credits: the base URL may lead to another service.
    bool is_recognized() const noexcept { return aicredits_balance_is_recognized(get()); }
    /// The raw reply, so that nothing which Wix adds is lost.
    std::string_view json() const & noexcept { return text(aicredits_balance_json).value_or(std::string_view()); }
    std::string_view json() const && = delete;
    /// The two pools and the breakdown, a line each, without a newline at the end; server text is escaped.
    std::string_view text() const & noexcept { return text(aicredits_balance_text).value_or(std::string_view()); }
    std::string_view text() const && = delete;
    /// The scope that was asked for; empty for a reading that was not fetched.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_balance_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;
    /// The server's id of the request, to quote when asking Wix about it.
    std::optional<std::string_view> request_id() const & noexcept { return text(aicredits_balance_request_id); }
    std::optional<std::string_view> request_id() const && = delete;
    /// When the reply had come in, by this machine's clock; empty for a reading that was not fetched.
    std::optional<Timestamp> fetched_at() const noexcept { return instant(aicredits_balance_fetched_at(get())); }
    /// The server's clock at the reply, to the second.
    std::optional<Timestamp> server_date() const noexcept { return instant(aicredits_balance_server_date(get())); }

    /// The C balance, which stays this object's.
    const aicredits_balance *get() const & noexcept { return balance_.get(); }
    const aicredits_balance *get() const && = delete;

  private:
    std::optional<std::string_view> text(const char *(*read)(const aicredits_balance *, std::size_t *)) const noexcept {
        std::size_t length = 0;
        const char *found = read(get(), &length);
        return detail::text(found, length);
    }
    static std::optional<Timestamp> instant(const aicredits_timestamp *raw) noexcept {
        return raw == nullptr ? std::nullopt : std::optional<Timestamp>(raw);
    }

    std::unique_ptr<aicredits_balance, detail::Free<aicredits_balance_free>> balance_;
};

/// Where a provider puts its answer. It lives while the provider runs, and is used on that thread alone.
class Credential {
  public:
    explicit Credential(aicredits_credential *credential) noexcept : credential_(credential) {}
    Credential(const Credential &) = delete;
    Credential &operator=(const Credential &) = delete;

    /// The value of the Authorization header. The last answer counts.
    void set_authorization(std::string_view authorization) { aicredits_credential_set_authorization(credential_, detail::Text(authorization)); }
    /// Why there is none: the call fails as ErrorKind::unauthorized, with this text.
    void set_failure(std::string_view message) { aicredits_credential_set_failure(credential_, detail::Text(message)); }

  private:
    aicredits_credential *credential_;
};

/// How much is logged: each with all before it.
enum class LogLevel : std::int32_t {
    off = AICREDITS_LOG_OFF,      ///< Nothing.
    error = AICREDITS_LOG_ERROR,  ///< A call that failed for good.
    warn = AICREDITS_LOG_WARN,    ///< An attempt that failed.
    info = AICREDITS_LOG_INFO,    ///< That a call is tried again, or was ended by its program.
    debug = AICREDITS_LOG_DEBUG,  ///< Each step of each call.
};

/// Its name, such as "WARN".
inline std::string_view to_string(LogLevel level) noexcept {
    return aicredits_log_level_name(static_cast<aicredits_log_level>(level));
}

namespace detail {

using Provider = std::function<void(Credential &)>;
using Sink = std::function<void(LogLevel, std::string_view)>;

template <class Function>
void destroy(void *function) noexcept {
    delete static_cast<Function *>(function);
}

// What the C library calls. A template over the mode, because its body differs: programs may mix both.
template <bool catches>
void provide_credential(void *user, aicredits_credential *raw) noexcept {
    Credential credential(raw);
#if AICREDITS_CATCHES
    try {
        (*static_cast<Provider *>(user))(credential);
    } catch (const std::exception &thrown) {
        credential.set_failure(thrown.what());
    } catch (...) {
        credential.set_failure("the provider threw what is no std::exception");
    }
#else
    (*static_cast<Provider *>(user))(credential);
#endif
}

template <bool catches>
void log(void *user, aicredits_log_level level, const char *message, std::size_t length) noexcept {
#if AICREDITS_CATCHES
    try {
        (*static_cast<Sink *>(user))(static_cast<LogLevel>(level), std::string_view(message, length));
    } catch (...) {
        // A record is no reason to end a call.
    }
#else
    (*static_cast<Sink *>(user))(static_cast<LogLevel>(level), std::string_view(message, length));
#endif
}

}  // namespace detail

/// The settings of a Client, set in a chain, which hands them on from one setter to the next where it begins with a
/// temporary. They are copied, and checked when the client is made.
class Config {
  public:
    Config() : config_(aicredits_config_new()) {
        aicredits_config_set_surface(get(), AICREDITS_SURFACE_CPP);
    }

    /// The API key, sent as it stands. It replaces an earlier key, authorization value or provider.
    Config &api_key(std::string_view key) & {
        aicredits_config_set_api_key(get(), detail::Text(key));
        return *this;
    }
    Config api_key(std::string_view key) && { return std::move(api_key(key)); }
    /// The whole value of the Authorization header, for another credential than an API key.
    Config &authorization(std::string_view value) & {
        aicredits_config_set_authorization(get(), detail::Text(value));
        return *this;
    }
    Config authorization(std::string_view value) && { return std::move(authorization(value)); }
    /// Asks a function for the value of the Authorization header: once a call, on its thread, inside its timeout, and
    /// once more after HTTP 401. Several threads may ask at once. What it throws fails the call as
    /// ErrorKind::unauthorized.
    template <bool catches = AICREDITS_CATCHES>
    Config &credential_provider(std::function<void(Credential &)> provider) & {
        using detail::Provider;
        auto *kept = provider ? new Provider(std::move(provider)) : nullptr;
        aicredits_config_set_credential_provider(
            get(), kept == nullptr ? nullptr : detail::provide_credential<catches>, kept, detail::destroy<Provider>);
        return *this;
    }
    template <bool catches = AICREDITS_CATCHES>
    Config credential_provider(std::function<void(Credential &)> provider) && {
        return std::move(credential_provider<catches>(std::move(provider)));
    }
    /// Asks for all credits of this account. Each of the five scope setters replaces the one before.
    Config &account_id(std::string_view id) & {
        aicredits_config_set_account_id(get(), detail::Text(id));
        return *this;
    }
    Config account_id(std::string_view id) && { return std::move(account_id(id)); }
    /// Asks for the credits and the subscription of this site.
    Config &site_id(std::string_view id) & {
        aicredits_config_set_site_id(get(), detail::Text(id));
        return *this;
    }
    Config site_id(std::string_view id) && { return std::move(site_id(id)); }
    /// Sends both ids.
    Config &account_and_site_ids(std::string_view account_id, std::string_view site_id) & {
        aicredits_config_set_account_and_site_ids(get(), detail::Text(account_id), detail::Text(site_id));
        return *this;
    }
    Config account_and_site_ids(std::string_view account_id, std::string_view site_id) && {
        return std::move(account_and_site_ids(account_id, site_id));
    }
    /// Sends no id: only with an authorization value or a provider, whose context is its own.
    Config &credential_scope() & {
        aicredits_config_set_credential_scope(get());
        return *this;
    }
    Config credential_scope() && { return std::move(credential_scope()); }
    /// Gives the client no scope: each call names its own, and one that names none fails as
    /// ErrorKind::invalid_argument.
    Config &per_call_scope() & {
        aicredits_config_set_per_call_scope(get());
        return *this;
    }
    Config per_call_scope() && { return std::move(per_call_scope()); }
    /// Another server than Wix's: https, or http to a loopback address.
    Config &base_url(std::string_view url) & {
        aicredits_config_set_base_url(get(), detail::Text(url));
        return *this;
    }
    Config base_url(std::string_view url) && { return std::move(base_url(url)); }
    /// Lets the base URL be http to any host. The key then crosses the network for all to read.
    Config &allow_insecure_http(bool allow) & {
        aicredits_config_set_allow_insecure_http(get(), allow ? 1 : 0);
        return *this;
    }
    Config allow_insecure_http(bool allow) && { return std::move(allow_insecure_http(allow)); }
    /// The total time of a call: 35 s unless set; more than 0 and at most a day.
    Config &timeout(std::chrono::milliseconds time) & {
        aicredits_config_set_timeout_ms(get(), detail::milliseconds(time));
        return *this;
    }
    Config timeout(std::chrono::milliseconds time) && { return std::move(timeout(time)); }
    /// The most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB.
    Config &max_reply_bytes(std::size_t bytes) & {
        aicredits_config_set_max_reply_bytes(get(), bytes);
        return *this;
    }
    Config max_reply_bytes(std::size_t bytes) && { return std::move(max_reply_bytes(bytes)); }
    /// How often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
    Config &max_retries(std::uint32_t retries) & {
        aicredits_config_set_max_retries(get(), retries);
        return *this;
    }
    Config max_retries(std::uint32_t retries) && { return std::move(max_retries(retries)); }
    /// How many of the client's calls run at once: 64 unless set; from 1 to 4096. The others wait their turn.
    Config &max_concurrency(std::uint32_t calls) & {
        aicredits_config_set_max_concurrency(get(), calls);
        return *this;
    }
    Config max_concurrency(std::uint32_t calls) && { return std::move(max_concurrency(calls)); }
    /// Trusts the certificate authorities in this PEM file, and no others.
    Config &ca_file(std::string_view path) & {
        aicredits_config_set_ca_file(get(), detail::Text(path));
        return *this;
    }
    Config ca_file(std::string_view path) && { return std::move(ca_file(path)); }
    /// As ca_file(), from the file's text.
    Config &ca_pem(std::string_view pem) & {
        aicredits_config_set_ca_pem(get(), pem.data(), pem.size());
        return *this;
    }
    Config ca_pem(std::string_view pem) && { return std::move(ca_pem(pem)); }
    /// Reaches the server through this HTTP proxy: "http://user:password@proxy.example:3128".
    Config &proxy(std::string_view url) & {
        aicredits_config_set_proxy(get(), detail::Text(url));
        return *this;
    }
    Config proxy(std::string_view url) && { return std::move(proxy(url)); }
    /// Reads the proxy from the environment, unless proxy() names one.
    Config &proxy_from_env(bool read) & {
        aicredits_config_set_proxy_from_env(get(), read ? 1 : 0);
        return *this;
    }
    Config proxy_from_env(bool read) && { return std::move(proxy_from_env(read)); }
    /// What log records call the client. At most 64 characters.
    Config &name(std::string_view text) & {
        aicredits_config_set_name(get(), detail::Text(text));
        return *this;
    }
    Config name(std::string_view text) && { return std::move(name(text)); }
    /// Reads every variable from this array instead of the process's environment: one "NAME=VALUE" per variable and
    /// NULL at the end, as environ has them. Copied. For programs that change the environment while other threads run.
    Config &environment(const char *const *variables) & {
        aicredits_config_set_environment(get(), variables);
        return *this;
    }
    Config environment(const char *const *variables) && { return std::move(environment(variables)); }
    /// Reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL now, for whatever is not set otherwise.
    Config &from_env() & {
        aicredits_config_from_env(get());
        return *this;
    }
    Config from_env() && { return std::move(from_env()); }

    /// The C settings, which stay this object's.
    aicredits_config *get() noexcept { return config_.get(); }
    const aicredits_config *get() const noexcept { return config_.get(); }

  private:
    std::unique_ptr<aicredits_config, detail::Free<aicredits_config_free>> config_;
};

/// What one call has of its own: a scope, a timeout, and a way to cancel it. What it does not set is the client's.
/// Set up by one thread, then used by one call at a time; cancel() by any.
class Call {
  public:
    Call() : call_(aicredits_call_new()) {}

    /// Asks for this account, instead of the client's scope.
    Call &account_id(std::string_view id) & {
        aicredits_call_set_account_id(get(), detail::Text(id));
        return *this;
    }
    Call account_id(std::string_view id) && { return std::move(account_id(id)); }
    /// Asks for this site, instead of the client's scope.
    Call &site_id(std::string_view id) & {
        aicredits_call_set_site_id(get(), detail::Text(id));
        return *this;
    }
    Call site_id(std::string_view id) && { return std::move(site_id(id)); }
    /// Sends both ids, instead of the client's scope.
    Call &account_and_site_ids(std::string_view account_id, std::string_view site_id) & {
        aicredits_call_set_account_and_site_ids(get(), detail::Text(account_id), detail::Text(site_id));
        return *this;
    }
    Call account_and_site_ids(std::string_view account_id, std::string_view site_id) && {
        return std::move(account_and_site_ids(account_id, site_id));
    }
    /// Sends no id, instead of the client's scope.
    Call &credential_scope() & {
        aicredits_call_set_credential_scope(get());
        return *this;
    }
    Call credential_scope() && { return std::move(credential_scope()); }
    /// The total time of this call, from its entry, instead of the client's.
    Call &timeout(std::chrono::milliseconds time) & {
        aicredits_call_set_timeout_ms(get(), detail::milliseconds(time));
        return *this;
    }
    Call timeout(std::chrono::milliseconds time) && { return std::move(timeout(time)); }
    /// The timeout counts from `start` instead of the call's entry. For layers that queue calls.
    Call &start(std::chrono::steady_clock::time_point start) & {
        using std::chrono::nanoseconds;
        aicredits_call_set_start_ns(get(), std::chrono::duration_cast<nanoseconds>(start.time_since_epoch()).count());
        return *this;
    }
    Call start(std::chrono::steady_clock::time_point time) && { return std::move(start(time)); }
    /// Ends the call, which then fails as ErrorKind::cancelled. It is final, also before the start. Any thread, and a
    /// signal handler; does not block.
    void cancel() const noexcept { aicredits_call_cancel(get()); }

    /// The C call, which stays this object's.
    aicredits_call *get() noexcept { return call_.get(); }
    const aicredits_call *get() const noexcept { return call_.get(); }

  private:
    std::unique_ptr<aicredits_call, detail::Free<aicredits_call_free>> call_;
};

/// Asks Wix what is left. Made once and used for long, by as many threads as wish: it keeps its connections open. No
/// call may be under way when it is destroyed or moved.
class Client {
  public:
    /// Takes a C client.
    explicit Client(aicredits_client *client) noexcept : client_(client) {}
    /// Checks the settings and makes a client. It opens no connection.
    static result<Client> try_new(const Config &config) {
        aicredits_client *client = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_client_new(config.get(), &client, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Client(client);
    }

    /// The current AI credit balance. Blocks, at most for the timeout.
    result<Balance> try_get_balance() const { return get_balance_of(nullptr); }
    result<Balance> try_get_balance(const Call &call) const {
        detail::require(call.get() != nullptr);
        return get_balance_of(call.get());
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// As try_new(); throws an Error of ErrorKind::invalid_argument.
    explicit Client(const Config &config) : Client(try_new(config).value()) {}
    /// As try_get_balance(); throws an Error.
    Balance get_balance() const { return try_get_balance().value(); }
    Balance get_balance(const Call &call) const { return try_get_balance(call).value(); }
#endif

    /// Ends the calls that run, in every thread, and closes the connections. These calls and later ones fail as
    /// ErrorKind::closed. Any thread; does not block.
    void close() const noexcept { aicredits_client_close(get()); }

    /// The total time of a call that does not set its own.
    std::chrono::milliseconds timeout() const noexcept {
        return std::chrono::milliseconds(static_cast<std::int64_t>(aicredits_client_timeout_ms(get())));
    }
    /// How many calls run at once, for layers above that queue calls of their own.
    std::uint32_t max_concurrency() const noexcept { return aicredits_client_max_concurrency(get()); }
    /// The scope that calls ask for by default; empty where each call names its own.
    std::optional<Scope> scope() const & noexcept {
        const auto *scope = aicredits_client_scope(get());
        return detail::where(scope != nullptr, Scope(scope));
    }
    std::optional<Scope> scope() const && = delete;

    /// The C client, which stays this object's.
    const aicredits_client *get() const noexcept { return client_.get(); }

  private:
    result<Balance> get_balance_of(const aicredits_call *call) const {
        aicredits_balance *balance = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_client_get_balance(get(), call, &balance, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Balance(balance);
    }

    std::unique_ptr<aicredits_client, detail::Free<aicredits_client_free>> client_;
};

/// Sends the records of all clients, up to this level, to a function; an empty one for none. One a process: it replaces
/// an earlier one. It is called on the threads that make calls, by several at once; it must not make a call of its own.
/// What it throws is lost.
template <bool catches = AICREDITS_CATCHES>
void set_log(LogLevel level, std::function<void(LogLevel, std::string_view)> sink) {
    using detail::Sink;
    auto *kept = sink ? new Sink(std::move(sink)) : nullptr;
    aicredits_log_set(static_cast<aicredits_log_level>(level), kept == nullptr ? nullptr : detail::log<catches>, kept,
                      detail::destroy<Sink>);
}

/// As RFC 3339 has it: "2026-07-01T00:00:00Z", with a fraction where there is one.
inline std::string to_string(const Timestamp &instant) {
    // Counted in years that begin in March, so that the leap day is a year's last; 719468 days lie before 1970.
    const std::int64_t days = detail::quotient(instant.unix_seconds, 86400) + 719468;
    const std::int64_t second_of_day = (instant.unix_seconds % 86400 + 86400) % 86400;
    const std::int64_t era = detail::quotient(days, 146097), day_of_era = days - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t march_month = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * march_month + 2) / 5 + 1;
    const std::int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    const std::int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

    const auto padded = [](std::int64_t number, std::size_t width) {
        const std::string digits = std::to_string(number);
        return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
    };
    // RFC 3339 ends with the year 9999; ISO 8601 goes on with a sign.
    std::string text = (year < 0 ? "-" : year > 9999 ? "+" : "") + padded(year < 0 ? -year : year, 4) + '-' + padded(month, 2) + '-' + padded(day, 2) + 'T' + padded(second_of_day / 3600, 2)
                       + ':' + padded(second_of_day / 60 % 60, 2) + ':' + padded(second_of_day % 60, 2);
    if (instant.nanoseconds != 0) {
        std::string fraction = padded(instant.nanoseconds, 9);
        fraction.erase(fraction.find_last_not_of('0') + 1);
        text += '.' + fraction;
    }
    return text + 'Z';
}

/// "850 of 1000"; what the reply lacks is "unknown".
inline std::string to_string(const Credits &credits) {
    return detail::count(credits.balance()) + " of " + detail::count(credits.cap());
}

/// "MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z", with server text escaped, as in those below.
inline std::string to_string(const UsageRule &rule) {
    std::string text = detail::escaped(rule.period_name().value_or("unknown"));
    text += ": " + detail::count(rule.balance()) + " of " + detail::count(rule.cap());
    if (const auto reset_date = rule.reset_date()) {
        text += ", resets " + to_string(*reset_date);
    }
    return text;
}

/// The subscription, and below it a line a rule.
inline std::string to_string(const CreditBalance &source) {
    const auto subscription_id = source.subscription_id();
    std::string text = subscription_id ? "subscription " + detail::escaped(*subscription_id) : "no subscription";
    for (const UsageRule rule : source.usage_rules()) {
        text += "\n  " + to_string(rule);
    }
    return text;
}

/// "account 8b1c…", "site 77d2…", "account 8b1c… and site 77d2…", "the credential's own context".
inline std::string to_string(const Scope &scope) {
    const auto account_id = scope.account_id(), site_id = scope.site_id();
    std::string text;
    if (account_id) {
        text += "account " + detail::escaped(*account_id);
    }
    if (account_id && site_id) {
        text += " and ";
    }
    if (site_id) {
        text += "site " + detail::escaped(*site_id);
    }
    return text.empty() ? "the credential's own context" : text;
}

/// The two pools, and the breakdown below: a copy of its text().
inline std::string to_string(const Balance &balance) {
    return std::string(balance.text());
}

/// A copy of its message().
inline std::string to_string(const Failure &failure) {
    return std::string(failure.message());
}

// Each as one text, whatever the stream's base, locale and width are.

inline std::ostream &operator<<(std::ostream &out, FeaturePeriod period) {
    return out << to_string(period);
}
inline std::ostream &operator<<(std::ostream &out, ErrorKind kind) {
    return out << to_string(kind);
}
inline std::ostream &operator<<(std::ostream &out, Phase phase) {
    return out << to_string(phase);
}
inline std::ostream &operator<<(std::ostream &out, ScopeKind kind) {
    return out << to_string(kind);
}
inline std::ostream &operator<<(std::ostream &out, LogLevel level) {
    return out << to_string(level);
}
inline std::ostream &operator<<(std::ostream &out, const Timestamp &instant) {
    return out << to_string(instant);
}
inline std::ostream &operator<<(std::ostream &out, const Credits &credits) {
    return out << to_string(credits);
}
inline std::ostream &operator<<(std::ostream &out, const UsageRule &rule) {
    return out << to_string(rule);
}
inline std::ostream &operator<<(std::ostream &out, const CreditBalance &source) {
    return out << to_string(source);
}
inline std::ostream &operator<<(std::ostream &out, const Scope &scope) {
    return out << to_string(scope);
}
inline std::ostream &operator<<(std::ostream &out, const Balance &balance) {
    return out << balance.text();
}

namespace detail {

/// Whether a type is shown as its to_string() by std::format.
template <class T>
inline constexpr bool is_shown = std::disjunction_v<
    std::is_same<T, FeaturePeriod>, std::is_same<T, ErrorKind>, std::is_same<T, Phase>, std::is_same<T, ScopeKind>,
    std::is_same<T, LogLevel>, std::is_same<T, Timestamp>, std::is_same<T, Credits>, std::is_same<T, UsageRule>,
    std::is_same<T, CreditBalance>, std::is_same<T, Scope>, std::is_same<T, Balance>, std::is_base_of<Failure, T>>;

}  // namespace detail

}  // namespace aicredits

#if defined(__cpp_lib_format)
/// Whatever operator<< shows, as the same text; a format specification is that of a string: `{:>20}`.
template <class T>
    requires aicredits::detail::is_shown<T>
struct std::formatter<T, char> : std::formatter<std::string_view, char> {
    template <class Context>
    auto format(const T &shown, Context &context) const {
        using aicredits::to_string;
        const auto text = to_string(shown);
        return std::formatter<std::string_view, char>::format(text, context);
    }
};
#endif

#if defined(__cpp_lib_ranges)
/// A range borrows what it shows from a Balance or a Failure, and copying it copies nothing.
template <class View, class Raw>
inline constexpr bool std::ranges::enable_borrowed_range<aicredits::Range<View, Raw>> = true;
template <class View, class Raw>
inline constexpr bool std::ranges::enable_view<aicredits::Range<View, Raw>> = true;
#endif

#endif  // AICREDITS_HPP
