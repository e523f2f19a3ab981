// What a server answers: the same whether it comes at once or in pieces.
#include "redis/resp.hpp"

#include <algorithm>
#include <vector>

#include "target.hpp"

using ctxcache::redis::reply;
using ctxcache::redis::reply_parser;

namespace {

bool same(const reply& a, const reply& b) {
  return a.is == b.is && a.integer == b.integer && a.text == b.text &&
         std::ranges::equal(a.elements, b.elements, same);
}

}  // namespace

void try_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) + 1;
  const auto stream = bytes.substr(1);
  reply_parser at_once;
  const auto whole = at_once.feed(stream);
  reply_parser in_pieces;
  std::vector<reply> found;
  bool lost = false;
  for (std::size_t begin = 0; begin < stream.size() && !lost; begin += piece) {
    auto some = in_pieces.feed(stream.substr(begin, piece));
    lost = !some;
    if (some) std::ranges::move(*some, std::back_inserter(found));
  }
  // What came in front of the damage is told only to who reads in pieces.
  CTX_ASSERT(lost == !whole);
  if (whole) CTX_ASSERT(std::ranges::equal(*whole, found, same));
}
