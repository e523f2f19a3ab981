#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "ctxcache/clock.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache::providers {

/// Where a database is and how to log in, out of a URL.
class pg_target {
 public:
  /// Throws boost::system::system_error (errc::invalid_config) for a URL that libpq does not understand.
  pg_target(const std::string& provider_name, const std::string& url);

  /// Host and database; no user, no password.
  [[nodiscard]] const std::string& shown() const { return shown_; }

  /// What libpq connects with: keywords and values.
  struct parameters {
    std::vector<std::string> keywords;
    std::vector<std::string> values;
  };
  /// With the addresses of the host looked up, because libpq would block on that. provider_unavailable when
  /// there are none, provider_timeout when that was not known in time.
  [[nodiscard]] boost::asio::awaitable<result<parameters>> resolve(time_point until) const;

 private:
  [[nodiscard]] std::string value_of(const std::string& keyword) const;
  [[nodiscard]] bool needs_lookup() const;

  parameters given_;
  std::string shown_;
};

}  // namespace ctxcache::providers
