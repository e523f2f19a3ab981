// Bytes of a connection: the same requests, whether they come at once or in pieces.
#include "http/request_parser.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "target.hpp"

using ctxcache::http::request_parser;

namespace {

struct seen {
  std::vector<std::string> requests;
  int refused = 0;
};

seen read_all(std::string_view stream, std::size_t piece) {
  request_parser parser{1'000};
  seen found;
  std::string held;  // what was not consumed
  for (std::size_t begin = 0; begin < stream.size(); begin += piece) {
    held += stream.substr(begin, piece);
    while (true) {
      const auto [now, consumed] = parser.feed(held);
      CTX_ASSERT(consumed <= held.size());
      held.erase(0, consumed);
      if (now == request_parser::state::failed) {
        found.refused = parser.why().status;
        CTX_ASSERT(found.refused >= 400 && !parser.why().detail.empty());
        return found;
      }
      if (now == request_parser::state::need_more) break;
      const auto& one = parser.current();
      CTX_ASSERT(one.body.size() <= 1'000);
      found.requests.push_back(one.target + '\n' + one.body);
      parser.next();
      if (held.empty()) break;
    }
  }
  return found;
}

}  // namespace

void try_input(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto piece = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) + 1;
  const auto stream = bytes.substr(1);
  const auto whole = read_all(stream, stream.size() + 1);
  const auto pieces = read_all(stream, piece);
  // Of what is cut at its end, one may see sooner than the other that it is wrong.
  const auto both = std::min(whole.requests.size(), pieces.requests.size());
  for (std::size_t i = 0; i < both; ++i) CTX_ASSERT(whole.requests[i] == pieces.requests[i]);
  if (whole.refused == 0 && pieces.refused == 0) CTX_ASSERT(whole.requests.size() == pieces.requests.size());
}
