#include "changes/signatures.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "changes/encoding.hpp"
#include "changes/signed_time.hpp"

namespace ctxcache::changes {
namespace {

using finding = verdict::finding;

/// What a request says about its signature, in whatever scheme.
struct claim {
  finding what = finding::not_signed;  ///< until it is checked: malformed or good
  std::string message_head{};          ///< what is signed before the body
  std::vector<std::string> signatures{};
  std::optional<wall_seconds> at{};
  std::string delivery{};
};

[[nodiscard]] claim malformed() {
  return {.what = finding::malformed};
}

// The parts of a list, without the blanks around them.
[[nodiscard]] std::vector<std::string_view> parts_of(std::string_view list, char separator) {
  std::vector<std::string_view> out;
  while (!list.empty()) {
    const auto end = std::min(list.find(separator), list.size());
    out.push_back(trimmed(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return out;
}

[[nodiscard]] claim standard_webhooks_claim(const header_lookup& header) {
  const auto id = header("webhook-id");
  const auto at = header("webhook-timestamp");
  const auto list = header("webhook-signature");
  if (id.empty() && at.empty() && list.empty()) return {};
  claim out{
      .what = finding::good, .message_head = id + '.' + at + '.', .at = seconds_from(at), .delivery = id};
  for (const auto part : parts_of(list, ' ')) {
    // Other versions are of public keys.
    if (!part.starts_with("v1,")) continue;
    if (auto bytes = from_base64(part.substr(3))) out.signatures.push_back(*std::move(bytes));
  }
  return id.empty() || !out.at || out.signatures.empty() ? malformed() : out;
}

[[nodiscard]] claim stripe_claim(const header_lookup& header) {
  const auto list = header("Stripe-Signature");
  if (list.empty()) return {};
  claim out{.what = finding::good};
  for (const auto part : parts_of(list, ',')) {
    if (part.starts_with("t=")) {
      out.at = seconds_from(part.substr(2));
      out.message_head = std::string{part.substr(2)} + '.';
    } else if (part.starts_with("v1=")) {
      if (auto bytes = from_hex(part.substr(3))) out.signatures.push_back(*std::move(bytes));
    }
  }
  return !out.at || out.signatures.empty() ? malformed() : out;
}

[[nodiscard]] claim zendesk_claim(const header_lookup& header) {
  const auto signature = header("X-Zendesk-Webhook-Signature");
  const auto at = header("X-Zendesk-Webhook-Signature-Timestamp");
  if (signature.empty() && at.empty()) return {};
  claim out{.what = finding::good,
            .message_head = at,
            .at = iso_8601_from(at),
            .delivery = header("X-Zendesk-Webhook-Invocation-Id")};
  auto bytes = from_base64(signature);
  if (!bytes || !out.at) return malformed();
  out.signatures.push_back(*std::move(bytes));
  return out;
}

[[nodiscard]] claim hmac_claim(const header_lookup& header, const std::string& name) {
  constexpr std::string_view prefix = "sha256=";
  constexpr std::size_t hex_digits = 64;
  const auto value = header(name);
  if (value.empty()) return {};
  std::string_view text = value;
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  auto bytes = text.size() == hex_digits ? from_hex(text) : from_base64(text);
  if (!bytes) return malformed();
  claim out{.what = finding::good};
  out.signatures.push_back(*std::move(bytes));
  return out;
}

[[nodiscard]] claim claim_of(const signer& by, const header_lookup& header) {
  switch (by.how) {
    case scheme::standard_webhooks:
      return standard_webhooks_claim(header);
    case scheme::stripe:
      return stripe_claim(header);
    case scheme::zendesk:
      return zendesk_claim(header);
    case scheme::hmac:
      return hmac_claim(header, by.header);
  }
  return {};
}

[[nodiscard]] bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

[[nodiscard]] finding check(const signer& by, const claim& said, std::string_view body,
                            std::chrono::system_clock::time_point now) {
  const auto message = said.message_head + std::string{body};
  bool signed_by_one = false;
  for (const auto& one : by.secrets) {
    const auto expected = one.sign(message);
    for (const auto& signature : said.signatures) signed_by_one |= same(expected, signature);
  }
  if (!signed_by_one) return finding::bad_signature;
  if (!said.at) return finding::good;
  if (*said.at < now - by.tolerance) return finding::too_old;
  return *said.at > now + by.tolerance ? finding::too_new : finding::good;
}

}  // namespace

std::optional<secret> secret::of(scheme how, std::string_view text) {
  constexpr std::string_view prefix = "whsec_";
  if (how != scheme::standard_webhooks)
    return text.empty() ? std::nullopt : std::optional{secret{std::string{text}}};
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  auto bytes = from_base64(text);
  if (!bytes || bytes->empty()) return std::nullopt;
  return secret{*std::move(bytes)};
}

std::string secret::sign(std::string_view message) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  ::HMAC(::EVP_sha256(), bytes_.data(), static_cast<int>(bytes_.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &size);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

verdict verify(std::span<const signer> signers, const header_lookup& header, std::string_view body,
               std::chrono::system_clock::time_point now) {
  verdict best;
  for (const auto& by : signers) {
    auto said = claim_of(by, header);
    if (said.what == finding::good) said.what = check(by, said, body, now);
    if (said.what == finding::good)
      return {.what = said.what, .signer = by.name, .delivery = std::move(said.delivery)};
    best.what = std::max(best.what, said.what);
  }
  return best;
}

std::string_view name(verdict::finding what) {
  constexpr std::array<std::string_view, 6> names{"not signed", "malformed", "bad signature",
                                                  "too old",    "too new",   "good"};
  return names[static_cast<std::size_t>(what)];
}

}  // namespace ctxcache::changes
