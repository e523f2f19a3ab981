// What XREAD gives of the log, as RESP: whatever stands there is a message, or no answer at all.
#include "redis/log_messages.hpp"

#include "target.hpp"

void try_input(std::string_view bytes) {
  ctxcache::redis::reply_parser parser;
  const auto replies = parser.feed(bytes);
  if (!replies) return;
  for (const auto& one : *replies) {
    (void)ctxcache::redis::read_first(one);
    const auto messages = ctxcache::redis::read_messages(one);
    if (!messages) continue;
    for (const auto& message : *messages) {
      const auto& what = message.said.what;
      const auto known = ctxcache::scope::restore(what.kind(), what.text());
      CTX_ASSERT(known && known->text() == what.text());
    }
  }
}
