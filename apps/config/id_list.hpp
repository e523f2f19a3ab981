#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache::config {

/// One customer id a line. Blank lines, lines that begin with `#`, blanks around an id, CRLF and a byte order
/// mark mean nothing; of an id that comes again, the first line counts.
struct id_list {
  struct line {
    std::size_t number = 0;  ///< from 1
    std::string text;
  };
  std::vector<line> ids;
  /// Cannot be ids: over 128 bytes, or not UTF-8. To be shown: not more than 128 bytes of them, and `?` for
  /// what is not ASCII.
  std::vector<line> bad;
};

[[nodiscard]] id_list parse_ids(std::string_view text);

}  // namespace ctxcache::config
