#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace ctxcache::l1 {

/// A key's text inside a node: in place when short, which most are, else on the heap. Moves, never copies.
class key_text {
 public:
  /// Chosen so that a node is two cache lines; a UUID as customer with an agent type still fits.
  static constexpr std::size_t inline_bytes = 54;

  key_text() = default;
  explicit key_text(std::string_view text);
  key_text(key_text&& other) noexcept : bytes_(other.bytes_), size_(std::exchange(other.size_, {})) {}
  key_text& operator=(key_text&& other) noexcept {
    const key_text old{std::move(*this)};
    bytes_ = other.bytes_;
    size_ = std::exchange(other.size_, {});
    return *this;
  }
  ~key_text() {
    if (on_heap(size_)) delete[] heap();
  }

  [[nodiscard]] std::string_view view() const noexcept {
    return {on_heap(size_) ? heap() : bytes_.data(), size_};
  }
  /// What a text of this size takes from the heap.
  [[nodiscard]] static std::size_t heap_bytes(std::size_t size) noexcept { return on_heap(size) ? size : 0; }

 private:
  [[nodiscard]] static bool on_heap(std::size_t size) noexcept { return size > inline_bytes; }
  [[nodiscard]] char* heap() const noexcept {
    char* where = nullptr;
    std::memcpy(&where, bytes_.data(), sizeof where);
    return where;
  }

  std::array<char, inline_bytes> bytes_{};  // the text, or the address of the heap's copy
  std::uint16_t size_ = 0;
};

}  // namespace ctxcache::l1
