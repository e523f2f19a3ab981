#include "providers/curl_transfers.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "base/assert.hpp"
#include "ctxcache/error.hpp"

namespace ctxcache::providers {

namespace asio = boost::asio;

// In the multi handle as long as it lives.
struct curl_transfers::transfer {
  transfer(CURLM* in, CURL* one, const asio::any_io_executor& where, boot_clock::duration patience)
      : multi(in), easy(one), ended(where, patience) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
    curl_multi_add_handle(multi, easy);
  }
  ~transfer() { curl_multi_remove_handle(multi, easy); }
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  CURLM* multi;
  CURL* easy;
  asio::steady_timer ended;
  std::optional<CURLcode> code;
};

// A descriptor of our own for libcurl's socket, which libcurl closes when it likes.
struct curl_transfers::watched {
  watched(const asio::any_io_executor& where, curl_socket_t socket) : descriptor(where) {
    // Out of descriptors: nobody hears of this socket, and its transfer ends when its time is up.
    const int copy = ::dup(socket);
    error_code failed;
    descriptor.assign(copy, failed);
    if (failed) ::close(copy);
  }
  asio::posix::stream_descriptor descriptor;
  int wanted = 0;   // CURL_POLL_IN, _OUT or both
  int waiting = 0;  // likewise
};

curl_transfers::curl_transfers(asio::any_io_executor home, std::size_t max_connections)
    : home_(std::move(home)), timer_(home_) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CTX_ASSERT(started == CURLE_OK);
  multi_.reset(curl_multi_init());
  CTX_ASSERT(multi_);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
}

curl_transfers::~curl_transfers() = default;

asio::awaitable<std::optional<CURLcode>> curl_transfers::run(CURL* easy, time_point until) {
  transfer running{multi_.get(), easy, home_, until - boot_clock::now()};
  co_await running.ended.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return running.code;
}

int curl_transfers::on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void*) {
  static_cast<curl_transfers*>(self)->watch(socket, wanted);
  return 0;
}

int curl_transfers::on_timer(CURLM*, long milliseconds, void* self) {
  static_cast<curl_transfers*>(self)->set_timer(milliseconds);
  return 0;
}

void curl_transfers::watch(curl_socket_t socket, int wanted) {
  if (wanted == CURL_POLL_REMOVE) {
    sockets_.erase(socket);
    return;
  }
  auto& one = sockets_[socket];
  if (!one) one = std::make_shared<watched>(home_, socket);
  one->wanted = wanted;
  wait(socket, one, CURL_POLL_IN);
  wait(socket, one, CURL_POLL_OUT);
}

void curl_transfers::wait(curl_socket_t socket, const std::shared_ptr<watched>& on, int direction) {
  if ((on->wanted & direction) == 0 || (on->waiting & direction) != 0) return;
  on->waiting |= direction;
  using descriptor = asio::posix::stream_descriptor;
  const auto type = direction == CURL_POLL_IN ? descriptor::wait_read : descriptor::wait_write;
  // A socket that is watched is a sign that we live.
  auto act_when_ready = [this, socket, direction, weak = std::weak_ptr{on}](error_code failed) {
    const auto still = weak.lock();
    if (!still || failed) return;
    still->waiting &= ~direction;
    if ((still->wanted & direction) != 0)
      act(socket, direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    if (const auto found = sockets_.find(socket); found != sockets_.end() && found->second == still)
      wait(socket, still, direction);
  };
  on->descriptor.async_wait(type, std::move(act_when_ready));
}

void curl_transfers::set_timer(long milliseconds) {
  if (milliseconds < 0) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::milliseconds{milliseconds});
  timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void curl_transfers::act(curl_socket_t socket, int ready) {
  int unused = 0;
  curl_multi_socket_action(multi_.get(), socket, ready, &unused);
  while (const auto* const message = curl_multi_info_read(multi_.get(), &unused)) {
    if (message->msg != CURLMSG_DONE) continue;
    transfer* done = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
    done->code = message->data.result;
    done->ended.cancel();
  }
}

}  // namespace ctxcache::providers
