#include "growing_list.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace ctxcache::client {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t page_max = 1'000;
constexpr std::chrono::seconds wait{20};  // for the next one, in one request
constexpr std::chrono::seconds retry_pause{1};

class reader {
 public:
  reader(const daemon& of, const growing_list& what, std::string after, bool follow)
      : of_(of), what_(what), after_(std::move(after)), follow_(follow) {
    of_.timeout += wait;
  }

  [[nodiscard]] exit_code run() {
    while (true) {
      const auto answer = ask_json(of_, {.path = path()});
      if (!answer) {
        // The daemon may come back; only one that was never there ends this.
        const bool gone = answer.error().code == exit_code::unreachable;
        if (!follow_ || !there_ || !gone) return report(answer.error());
        pause_.expires_after(retry_pause);
        pause_.wait();
        waits_ = false;
        continue;
      }
      if (restarted(*answer)) continue;
      const auto& page = list_in(*answer, what_.member);
      const auto printed = print_page(page);
      if (printed != exit_code::ok) return printed;
      after_ = place_in(*answer);
      waits_ = follow_;
      if (!follow_ && page.size() < page_max) return exit_code::ok;
    }
  }

 private:
  [[nodiscard]] std::string path() const {
    if (after_.empty()) return what_.path;
    const auto path = fmt::format("{}?after={}&limit={}", what_.path, after_, page_max);
    return waits_ ? path + fmt::format("&wait={}", wait.count()) : path;
  }

  // Places of a process that has ended mean nothing in the next one, whose list is read from its beginning.
  [[nodiscard]] bool restarted(const json::object& answer) {
    const auto began = text_in(answer, "started_at");
    const bool other = there_ && began != began_;
    began_ = began;
    if (!other) return false;
    after_ = "0";
    waits_ = false;
    return true;
  }

  [[nodiscard]] static std::string place_in(const json::object& answer) {
    const auto* next = answer.if_contains("next");
    if (next == nullptr || next->is_string()) return text_in(answer, "next");
    return json::serialize(*next);
  }

  [[nodiscard]] exit_code print_page(const json::array& page) {
    std::string text;
    if (!there_ && !of_.as_json) text = what_.header;
    there_ = true;
    for (const auto& one : page) {
      if (of_.as_json) text += json::serialize(one) + "\n";
      if (!of_.as_json && one.is_object()) text += what_.line(one.get_object());
    }
    return text.empty() ? exit_code::ok : print(text);
  }

  daemon of_;
  const growing_list& what_;
  std::string after_;
  const bool follow_;
  bool there_ = false;  // has answered
  bool waits_ = false;  // the next question may wait for its answer
  std::string began_;   // when the daemon did, if the list depends on it
  asio::io_context loop_{1};
  asio::steady_timer pause_{loop_};
};

}  // namespace

exit_code print_list(const daemon& of, const growing_list& what, std::string after, bool follow) {
  return reader{of, what, std::move(after), follow}.run();
}

}  // namespace ctxcache::client
