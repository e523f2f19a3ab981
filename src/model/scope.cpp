#include "ctxcache/key.hpp"
#include "model/glob.hpp"

namespace ctxcache {

result<scope> scope::of(std::string_view customer_id, std::optional<std::string_view> agent_type,
                        std::optional<std::string_view> conversation_id) {
  if (conversation_id && !agent_type) return errc::invalid_request;
  key_buffer buffer;
  // Without an agent type any will do: only what stands before it is used.
  const auto view = buffer.encode({customer_id, agent_type.value_or("any"), conversation_id});
  if (!view) return view.error();
  if (conversation_id) return exactly(*view);
  if (agent_type) return scope{scope_kind::agent_type, std::string{view->agent_type_prefix()}};
  return scope{scope_kind::customer, std::string{view->customer_prefix()}};
}

scope scope::exactly(const key_view& one) {
  return {scope_kind::key, std::string{one.text()}};
}

result<scope> scope::matching(std::string_view glob) {
  if (glob.empty() || glob.size() > pattern_bytes_max) return errc::invalid_pattern;
  return scope{scope_kind::pattern, std::string{glob}};
}

scope scope::everything() {
  return {scope_kind::all, {}};
}

result<scope> scope::restore(scope_kind kind, std::string_view text) {
  const auto is_key = [](std::string_view what, bool with_conversation) {
    const auto parsed = key::parse(what);
    return parsed && (with_conversation || !parsed->view().has_conversation());
  };
  bool well_formed = false;
  switch (kind) {
    case scope_kind::key:
      well_formed = is_key(text, true);
      break;
    case scope_kind::agent_type:
      well_formed = is_key(text, false);
      break;
    case scope_kind::customer:
      well_formed = is_key(std::string{text} + ":any", false);
      break;
    case scope_kind::pattern:
      return matching(text);
    case scope_kind::all:
      well_formed = text.empty();
      break;
  }
  if (!well_formed) return errc::invalid_key;
  return scope{kind, std::string{text}};
}

bool scope::covers(const key_view& one) const {
  switch (kind_) {
    case scope_kind::key:
      return one.text() == text_;
    case scope_kind::agent_type:
      return one.agent_type_prefix() == text_;
    case scope_kind::customer:
      return one.customer_prefix() == text_;
    case scope_kind::pattern:
      return glob_matches(text_, one.text());
    case scope_kind::all:
      break;
  }
  return true;
}

std::string scope::glob() const {
  switch (kind_) {
    case scope_kind::key:
    case scope_kind::pattern:
      return text_;
    case scope_kind::agent_type:
    case scope_kind::customer:
      return text_ + ":*";
    case scope_kind::all:
      break;
  }
  return "context:*";
}

std::string_view name(scope_kind kind) {
  switch (kind) {
    case scope_kind::key:
      return "key";
    case scope_kind::agent_type:
      return "agent_type";
    case scope_kind::customer:
      return "customer";
    case scope_kind::pattern:
      return "pattern";
    case scope_kind::all:
      break;
  }
  return "all";
}

}  // namespace ctxcache
