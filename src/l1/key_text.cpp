#include "l1/key_text.hpp"

#include <limits>

#include "base/assert.hpp"

namespace ctxcache::l1 {

key_text::key_text(std::string_view text) : size_(static_cast<std::uint16_t>(text.size())) {
  CTX_ASSERT(text.size() <= std::numeric_limits<std::uint16_t>::max());
  char* where = bytes_.data();
  if (on_heap(text.size())) {
    where = new char[text.size()];
    std::memcpy(bytes_.data(), &where, sizeof where);
  }
  std::memcpy(where, text.data(), text.size());
}

}  // namespace ctxcache::l1
