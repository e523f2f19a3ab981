#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ctxcache::changes {

/// 0 to 15; -1 for what is no hexadecimal digit.
[[nodiscard]] int value_of_hex(char digit);

/// The bytes of pairs of hexadecimal digits; nullopt for any other text.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

/// The bytes of a base64 text (RFC 4648 section 4), with padding or without; nullopt for any other text.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// In lower case, as far as it is ASCII.
[[nodiscard]] std::string lower(std::string_view text);

/// Without the blanks around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Its first bytes, without half a character of UTF-8 at the end.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t bytes_max);

}  // namespace ctxcache::changes
