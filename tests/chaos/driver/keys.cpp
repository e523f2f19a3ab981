#include "keys.hpp"

#include <fmt/format.h>

namespace ctxcache::chaos {

std::string_view word(reach::kind what) {
  switch (what) {
    case reach::kind::all:
      return "all";
    case reach::kind::customer:
      return "customer";
    case reach::kind::agent_type:
      return "agent_type";
    case reach::kind::key:
      return "key";
    case reach::kind::pattern:
      return "pattern";
  }
  return "";
}

std::string path_of(const key_name& what) {
  auto path = what.customer + '/' + what.agent_type;
  if (!what.conversation.empty()) path += '/' + what.conversation;
  return path;
}

std::string order_of(const reach& what, bool fence) {
  std::string fields;
  if (what.what == reach::kind::all) {
    fields = R"("all": true)";
  } else if (what.what == reach::kind::pattern) {
    fields = fmt::format(R"("pattern": "{}")", what.pattern);
  } else {
    fields = fmt::format(R"("customer_id": "{}")", what.name.customer);
    if (!what.name.agent_type.empty()) fields += fmt::format(R"(, "agent_type": "{}")", what.name.agent_type);
    if (!what.name.conversation.empty())
      fields += fmt::format(R"(, "conversation_id": "{}")", what.name.conversation);
  }
  return fmt::format(R"({{{}, "fence": {}}})", fields, fence);
}

std::string customer_name(std::size_t index) {
  return fmt::format("cust_{}", index);
}

std::vector<key_name> keys_of(const std::string& customer) {
  return {{customer, "support", ""}, {customer, "billing", ""}, {customer, "sales", "conv_1"}};
}

}  // namespace ctxcache::chaos
