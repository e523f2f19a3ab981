#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ctxcache::changes {

/// How a webhook is signed, always by HMAC-SHA256 with a secret that both sides know.
enum class scheme {
  standard_webhooks,  ///< headers webhook-id, webhook-timestamp, webhook-signature: "v1,base64 v1,base64"
  stripe,             ///< Stripe-Signature: "t=seconds,v1=hex,v1=hex"
  zendesk,  ///< X-Zendesk-Webhook-Signature: base64; X-Zendesk-Webhook-Signature-Timestamp: ISO 8601
  hmac,     ///< a header of one's choice with the body's HMAC in hexadecimal or base64, "sha256=" before it
            ///< or not (GitHub and many others). It has no time: a delivery can be replayed for ever, which
            ///< invalidates again what it names and does nothing else.
};

/// A key that can be used and not be shown: there is no way to format, print or compare it.
class secret {
 public:
  /// As the sender shows it; nullopt for one that the scheme cannot have: an empty one, or for Standard
  /// Webhooks ("whsec_" and base64, which is decoded) one that is not base64.
  [[nodiscard]] static std::optional<secret> of(scheme how, std::string_view text);
  /// HMAC-SHA256 under this key.
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  explicit secret(std::string bytes) : bytes_(std::move(bytes)) {}
  std::string bytes_;
};

/// Whose events are believed.
struct signer {
  std::string name;
  scheme how = scheme::standard_webhooks;
  std::vector<secret> secrets;          ///< each is good: the new one and the old one while they are changed
  std::chrono::seconds tolerance{300};  ///< how far its clock and ours may be apart, the way included
  std::string header{};                 ///< of hmac
};

struct verdict {
  /// The later, the nearer to a good one.
  enum class finding {
    not_signed,     ///< no signer's headers are there
    malformed,      ///< they are, and cannot be read
    bad_signature,  ///< by none of the secrets, or of another body
    too_old,        ///< rightly signed, longer ago than the tolerance
    too_new,        ///< rightly signed, further ahead than the tolerance
    good,
  };
  finding what = finding::not_signed;
  std::string signer{};    ///< of a good one
  std::string delivery{};  ///< of a good one: the id that the scheme gives each delivery, if it does
};
/// "bad signature", …
[[nodiscard]] std::string_view name(verdict::finding what);

/// The value of a header field by its name, whatever its case; empty when there is none.
using header_lookup = std::function<std::string(std::string_view name)>;

/// Whether one of the signers has signed these very bytes, and lately; the best of the findings. Compares in
/// constant time. `now` is civil time: signers write civil time.
[[nodiscard]] verdict verify(std::span<const signer> signers, const header_lookup& header,
                             std::string_view body, std::chrono::system_clock::time_point now);

}  // namespace ctxcache::changes
