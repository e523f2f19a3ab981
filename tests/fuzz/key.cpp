// Texts that claim to be keys, and ids that are to become one: two triples never share a key.
#include "ctxcache/key.hpp"

#include <optional>
#include <string>
#include <vector>

#include "target.hpp"

using ctxcache::key;

namespace {

void check_ids(const key& made, std::string_view customer, std::string_view agent_type,
               const std::optional<std::string_view>& conversation) {
  CTX_ASSERT(made.customer_id() == customer);
  CTX_ASSERT(made.agent_type() == agent_type);
  CTX_ASSERT(made.conversation_id() == conversation);
  const auto again = key::parse(made.text());
  CTX_ASSERT(again && *again == made);
}

}  // namespace

void try_input(std::string_view bytes) {
  if (const auto read = key::parse(bytes)) {
    CTX_ASSERT(read->text() == bytes);
    const auto customer = read->customer_id(), agent_type = read->agent_type();
    const auto conversation = read->conversation_id();
    const auto made = key::make({customer, agent_type, conversation});
    CTX_ASSERT(made && *made == *read);
  }
  // Ids are separated by a byte that no UTF-8 has.
  std::vector<std::string_view> ids;
  for (std::size_t begin = 0; begin <= bytes.size() && ids.size() < 3;) {
    const auto end = std::min(bytes.find('\xFF', begin), bytes.size());
    ids.push_back(bytes.substr(begin, end - begin));
    begin = end + 1;
  }
  if (ids.size() < 2) return;
  const auto conversation = ids.size() == 3 ? std::optional{ids[2]} : std::nullopt;
  if (const auto made = key::make({ids[0], ids[1], conversation})) {
    check_ids(*made, ids[0], ids[1], conversation);
  }
}
