#pragma once

#include <vector>

#include "history.hpp"
#include "wire.hpp"

namespace ctxcache::chaos {

/// What a read was answered.
[[nodiscard]] document read_document(const reply& from);

/// What the reads of a batch were answered, in order; none when it was refused as a whole.
[[nodiscard]] std::vector<document> read_batch(const reply& from);

/// What an invalidation, a PUT or a question about a fence was answered.
[[nodiscard]] receipt read_receipt(const reply& from);

[[nodiscard]] inline bool is_good(unsigned status) {
  return status >= 200 && status < 300;
}

[[nodiscard]] inline bool is_hit(const document& got) {
  return got.source == "l1" || got.source == "l2";
}

}  // namespace ctxcache::chaos
