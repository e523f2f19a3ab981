#include "ctxcache/error.hpp"

#include <array>
#include <string>

namespace ctxcache {
namespace {

struct error_text {
  std::string_view name;
  const char* message;
};

// In the order of errc, from 1.
constexpr std::array<error_text, 22> texts{{
    {"invalid_key", "an id is empty, longer than 128 bytes or not UTF-8"},
    {"unknown_agent_type", "the agent type is not one of those configured"},
    {"invalid_pattern", "a pattern has 1 to 256 bytes"},
    {"invalid_request", "the request is malformed"},
    {"invalid_document", "a context is a JSON object"},
    {"too_large", "larger than its limit"},
    {"customer_unknown", "no provider knows this customer"},
    {"not_cached", "not in the cache, and only a cached value was asked for"},
    {"deadline_exceeded", "the time for this request ran out"},
    {"provider_unavailable", "a provider cannot be reached"},
    {"provider_timeout", "a provider did not answer in time"},
    {"provider_failed", "a provider answered with an error"},
    {"l2_unavailable", "Redis cannot be reached"},
    {"l2_timeout", "Redis did not answer in time"},
    {"log_unavailable", "the log in Redis cannot be reached, and there is no journal to queue in"},
    {"position_lost", "the log has begun another epoch since: invalidate again"},
    {"l2_failed", "Redis answered with an error"},
    {"corrupt_value", "a value in Redis cannot be decoded"},
    {"overloaded", "too much is under way"},
    {"shutting_down", "shutting down"},
    {"invalid_config", "the configuration cannot work"},
    {"internal", "a defect in ctxcache"},
}};
static_assert(texts.size() == static_cast<std::size_t>(errc::internal));

const error_text& text_of(int value) {
  const auto last = static_cast<int>(texts.size());
  return texts[static_cast<std::size_t>(value >= 1 && value <= last ? value - 1 : last - 1)];
}

class category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "ctxcache"; }
  [[nodiscard]] std::string message(int value) const override { return text_of(value).message; }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const category only;
  return only;
}

error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

std::string_view code_name(const error_code& error) noexcept {
  return error.category() == error_category() ? text_of(error.value()).name : text_of(0).name;
}

}  // namespace ctxcache
