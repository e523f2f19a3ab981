#include "ctxcache/key.hpp"

#include <algorithm>

namespace ctxcache {
namespace {

constexpr std::string_view root = "context:";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr auto is_plain = [] {
  std::array<bool, 256> table{};
  for (const char c :
       std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@-"}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool plain(char c) {
  return is_plain[static_cast<unsigned char>(c)];
}

/// What the first byte of a UTF-8 sequence says about it (Unicode 15, table 3-7).
struct sequence_form {
  std::size_t bytes;           // 0: no sequence begins with this byte
  unsigned char second_least;  // excludes overlong forms
  unsigned char second_most;   // excludes surrogates and what is over U+10FFFF
};

sequence_form form_of(unsigned char first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xC2) return {0, 0, 0};
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto form = form_of(static_cast<unsigned char>(text[at]));
    if (form.bytes == 0 || form.bytes > text.size() - at) return false;
    for (std::size_t i = 1; i < form.bytes; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      const auto least = i == 1 ? form.second_least : 0x80;
      const auto most = i == 1 ? form.second_most : 0xBF;
      if (byte < least || byte > most) return false;
    }
    at += form.bytes;
  }
  return true;
}

/// Writes the segment of `id` to `out`, which has room for three bytes for each; the end of what was written.
char* write_encoded(char* out, std::string_view id) {
  for (const char c : id) {
    if (plain(c)) {
      *out++ = c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    *out++ = '%';
    *out++ = hex_digits[byte >> 4];
    *out++ = hex_digits[byte & 0xF];
  }
  return out;
}

/// The same for an id that may be none: null then. Plain ids, nearly all, are copied in one pass.
char* write_segment(char* out, std::string_view id) {
  if (id.empty() || id.size() > id_bytes_max) return nullptr;
  std::size_t done = 0;
  for (; done < id.size() && plain(id[done]); ++done) out[done] = id[done];
  if (done == id.size()) return out + done;
  const auto rest = id.substr(done);  // what precedes it is ASCII
  return is_utf8(rest) ? write_encoded(out + done, rest) : nullptr;
}

/// Decodes a segment. What is malformed stays as it is: it will not encode to the same text again.
std::string percent_decode(std::string_view segment) {
  std::string id;
  id.reserve(segment.size());
  for (std::size_t at = 0; at < segment.size(); ++at) {
    const auto high = segment.size() - at > 2 ? hex_digits.find(segment[at + 1]) : std::string_view::npos;
    const auto low = segment.size() - at > 2 ? hex_digits.find(segment[at + 2]) : std::string_view::npos;
    if (segment[at] != '%' || high == std::string_view::npos || low == std::string_view::npos) {
      id += segment[at];
      continue;
    }
    id += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return id;
}

}  // namespace

result<key_view> key_buffer::encode(const key_ids& ids) {
  char* const begin = text_.data();
  char* const customer = std::copy(root.begin(), root.end(), begin);
  char* const customer_end = write_segment(customer, ids.customer_id);
  if (customer_end == nullptr) return errc::invalid_key;
  *customer_end = ':';
  char* const agent_end = write_segment(customer_end + 1, ids.agent_type);
  if (agent_end == nullptr) return errc::invalid_key;
  char* end = agent_end;
  if (ids.conversation_id) {
    *agent_end = ':';
    end = write_segment(agent_end + 1, *ids.conversation_id);
    if (end == nullptr) return errc::invalid_key;
  }
  return key_view{{begin, static_cast<std::size_t>(end - begin)},
                  static_cast<std::size_t>(customer_end - customer),
                  static_cast<std::size_t>(agent_end - customer_end - 1)};
}

result<key> key::make(const key_ids& ids) {
  key_buffer buffer;
  const auto view = buffer.encode(ids);
  if (!view) return view.error();
  return key{*view};
}

// Canonical is what `make` makes of the ids that were read; so nothing else needs to be checked here.
result<key> key::parse(std::string_view text) {
  if (text.size() > key_bytes_max || !text.starts_with(root)) return errc::invalid_key;
  const auto segments = text.substr(root.size());
  const auto first = segments.find(':');
  if (first == std::string_view::npos) return errc::invalid_key;
  const auto second = segments.find(':', first + 1);
  const auto customer = percent_decode(segments.substr(0, first));
  const auto agent = percent_decode(segments.substr(first + 1, second - first - 1));
  key_ids ids{.customer_id = customer, .agent_type = agent};
  std::string conversation;
  if (second != std::string_view::npos) {
    conversation = percent_decode(segments.substr(second + 1));
    ids.conversation_id = conversation;
  }
  auto made = make(ids);
  if (made && made->text() != text) return errc::invalid_key;
  return made;
}

std::string key::customer_id() const {
  return percent_decode(view().customer());
}

std::string key::agent_type() const {
  return percent_decode(view().agent_type());
}

std::optional<std::string> key::conversation_id() const {
  if (!view().has_conversation()) return std::nullopt;
  return percent_decode(view().conversation());
}

std::string percent_encode(std::string_view id) {
  std::string out(3 * id.size(), '\0');
  out.resize(static_cast<std::size_t>(write_encoded(out.data(), id) - out.data()));
  return out;
}

}  // namespace ctxcache
