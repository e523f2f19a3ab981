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

namespace {

std::string ids_of(const key_name& what) {
  auto out = fmt::format(R"("customer_id": "{}")", what.customer);
  if (!what.agent_type.empty()) out += fmt::format(R"(, "agent_type": "{}")", what.agent_type);
  if (!what.conversation.empty()) out += fmt::format(R"(, "conversation_id": "{}")", what.conversation);
  return out;
}

}  // namespace

std::string order_of(const reach& what, bool fence) {
  const auto fields = what.what == reach::kind::all       ? std::string{R"("all": true)"}
                      : what.what == reach::kind::pattern ? fmt::format(R"("pattern": "{}")", what.pattern)
                                                          : ids_of(what.name);
  return fmt::format(R"({{{}, "fence": {}}})", fields, fence);
}

std::string batch_of(const std::vector<key_name>& keys) {
  std::string list;
  for (const auto& one : keys) list += fmt::format("{}{{{}}}", list.empty() ? "" : ", ", ids_of(one));
  return fmt::format(R"({{"keys": [{}]}})", list);
}

std::string customer_name(std::size_t index) {
  return fmt::format("cust_{}", index);
}

std::vector<key_name> keys_of(const std::string& customer) {
  return {{customer, "support", ""}, {customer, "billing", ""}, {customer, "sales", "conv_1"}};
}

}  // namespace ctxcache::chaos
