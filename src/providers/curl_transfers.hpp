#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "ctxcache/clock.hpp"

namespace ctxcache::providers {

/// Runs libcurl's transfers on an executor: libcurl says which sockets and which timer it wants to hear of,
/// and Asio waits for them. Connections are kept between transfers. Belongs to one serial executor.
class curl_transfers : public std::enable_shared_from_this<curl_transfers> {
 public:
  curl_transfers(boost::asio::any_io_executor home, std::size_t max_connections);
  ~curl_transfers();
  curl_transfers(const curl_transfers&) = delete;
  curl_transfers& operator=(const curl_transfers&) = delete;

  /// What the transfer came to; nothing when it did not end in time and was broken off. `easy` is ready to go
  /// and outlives the call.
  [[nodiscard]] boost::asio::awaitable<std::optional<CURLcode>> run(CURL* easy, time_point until);

 private:
  struct transfer;
  struct watched;
  struct cleanup {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  static int on_socket(CURL* easy, curl_socket_t socket, int wanted, void* self, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void watch(curl_socket_t socket, int wanted);
  void wait(curl_socket_t socket, const std::shared_ptr<watched>& on, int direction);
  void set_timer(long milliseconds);
  void act(curl_socket_t socket, int ready);

  boost::asio::any_io_executor home_;
  boost::asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<watched>> sockets_;
  std::unique_ptr<CURLM, cleanup> multi_;
};

}  // namespace ctxcache::providers
