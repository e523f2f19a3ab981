#include "history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

namespace ctxcache::chaos {

namespace {

// Names from an answer may be anything; what is not plain cannot be right, so how it is spelt is no matter.
std::string plain(std::string_view text) {
  std::string out{text};
  std::ranges::replace_if(
      out, [](unsigned char one) { return one < 0x20 || one > 0x7e || one == '"' || one == '\\'; }, '?');
  return out;
}

std::string text_or_null(std::string_view text) {
  return text.empty() ? "null" : fmt::format("\"{}\"", plain(text));
}

std::string fields_of(const key_name& what) {
  return fmt::format(R"("customer": "{}", "agent_type": "{}", "conversation": {})", what.customer,
                     what.agent_type, text_or_null(what.conversation));
}

std::string fields_of(const interval& when) {
  return fmt::format(R"("invoked": {}, "answered": {})", when.invoked, when.answered);
}

std::string fields_of(const reach& what) {
  std::string out = fmt::format(R"("kind": "{}")", word(what.what));
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format(R"(, "{}": "{}")", name, value);
  };
  add("customer", what.name.customer);
  add("agent_type", what.name.agent_type);
  add("conversation", what.name.conversation);
  add("pattern", what.pattern);
  return out;
}

std::string fields_of(const receipt& got) {
  return fmt::format(R"("status": {}, "position": {}, "queued": {})", got.status, text_or_null(got.position),
                     got.queued);
}

}  // namespace

std::int64_t now_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

void history::open(const std::string& path) {
  file_.reset(std::fopen(path.c_str(), "w"));
  if (!file_) throw std::system_error{errno, std::generic_category(), path};
}

void history::close() {
  file_.reset();
}

void history::line(std::string_view text) {
  if (file_ && std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
    throw std::runtime_error{"the history cannot be written"};
}

void history::constants(std::string_view fields) {
  line(fmt::format("{{\"t\": \"constants\", {}}}\n", fields));
}

void history::fault(std::string_view kind, interval when) {
  line(fmt::format("{{\"t\": \"fault\", \"kind\": \"{}\", \"from\": {}, \"to\": {}}}\n", kind, when.invoked,
                   when.answered));
}

void history::commit(std::string_view customer, std::int64_t version, interval when) {
  line(fmt::format("{{\"t\": \"commit\", \"customer\": \"{}\", \"version\": {}, {}}}\n", customer, version,
                   fields_of(when)));
}

void history::load(std::string_view process, const key_name& what, std::int64_t version, interval when) {
  line(fmt::format("{{\"t\": \"load\", \"process\": \"{}\", {}, \"version\": {}, {}}}\n", process,
                   fields_of(what), version, fields_of(when)));
}

void history::read(std::string_view process, const key_name& what, const read_kind& how, const document& got,
                   interval when) {
  auto text =
      fmt::format(R"({{"t": "read", "process": "{}", {}, "status": {}, "source": {}, "position": {})",
                  process, fields_of(what), got.status, text_or_null(got.source), text_or_null(got.position));
  if (got.version >= 0) {
    text += fmt::format(R"(, "version": {}, "body": {{"customer": "{}", "agent_type": "{}"}})", got.version,
                        plain(got.customer), plain(got.agent_type));
  }
  if (!how.min_position.empty()) text += fmt::format(R"(, "min_position": "{}")", how.min_position);
  if (how.strict) text += R"(, "strict": true)";
  if (how.bypass) text += R"(, "bypass": true)";
  line(fmt::format("{}, {}}}\n", text, fields_of(when)));
}

void history::put(std::string_view process, const key_name& what, std::int64_t version, const receipt& got,
                  interval when) {
  line(fmt::format("{{\"t\": \"put\", \"process\": \"{}\", {}, \"version\": {}, {}, {}}}\n", process,
                   fields_of(what), version, fields_of(got), fields_of(when)));
}

void history::invalidate(std::string_view process, const reach& what,
                         const std::map<std::string, std::int64_t>& versions, bool fence, const receipt& got,
                         interval when) {
  std::string covered;
  for (const auto& [customer, version] : versions) {
    covered += fmt::format("{}\"{}\": {}", covered.empty() ? "" : ", ", customer, version);
  }
  line(
      fmt::format("{{\"t\": \"invalidate\", \"process\": \"{}\", \"scope\": {{{}}}, \"versions\": {{{}}}, "
                  "\"fence\": {}, \"confirmed\": {}, {}, {}}}\n",
                  process, fields_of(what), covered, fence, got.confirmed, fields_of(got), fields_of(when)));
}

}  // namespace ctxcache::chaos
