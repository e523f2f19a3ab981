#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ctxcache/provider.hpp"

namespace ctxcache::providers {

struct http_options {
  std::string name;  ///< the provider's
  std::string url;   ///< http or https; what a section asks for is appended to its path
  std::vector<std::pair<std::string, std::string>> headers{};  ///< sent with every request
  std::string ca_file{};  ///< PEM; whom to trust instead of whom the system trusts
  std::size_t max_concurrency = 32;
  std::size_t max_waiting = 1024;
  std::size_t max_answer_bytes = std::size_t{4} << 20;
};

/// An HTTP service. A section's text is a path template (path_template.hpp); its answer is the JSON body of a
/// 200. 404, 204 and, for rows, `[]` are empty; so is an id that has no place in a path (`..`), and a
/// conversation's section without a conversation: both without asking. Every other status, a body that is no
/// JSON and one over `max_answer_bytes` are errc::provider_failed. Redirects are not followed, no proxy is
/// taken from the environment, and a server without a valid certificate is not talked to.
///
/// `home` is a serial executor that outlives the provider's work. Throws boost::system::system_error
/// (errc::invalid_config) for options that cannot work.
[[nodiscard]] std::shared_ptr<provider> make_http(boost::asio::any_io_executor home, http_options options);

}  // namespace ctxcache::providers
