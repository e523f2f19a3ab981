#pragma once

#include <boost/system/system_error.hpp>
#include <string>

#include "ctxcache/error.hpp"

namespace ctxcache::providers {

/// What a factory throws when its options cannot work; `what()` begins with the reason.
[[nodiscard]] inline boost::system::system_error invalid_options(const std::string& reason) {
  return boost::system::system_error{make_error_code(errc::invalid_config), reason};
}

}  // namespace ctxcache::providers
