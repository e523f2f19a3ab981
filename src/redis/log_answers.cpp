#include "redis/log_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ctxcache::redis {

using std::chrono::milliseconds;

namespace {

/// Numbers separated by colons.
template <std::size_t Count>
std::optional<std::array<std::uint64_t, Count>> read_numbers(std::string_view text) {
  std::array<std::uint64_t, Count> found{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < Count; ++i) {
    if (i > 0 && (at == end || *at++ != ':')) return std::nullopt;
    const auto [next, failed] = std::from_chars(at, end, found[i]);
    if (failed != std::errc{}) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional{found} : std::nullopt;
}

/// The position in an answer that begins with epoch and sequence number and has `size` texts.
std::optional<position> read_position(const reply& answer, std::size_t size) {
  if (answer.is != reply::kind::array || answer.elements.size() != size) return std::nullopt;
  return parse_position(answer.elements[0].text + "." + answer.elements[1].text);
}

/// What INFO has behind `name:` on a line of its own; empty when there is none.
std::string_view info_of(std::string_view info, std::string_view name) {
  for (std::size_t begin = 0; begin < info.size();) {
    const auto end = std::min(info.find("\r\n", begin), info.size());
    const auto line = info.substr(begin, end - begin);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(name.size() + 1);
    }
    begin = end + 2;
  }
  return {};
}

log_store::member read_member(std::string_view id, std::string_view beat) {
  const auto numbers = read_numbers<2>(beat).value_or(std::array<std::uint64_t, 2>{});
  return {.id = std::string{id}, .applied = numbers[0], .count = numbers[1]};
}

}  // namespace

std::string text_of(const fleet_constants& all) {
  return fmt::format("{}:{}:{}:{}", all.licence.count(), all.grace.count(), all.own_loads.count(),
                     all.load_deadline.count());
}

std::optional<position> read_place(const reply& answer) {
  return read_position(answer, 2);
}

std::optional<log_store::beat_answer> read_beat_answer(const reply& answer) {
  const auto last = read_position(answer, 4);
  if (!last) return std::nullopt;
  const auto numbers = read_numbers<4>(answer.elements[2].text);
  if (!numbers) return std::nullopt;
  const auto duration = [&](std::size_t i) {
    return milliseconds{static_cast<milliseconds::rep>((*numbers)[i])};
  };
  return log_store::beat_answer{.last = *last,
                                .constants = {.licence = duration(0),
                                              .grace = duration(1),
                                              .own_loads = duration(2),
                                              .load_deadline = duration(3)},
                                .epoch_is_old = answer.elements[3].text == "1"};
}

std::optional<server_facts> read_facts(const reply& answer) {
  if (answer.is != reply::kind::bulk) return std::nullopt;
  const auto number = [&](std::string_view name) {
    return read_numbers<1>(info_of(answer.text, name)).value_or(std::array<std::uint64_t, 1>{})[0];
  };
  return server_facts{.version = std::string{info_of(answer.text, "redis_version")},
                      .eviction_policy = std::string{info_of(answer.text, "maxmemory_policy")},
                      .maxmemory = number("maxmemory"),
                      .replicas_connected = number("connected_slaves")};
}

std::optional<log_store::members> read_members(const reply& answer) {
  if (answer.is != reply::kind::array || answer.elements.size() % 2 != 0) return std::nullopt;
  log_store::members found;
  if (answer.elements.empty()) return found;
  std::string epoch, last;
  for (std::size_t i = 0; i < answer.elements.size(); i += 2) {
    const auto& field = answer.elements[i].text;
    const auto& value = answer.elements[i + 1].text;
    if (field == "e") epoch = value;
    if (field == "n") last = value;
    if (field.starts_with("m:")) found.all.push_back(read_member(std::string_view{field}.substr(2), value));
  }
  const auto place = parse_position(epoch + "." + last);
  if (!place) return std::nullopt;
  found.last = *place;
  return found;
}

}  // namespace ctxcache::redis
