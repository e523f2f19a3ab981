#include "redis/log_messages.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <utility>

namespace ctxcache::redis {
namespace {

constexpr std::string_view version = "1";

std::string_view cut(std::string_view reason) {
  if (reason.size() <= reason_bytes_max) return reason;
  auto end = reason_bytes_max;  // not within a character of UTF-8
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
  return reason.substr(0, end);
}

std::optional<std::string_view> find(const reply& fields, std::string_view name) {
  for (std::size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
    if (fields.elements[i].text == name) return fields.elements[i + 1].text;
  }
  return std::nullopt;
}

std::optional<scope_kind> kind_called(std::string_view wanted) {
  constexpr std::array kinds{scope_kind::key, scope_kind::agent_type, scope_kind::customer,
                             scope_kind::pattern, scope_kind::all};
  for (const auto one : kinds) {
    if (name(one) == wanted) return one;
  }
  return std::nullopt;
}

wall_time said_at(const reply& fields) {
  const auto text = find(fields, "s").value_or("");
  std::chrono::microseconds::rep since = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), since);
  const bool known = failed == std::errc{} && end == text.data() + text.size() && since > 0;
  return wall_time{std::chrono::microseconds{known ? since : 0}};
}

std::optional<log_record> read_record(const reply& fields) {
  const auto reason = find(fields, "w"), member = find(fields, "m"), fence = find(fields, "f");
  if (!reason || !member || (fence != "0" && fence != "1")) return std::nullopt;
  auto what = read_scope(fields);
  if (!what) return std::nullopt;
  return log_record{.what = std::move(*what),
                    .reason = std::string{*reason},
                    .member = std::string{*member},
                    .fence = fence == "1",
                    .said_at = said_at(fields)};
}

std::uint64_t epoch_of(const reply& fields) {
  const auto text = find(fields, "e");
  const auto place = parse_position(std::string{text.value_or("")} + ".0");
  return place ? place->epoch : 0;
}

// The n of an entry's id n-0.
std::optional<std::uint64_t> sequence_of(const reply& entry) {
  if (entry.is != reply::kind::array || entry.elements.size() != 2) return std::nullopt;
  const auto& id = entry.elements[0].text;
  std::uint64_t sequence = 0;
  const auto [end, failed] = std::from_chars(id.data(), id.data() + id.size(), sequence);
  if (failed != std::errc{} || !std::string_view{end, id.data() + id.size()}.starts_with('-')) {
    return std::nullopt;
  }
  return sequence;
}

}  // namespace

std::vector<std::string> fields_of(const scope& what) {
  return {"v", std::string{version}, "k", std::string{name(what.kind())}, "t", what.text()};
}

std::vector<std::string> fields_of(const log_record& said) {
  auto fields = fields_of(said.what);
  fields.insert(fields.end(),
                {"w", std::string{cut(said.reason)}, "m", said.member, "f", said.fence ? "1" : "0", "s",
                 std::to_string(said.said_at.time_since_epoch().count())});
  return fields;
}

std::optional<scope> read_scope(const reply& fields) {
  const auto kind_name = find(fields, "k"), text = find(fields, "t");
  if (find(fields, "v") != version || !kind_name || !text) return std::nullopt;
  const auto kind = kind_called(*kind_name);
  if (!kind) return std::nullopt;
  auto what = scope::restore(*kind, *text);
  if (!what) return std::nullopt;
  return *std::move(what);
}

std::optional<std::uint64_t> read_first(const reply& answer) {
  if (answer.is != reply::kind::array) return std::nullopt;
  return answer.elements.empty() ? 0 : sequence_of(answer.elements.front());
}

std::optional<std::vector<log_message>> read_messages(const reply& answer) {
  std::vector<log_message> found;
  if (answer.is == reply::kind::nil) return found;
  if (answer.is != reply::kind::array || answer.elements.size() != 1) return std::nullopt;
  const auto& stream = answer.elements[0];
  if (stream.is != reply::kind::array || stream.elements.size() != 2) return std::nullopt;
  for (const auto& entry : stream.elements[1].elements) {
    const auto sequence = sequence_of(entry);
    if (!sequence) return std::nullopt;
    const auto& fields = entry.elements[1];
    found.push_back(
        {.at = {epoch_of(fields), *sequence}, .said = read_record(fields).value_or(log_record{})});
  }
  return found;
}

}  // namespace ctxcache::redis
