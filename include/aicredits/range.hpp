// SPDX-License-Identifier: MIT OR Apache-2.0

/// @file
/// A list of views.

#ifndef AICREDITS_RANGE_HPP
#define AICREDITS_RANGE_HPP

#include <aicredits/detail.hpp>

#include <cstddef>
#include <iterator>

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_ranges)
#include <ranges>
#endif

namespace aicredits {

/// A range of views over an array of C structs. A view is made when it is accessed; nothing is copied. Borrowed.
template <class View, class Raw>
class Range {
  public:
    class iterator {
      public:
        /// Holds a view, so that operator-> can return its address.
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
    /// The view at `index`, which must be below size().
    View operator[](std::size_t index) const noexcept {
        detail::require(index < count_);
        return View(first_ + index);
    }
    /// The first view and the last view. The range must not be empty.
    View front() const noexcept { return (*this)[0]; }
    View back() const noexcept { return (*this)[count_ - 1]; }

  private:
    const Raw *first_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace aicredits

#if defined(__cpp_lib_ranges)
/// A range does not own its elements, and a copy copies none of them.
template <class View, class Raw>
inline constexpr bool std::ranges::enable_borrowed_range<aicredits::Range<View, Raw>> = true;
template <class View, class Raw>
inline constexpr bool std::ranges::enable_view<aicredits::Range<View, Raw>> = true;
#endif

#endif  // AICREDITS_RANGE_HPP
