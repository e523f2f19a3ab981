#include "config/place.hpp"

namespace ctxcache::config {

std::string origin(const place& at) {
  return at.line == 0 ? at.source : at.source + ":" + std::to_string(at.line);
}

std::string to_string(const place& at) {
  return at.line == 0 ? at.source : origin(at) + ":" + std::to_string(at.column);
}

std::string to_string(const problem& one) {
  return to_string(one.at) + ": " + one.message;
}

}  // namespace ctxcache::config
