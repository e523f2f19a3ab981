#include "progress_bar.hpp"

#include <algorithm>

#include "daemon.hpp"
#include "text_table.hpp"

namespace ctxcache::client {
namespace {

constexpr std::size_t width = 30;
constexpr std::chrono::milliseconds redrawn_every{100};

}  // namespace

std::string drawn_bar(std::size_t done, std::size_t all) {
  const auto filled = all == 0 ? width : width * std::min(done, all) / all;
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]";
}

std::string progress_text(std::size_t done, std::size_t all, std::chrono::milliseconds since) {
  std::string made = drawn_bar(done, all) + " " + std::to_string(done) + " of " + std::to_string(all);
  if (done == 0 || since.count() <= 0) return made;
  const auto rate = static_cast<double>(done) * 1000 / static_cast<double>(since.count());
  const auto left = static_cast<std::int64_t>(static_cast<double>(all - done) / rate);
  return made + ", " + std::to_string(static_cast<std::size_t>(rate)) + "/s, " + human_seconds(left) +
         " left";
}

void progress_bar::show(std::size_t done) {
  const auto now = clock::now();
  if (now - drawn_ < redrawn_every) return;
  drawn_ = now;
  draw(progress_text(done, all_, std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_)));
}

void progress_bar::say(std::string_view what) {
  draw(what);
}

void progress_bar::draw(std::string_view text) {
  if (!shown_) return;
  there_ = true;
  note("\r" + std::string{text} + "\x1b[K");
}

void progress_bar::clear() {
  if (there_) note("\r\x1b[K");
  there_ = false;
  drawn_ = {};
}

}  // namespace ctxcache::client
