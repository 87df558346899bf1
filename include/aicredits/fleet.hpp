// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A fleet.

#ifndef AICREDITS_FLEET_HPP
#define AICREDITS_FLEET_HPP

#include <aicredits.h>
#include <aicredits/call.hpp>
#include <aicredits/client.hpp>
#include <aicredits/detail.hpp>
#include <aicredits/error.hpp>
#include <aicredits/fleet_options.hpp>
#include <aicredits/outcome.hpp>
#include <aicredits/progress.hpp>
#include <aicredits/result.hpp>
#include <aicredits/target.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace aicredits {

/// Reads the balances of many targets, on its own threads: one outcome for each target, in order of completion. No
/// failure ends the others. It can be moved, not copied. Thread-safe.
///
/// @code
/// using aicredits::Target;
/// const aicredits::Fleet fleet{client, {Target::site("77d2...").label("Shop"),
/// Target::site("91aa...").label("Blog")}}; for (const aicredits::Outcome &outcome : fleet) {
///     if (const auto balance = outcome.try_balance()) {
///         std::cout << *outcome.label() << ": " << *balance << '\n';
///     }
/// }
/// @endcode
///
/// All fleets of a client share its rate and its pauses. Targets with the same scope and client are asked once, and
/// each gets the outcome. At most 1,000 outcomes wait until they are read; then the fleet pauses.
///
/// Its threads exist until the last outcome is known or the fleet is destroyed. They block all signals. They call the
/// credential providers of its clients and the log function, several at once.
///
/// The destructor cancels the attempts in flight, and waits for the threads: for up to 50 ms, or until a callback that
/// runs has returned. The fleet may be destroyed before or after its clients and its outcomes. No call on it may be in
/// flight when it is destroyed or moved.
///
/// After fork() the fleet runs in the parent alone. In the child next() fails as ErrorKind::closed.
class Fleet {
  public:
    /// Takes ownership of a C fleet.
    explicit Fleet(aicredits_fleet *fleet) noexcept : fleet_(fleet) {}
    /// Checks the settings and the targets, and starts the fleet. Without targets it has no outcomes. Does not block.
    ///
    /// Fails as ErrorKind::invalid_argument if a setting or a target is wrong; then nothing was sent. The message names
    /// all targets whose ids cannot be sent, up to 20.
    static result<Fleet> try_start(const Client &client, const std::vector<Target> &targets) {
        return started(client, targets, nullptr, nullptr);
    }
    static result<Fleet> try_start(const Client &client, const std::vector<Target> &targets,
                                   const FleetOptions &options) {
        detail::require(options.get() != nullptr);
        return started(client, targets, options.get(), nullptr);
    }
    /// The same with a call, which can cancel the fleet from any thread. Its timeout and its deadline end the whole
    /// fleet, if FleetOptions::timeout() does not end it earlier. Then the targets that are left get an outcome of
    /// ErrorKind::cancelled or ErrorKind::timeout. A scope in it is an error.
    static result<Fleet> try_start(const Client &client, const std::vector<Target> &targets,
                                   const FleetOptions &options, const Call &call) {
        detail::require(options.get() != nullptr && call.get() != nullptr);
        return started(client, targets, options.get(), call.get());
    }

    /// Waits for the next outcome. Empty once all outcomes were read. If several threads call it, each outcome goes to
    /// one of them. Blocks. Do not call it in a callback of the library.
    result<std::optional<Outcome>> try_next() const {
        aicredits_outcome *outcome = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_fleet_next(get(), &outcome, &error) != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return outcome == nullptr ? std::optional<Outcome>() : std::optional<Outcome>(outcome);
    }

#if AICREDITS_HAS_EXCEPTIONS
    /// The same as try_start(), but throws an Error.
    Fleet(const Client &client, const std::vector<Target> &targets) : Fleet(try_start(client, targets).value()) {}
    Fleet(const Client &client, const std::vector<Target> &targets, const FleetOptions &options)
        : Fleet(try_start(client, targets, options).value()) {}
    Fleet(const Client &client, const std::vector<Target> &targets, const FleetOptions &options, const Call &call)
        : Fleet(try_start(client, targets, options, call).value()) {}
    /// The same as try_next(), but throws an Error.
    std::optional<Outcome> next() const { return try_next().value(); }

    /// An input iterator over the outcomes. Its increment is next(). Absent without exceptions or RTTI.
    class iterator {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Outcome;
        using difference_type = std::ptrdiff_t;
        using pointer = const Outcome *;
        using reference = const Outcome &;

        iterator() noexcept = default;
        explicit iterator(const aicredits::Fleet *fleet) : fleet_(fleet), outcome_(fleet->next()) {}
        iterator(const iterator &) = default;
        iterator(iterator &&) = default;
        iterator &operator=(const iterator &) = default;
        iterator &operator=(iterator &&) = default;
        ~iterator() = default;

        const Outcome &operator*() const noexcept { return *outcome_; }
        const Outcome *operator->() const noexcept { return &*outcome_; }
        iterator &operator++() {
            outcome_ = fleet_->next();
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++*this;
            return before;
        }
        /// Whether both are at the end, or neither is.
        friend bool operator==(const iterator &a, const iterator &b) noexcept {
            return a.outcome_.has_value() == b.outcome_.has_value();
        }
        friend bool operator!=(const iterator &a, const iterator &b) noexcept { return !(a == b); }

      private:
        const aicredits::Fleet *fleet_ = nullptr;
        std::optional<Outcome> outcome_{};
    };

    /// Waits for the first outcome that was not read. For `for (const Outcome &outcome : fleet)`.
    iterator begin() const & { return iterator(this); }
    iterator begin() const && = delete;
    iterator end() const noexcept { return {}; }
#endif

    /// How far the fleet has come, also while another thread waits for an outcome. Does not block.
    Progress progress() const noexcept {
        aicredits_progress progress{};
        aicredits_fleet_progress(get(), &progress);
        return Progress(progress);
    }

    /// The C fleet, borrowed from this object.
    const aicredits_fleet *get() const & noexcept { return fleet_.get(); }
    const aicredits_fleet *get() const && = delete;

  private:
    static result<Fleet> started(const Client &client, const std::vector<Target> &targets,
                                 const aicredits_fleet_options *options, const aicredits_call *call) {
        std::vector<aicredits_target> raw;
        raw.reserve(targets.size());
        for (const Target &target : targets) {
            raw.push_back(target.get());
        }
        aicredits_fleet *fleet = nullptr;
        aicredits_error *error = nullptr;
        if (aicredits_fleet_start(client.get(), raw.data(), raw.size(), options, call, &fleet, &error)
            != AICREDITS_STATUS_OK) {
            return Failure(error);
        }
        return Fleet(fleet);
    }

    std::unique_ptr<aicredits_fleet, detail::Free<aicredits_fleet_free>> fleet_;
};

}  // namespace aicredits

#endif  // AICREDITS_FLEET_HPP
