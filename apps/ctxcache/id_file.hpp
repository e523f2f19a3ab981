#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http_client.hpp"

namespace ctxcache::client {

/// One customer id a line. Blank lines, lines that begin with `#`, blanks around an id, CRLF and a byte order
/// mark mean nothing; of an id that comes again, the first line counts.
struct id_list {
  struct line {
    std::size_t number = 0;  ///< from 1
    std::string text;
  };
  std::vector<line> ids;
  std::vector<line> bad;  ///< cannot be ids: over 128 bytes, or not UTF-8
};

[[nodiscard]] id_list parse_ids(std::string_view text);

/// The whole of a file, or of stdin for "-". Fails when it cannot be read or is over `bytes_max`.
[[nodiscard]] outcome<std::string> read_input(const std::string& path, std::size_t bytes_max);

}  // namespace ctxcache::client
