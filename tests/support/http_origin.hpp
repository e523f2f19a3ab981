#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace ctxcache::test {

/// An HTTP service to ask, on a loopback port, in a thread of its own. The path says how it behaves:
/// `/slow/…` never answers, `/hang-up/…` closes instead, `/half/…` closes in the middle of the body,
/// `/status/N/…` answers N with a JSON body, `/huge/…` sends 50 MB, `/endless/…` chunks for ever,
/// `/text/…` sends what is no JSON, `/redirect/…` leads to `/echo`, `/customers/cust_1/…` has a customer and
/// `/customers/…` no other. Every other path answers `{"target": the request's target}`.
class http_origin {
 public:
  /// Throws when the port is taken.
  explicit http_origin(int port);
  http_origin();
  ~http_origin();
  http_origin(const http_origin&) = delete;
  http_origin& operator=(const http_origin&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  /// The heads of the requests so far, request line first.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Connections accepted so far.
  [[nodiscard]] std::size_t connections() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ctxcache::test
