#pragma once

#include <string>

#include "config/id_list.hpp"
#include "http_client.hpp"

namespace ctxcache::client {

using config::id_list;
using config::parse_ids;

/// The whole of a file, or of stdin for "-". Fails when it cannot be read or is over `bytes_max`.
[[nodiscard]] outcome<std::string> read_input(const std::string& path, std::size_t bytes_max);

}  // namespace ctxcache::client
