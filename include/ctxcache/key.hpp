#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ctxcache/error.hpp"

namespace ctxcache {

/// Bytes of an id before encoding.
inline constexpr std::size_t id_bytes_max = 128;
/// Bytes of a key's text: "context", three separators, three ids of which every byte is encoded as %XX.
inline constexpr std::size_t key_bytes_max = 7 + 3 * (1 + 3 * id_bytes_max);

/// The ids a key is made of, as callers know them (not encoded). An absent conversation is not an empty one.
struct key_ids {
  std::string_view customer_id;
  std::string_view agent_type;
  std::optional<std::string_view> conversation_id = std::nullopt;
};

/// A key's canonical text `context:{customer_id}:{agent_type}[:{conversation_id}]`, borrowed, with its
/// segments. Segments are percent-encoded, so a `:` only ever separates, and different triples have different
/// texts.
class key_view {
 public:
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view customer() const { return text_.substr(customer_begin, customer_bytes_); }
  [[nodiscard]] std::string_view agent_type() const {
    return text_.substr(customer_begin + customer_bytes_ + 1, agent_bytes_);
  }
  [[nodiscard]] bool has_conversation() const { return agent_type_end() != text_.size(); }
  /// The encoded conversation; empty when there is none.
  [[nodiscard]] std::string_view conversation() const {
    return has_conversation() ? text_.substr(agent_type_end() + 1) : std::string_view{};
  }
  /// The text up to the end of the customer's segment: what all keys of that customer begin with.
  [[nodiscard]] std::string_view customer_prefix() const {
    return text_.substr(0, customer_begin + customer_bytes_);
  }
  /// The text up to the end of the agent type's segment.
  [[nodiscard]] std::string_view agent_type_prefix() const { return text_.substr(0, agent_type_end()); }

  friend bool operator==(const key_view& a, const key_view& b) { return a.text_ == b.text_; }

 private:
  friend class key;
  friend class key_buffer;
  static constexpr std::size_t customer_begin = 8;  // after "context:"
  key_view(std::string_view text, std::size_t customer_bytes, std::size_t agent_bytes)
      : text_(text),
        customer_bytes_(static_cast<std::uint16_t>(customer_bytes)),
        agent_bytes_(static_cast<std::uint16_t>(agent_bytes)) {}
  [[nodiscard]] std::size_t agent_type_end() const {
    return customer_begin + customer_bytes_ + 1 + agent_bytes_;
  }

  std::string_view text_;
  std::uint16_t customer_bytes_;
  std::uint16_t agent_bytes_;
};

/// Makes a key's text without allocating: the hot path's way to a key_view, which borrows from this buffer.
class key_buffer {
 public:
  /// Encodes `ids`. errc::invalid_key when an id is empty, over 128 bytes, or not UTF-8.
  [[nodiscard]] result<key_view> encode(const key_ids& ids);

 private:
  std::array<char, key_bytes_max> text_;
};

/// A key that owns its text.
class key {
 public:
  /// errc::invalid_key when an id is empty, over 128 bytes, or not UTF-8.
  [[nodiscard]] static result<key> make(const key_ids& ids);
  /// Reads a canonical text; errc::invalid_key for every text that `make` would not have produced.
  [[nodiscard]] static result<key> parse(std::string_view text);
  explicit key(const key_view& view)
      : text_(view.text()), customer_bytes_(view.customer_bytes_), agent_bytes_(view.agent_bytes_) {}

  [[nodiscard]] key_view view() const { return {text_, customer_bytes_, agent_bytes_}; }
  operator key_view() const { return view(); }  // NOLINT: a key is usable wherever a view is
  [[nodiscard]] const std::string& text() const { return text_; }
  /// The ids as callers know them, decoded.
  [[nodiscard]] std::string customer_id() const;
  [[nodiscard]] std::string agent_type() const;
  [[nodiscard]] std::optional<std::string> conversation_id() const;

  friend bool operator==(const key& a, const key& b) { return a.text_ == b.text_; }

 private:
  std::string text_;
  std::uint16_t customer_bytes_;
  std::uint16_t agent_bytes_;
};

/// What an invalidation covers.
enum class scope_kind : std::uint8_t {
  key,         ///< one conversation, or exactly the key without one
  agent_type,  ///< one agent type of a customer, with all its conversations
  customer,    ///< all agent types and conversations of a customer
  pattern,     ///< all keys whose text matches a Redis glob
  all,         ///< everything
};

inline constexpr std::size_t pattern_bytes_max = 256;

/// A set of keys to invalidate.
class scope {
 public:
  /// One conversation, one agent type or one customer: whatever the ids that are present say.
  [[nodiscard]] static result<scope> of(std::string_view customer_id,
                                        std::optional<std::string_view> agent_type,
                                        std::optional<std::string_view> conversation_id);
  /// Exactly this key, even when it has no conversation.
  [[nodiscard]] static scope exactly(const key_view& one);
  /// errc::invalid_pattern when empty or over 256 bytes.
  [[nodiscard]] static result<scope> matching(std::string_view glob);
  [[nodiscard]] static scope everything();
  /// The scope that has this kind and this text. errc::invalid_key, or invalid_pattern, for a text that none
  /// has.
  [[nodiscard]] static result<scope> restore(scope_kind kind, std::string_view text);

  [[nodiscard]] scope_kind kind() const { return kind_; }
  /// A key's text (key), its prefix (agent_type, customer), the glob (pattern), empty (all).
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool covers(const key_view& one) const;
  /// The glob that finds this scope's keys in Redis; over-broad never, for encoded segments hold no glob
  /// character. For a customer or agent type it finds what hangs below its text ("context:c:*"), not the text
  /// itself.
  [[nodiscard]] std::string glob() const;

 private:
  scope(scope_kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
  scope_kind kind_;
  std::string text_;
};

[[nodiscard]] std::string_view name(scope_kind kind);

/// Percent-encodes one id as a key's segment does; for tests and for those who look into Redis.
[[nodiscard]] std::string percent_encode(std::string_view id);

}  // namespace ctxcache
