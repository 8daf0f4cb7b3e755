#ifndef BUDGET_BASE_SHARED_H_
#define BUDGET_BASE_SHARED_H_

#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace budget {

// A value that does not change, so that copies share it: a copy costs a
// pointer. T() by default. Copies compare by value and may be used by several
// threads.
template <typename T>
class Shared {
 public:
  Shared() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): is one, and shared
  Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  template <typename... Args>
  explicit Shared(std::in_place_t, Args&&... args)
      : value_(std::make_shared<const T>(std::forward<Args>(args)...)) {}

  const T& operator*() const { return value_ ? *value_ : Default(); }
  const T* operator->() const { return &**this; }

  // Gives this copy a value of its own, equal at first, to be filled in before
  // it is shared. The other copies keep theirs.
  T& Edit() {
    auto own = std::make_shared<T>(**this);
    T& value = *own;
    value_ = std::move(own);
    return value;
  }

  friend bool operator==(const Shared& a, const Shared& b) {
    return a.value_ == b.value_ || *a == *b;
  }

 private:
  static const T& Default() {
    static const T value;
    return value;
  }

  std::shared_ptr<const T> value_;  // null: T()
};

// A list of which the same is true. Assign another to replace it.
template <typename T>
class SharedList {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedList() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): is one, and shared
  SharedList(std::vector<T> items) {
    if (!items.empty()) items_ = Shared<std::vector<T>>(std::move(items));
  }
  SharedList(std::initializer_list<T> items)
      : items_(std::in_place, items) {}

  const std::vector<T>& vector() const { return *items_; }
  const_iterator begin() const { return items_->begin(); }
  const_iterator end() const { return items_->end(); }
  size_t size() const { return items_->size(); }
  bool empty() const { return items_->empty(); }
  const T& operator[](size_t i) const { return (*items_)[i]; }
  const T& front() const { return items_->front(); }

  friend bool operator==(const SharedList&, const SharedList&) = default;

 private:
  Shared<std::vector<T>> items_;
};

}  // namespace budget

#endif  // BUDGET_BASE_SHARED_H_
