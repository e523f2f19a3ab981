#include "redis/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"

namespace ctxcache::redis {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr auto quietly = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t early_max = 4'096;
constexpr std::chrono::seconds replica_patience{5};

batch greeting_for(const server& to, std::string_view client_name) {
  batch greeting;
  if (!to.password.empty() && to.user.empty()) greeting.add({"AUTH", to.password});
  if (!to.password.empty() && !to.user.empty()) greeting.add({"AUTH", to.user, to.password});
  if (to.database != 0) greeting.add({"SELECT", std::to_string(to.database)});
  greeting.add({"CLIENT", "SETNAME", client_name});
  return greeting;
}

}  // namespace

// Name and TCP connection, by callbacks: a name that is being looked up cannot be cancelled, only left
// behind.
struct connection::attempt : std::enable_shared_from_this<attempt> {
  explicit attempt(const asio::any_io_executor& where) : resolver(where), socket(where), done(where) {}

  void begin(const server& to) {
    const auto service = std::to_string(to.port);
    resolver.async_resolve(
        to.host, service, [self = shared_from_this()](const error_code& failed, auto found) {
          if (failed || self->abandoned) return self->end(failed);
          asio::async_connect(self->socket, found, [self](const error_code& refused, const tcp::endpoint&) {
            self->end(refused);
          });
        });
  }
  void end(const error_code& how) {
    outcome = how;
    done.cancel();
  }

  tcp::resolver resolver;
  tcp::socket socket;
  asio::steady_timer done;
  std::optional<error_code> outcome;
  bool abandoned = false;
};

// Counts a call while it is under way.
class connection::presence {
 public:
  explicit presence(std::size_t& calls) : calls_(calls) { ++calls_; }
  ~presence() { --calls_; }
  presence(const presence&) = delete;
  presence& operator=(const presence&) = delete;

 private:
  std::size_t& calls_;
};

connection::connection(asio::any_io_executor home, options with, const clock& time)
    : home_(std::move(home)),
      with_(std::move(with)),
      time_(time),
      pause_(home_),
      pause_next_(with_.reconnect_min),
      jitter_(std::random_device{}()) {
  CTX_ASSERT(with_.reconnect_min.count() > 0 && with_.reconnect_min <= with_.reconnect_max);
  background_.spawn(home_, "redis connection", stay_connected());
}

connection::~connection() = default;

asio::awaitable<result<std::vector<reply>>> connection::run(batch what, deadline until) {
  const presence counted{calls_};
  if (!first_attempt_over_ && !stopping_) co_await first_attempt(until);
  if (!ready_) {
    co_return until.passed(time_.now()) && !first_attempt_over_ ? errc::l2_timeout : errc::l2_unavailable;
  }
  const auto current = session_;
  co_return co_await current->run(std::move(what), until);
}

error_code connection::unusable(const reply& answer) {
  if (answer.is == reply::kind::error) {
    refusals_.log(address(), answer.text, time_.now());
    if (says_replica(answer.text)) leave_replica();
    return errc::l2_failed;
  }
  if (session_) session_->close("an answer does not fit its question");
  return errc::l2_unavailable;
}

void connection::leave_replica() {
  if (ready_ && time_.now() - session_since_ >= replica_patience) session_->close("it is a replica now");
}

asio::awaitable<void> connection::stop() {
  stopping_ = true;
  pause_.cancel();
  if (attempt_) attempt_->done.cancel();
  if (session_) session_->close("stopped");
  end_first_attempt();
  co_await background_.drain();
  while (calls_ != 0) co_await asio::post(home_, asio::use_awaitable);  // they are about to be resumed
}

asio::awaitable<void> connection::stay_connected() {
  while (!stopping_) {
    co_await keep_one_session();
    if (stopping_) break;
    pause_.expires_after(next_pause());
    co_await pause_.async_wait(quietly);
  }
}

asio::awaitable<void> connection::keep_one_session() {
  const auto connected = co_await connect();
  set_ready(connected.has_value() && session_->is_open());
  end_first_attempt();
  if (ready_) {
    log::out().info("{}: connected", address());
    failure_logged_ = false;
    pause_next_ = with_.reconnect_min;
    auto why = co_await session_->closed();
    set_ready(false);
    if (!stopping_) failed(std::move(why));
  }
  if (session_) session_->close("not let in");
  session_.reset();
}

// Afterwards there is a session that has been let in, or the reason why not in health_.
asio::awaitable<result<void>> connection::connect() {
  const auto until = deadline::after(time_.now(), with_.connect_timeout);
  const auto mine = std::make_shared<attempt>(home_);
  attempt_ = mine;
  mine->done.expires_after(with_.connect_timeout);
  mine->begin(with_.where);
  co_await mine->done.async_wait(quietly);
  attempt_.reset();
  mine->abandoned = true;
  if (stopping_ || !mine->outcome || *mine->outcome) {
    error_code ignored;
    mine->socket.close(ignored);
    failed(mine->outcome ? mine->outcome->message() : "no connection in time");
    co_return errc::l2_unavailable;
  }
  session_ = std::make_shared<session>(std::move(mine->socket), time_, background_);
  ++sessions_;
  session_since_ = time_.now();
  session_->start();
  co_return co_await greet(until);
}

// A server that is stopped still accepts connections; that it answers the greeting is what makes it up.
asio::awaitable<result<void>> connection::greet(deadline until) {
  const auto current = session_;
  auto greeting = greeting_for(with_.where, with_.client_name);
  const auto answers = co_await current->run(std::move(greeting), until);
  if (!answers) {
    failed("no answer to the greeting");
    co_return answers.error();
  }
  for (const auto& one : *answers) {
    if (one.is == reply::kind::status) continue;
    // The name is only for the eyes of operators: a user who may not set it is let in all the same.
    if (&one == &answers->back() && one.text.starts_with("NOPERM")) continue;
    failed(one.is == reply::kind::error ? one.text : "a strange answer to the greeting");
    co_return errc::l2_unavailable;
  }
  co_return result<void>{};
}

asio::awaitable<void> connection::first_attempt(deadline until) {
  if (early_.size() >= early_max) co_return;
  const auto over = std::make_shared<asio::steady_timer>(home_);
  over->expires_after(
      std::min<boot_clock::duration>(until.remaining(time_.now()), with_.connect_timeout * 2));
  early_.push_back(over);
  co_await over->async_wait(quietly);
}

void connection::end_first_attempt() {
  first_attempt_over_ = true;
  for (const auto& one : std::exchange(early_, {})) one->cancel();
}

// Between half of the pause and all of it, so that a fleet does not come back in step.
std::chrono::milliseconds connection::next_pause() {
  const auto whole = pause_next_;
  pause_next_ = std::min(pause_next_ * 2, with_.reconnect_max);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> pick{whole.count() / 2, whole.count()};
  return std::chrono::milliseconds{pick(jitter_)};
}

void connection::set_ready(bool ready) {
  ready_ = ready;
  const std::scoped_lock held{health_mutex_};
  health_.up = ready;
}

void connection::failed(std::string why) {
  if (!stopping_ && !std::exchange(failure_logged_, true)) {
    log::out().warn("{}: {}; trying again", address(), why);
  }
  const std::scoped_lock held{health_mutex_};
  health_.last_error = std::move(why);
}

connection::health connection::report() const {
  const std::scoped_lock held{health_mutex_};
  return health_;
}

}  // namespace ctxcache::redis
