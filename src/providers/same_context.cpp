#include "providers/same_context.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace ctxcache::providers {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 1'100;  // what providers may nest, and what is around it

const json::value& context_of(const json::value& document) {
  const auto* members = document.if_object();
  const auto* context = members == nullptr ? nullptr : members->if_contains("context");
  return context == nullptr ? document : *context;
}

}  // namespace

bool same_context(std::string_view a, std::string_view b) {
  if (a == b) return true;
  json::parse_options how;
  how.max_depth = depth_max;
  boost::system::error_code wrong;
  const auto first = json::parse(a, wrong, {}, how);
  if (wrong) return false;
  const auto second = json::parse(b, wrong, {}, how);
  return !wrong && context_of(first) == context_of(second);
}

}  // namespace ctxcache::providers
