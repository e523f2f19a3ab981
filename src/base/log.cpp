#include "base/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <atomic>
#include <functional>
#include <memory>
#include <random>

namespace ctxcache::log {
namespace {

std::atomic<bool> ids_shown{false};

// Quotes and control bytes are escaped, so that a message cannot forge a field or a line.
class json_message final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    for (const char byte : message.payload) {
      if (byte == '"' || byte == '\\') {
        out.push_back('\\');
        out.push_back(byte);
      } else if (static_cast<unsigned char>(byte) < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(byte));
      } else {
        out.push_back(byte);
      }
    }
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<json_message>();
  }
};

std::shared_ptr<spdlog::logger>& current() {
  static auto logger =
      std::make_shared<spdlog::logger>("ctxcache", std::make_shared<spdlog::sinks::null_sink_mt>());
  return logger;
}

}  // namespace

void start(const options& how) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  if (how.how == format::json) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<json_message>('*').set_pattern(
        R"({"ts":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","thread":%t,"msg":"%*"})");
    sink->set_formatter(std::move(formatter));
  } else {
    sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-5l%$ %v");
  }
  auto logger = std::make_shared<spdlog::logger>("ctxcache", std::move(sink));
  logger->set_level(spdlog::level::from_str(how.level));
  logger->flush_on(spdlog::level::warn);
  current() = std::move(logger);
}

std::string id(std::string_view customer_id) {
  if (ids_shown.load(std::memory_order_relaxed)) return std::string{customer_id};
  static const std::uint64_t secret = std::random_device{}() | std::uint64_t{std::random_device{}()} << 32;
  auto hash = std::hash<std::string_view>{}(customer_id) ^ secret;
  hash *= 0x9E3779B97F4A7C15u;
  return fmt::format("#{:08x}", hash >> 32);
}

void show_ids(bool on) noexcept {
  ids_shown.store(on, std::memory_order_relaxed);
}

spdlog::logger& out() noexcept {
  return *current();
}

}  // namespace ctxcache::log
