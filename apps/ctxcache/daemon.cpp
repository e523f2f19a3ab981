#include "daemon.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

namespace ctxcache::client {

namespace json = boost::json;

namespace {

json::object parse_object(std::string_view text) {
  boost::system::error_code error;
  const auto value = json::parse({text.data(), text.size()}, error);
  return !error && value.is_object() ? value.get_object() : json::object{};
}

bool succeeded(const http_response& answer) {
  return answer.status >= 200 && answer.status <= 299;
}

failure problem_of(const http_response& answer) {
  const auto problem = parse_object(answer.body);
  const auto code = text_in(problem, "code");
  auto text = text_in(problem, "detail");
  // Not from a daemon of ours: a proxy's error page, say.
  if (text.empty()) text = std::to_string(answer.status) + " " + answer.reason;
  const auto* errors = problem.if_contains("errors");
  if (errors != nullptr && errors->is_array()) {
    for (const auto& one : errors->get_array()) {
      if (!one.is_object()) continue;
      // Of the body as a whole the pointer is empty.
      const auto pointer = text_in(one.get_object(), "pointer");
      text += (pointer.empty() ? "; " : "; " + pointer + ": ") + text_in(one.get_object(), "detail");
    }
  }
  if (!code.empty()) text += " (" + code + ", request " + text_in(problem, "request_id") + ")";
  return {exit_code_of(answer.status, code), printable(text)};
}

}  // namespace

exit_code exit_code_of(unsigned status, std::string_view code) {
  if (status == 404 || code == "not_cached") return exit_code::not_found;
  if (status == 401 || status == 403) return exit_code::not_allowed;
  return exit_code::failure;
}

outcome<http_response> ask(const daemon& whom, const http_request& what) {
  auto answer = exchange(whom.where, what, whom.timeout);
  if (answer && !succeeded(*answer)) return problem_of(*answer);
  return answer;
}

outcome<json::object> ask_json(const daemon& whom, const http_request& what) {
  const auto answer = ask(whom, what);
  if (!answer) return answer.error();
  auto object = parse_object(answer->body);
  if (object.empty()) {
    return failure{exit_code::failure, url_of(whom.where) + " is no ctxcached: it answered " +
                                           std::to_string(answer->status) + " without a JSON object"};
  }
  return object;
}

outcome<json::object> ask_receipt(const daemon& whom, const http_request& what) {
  const auto answer = exchange(whom.where, what, whom.timeout);
  if (!answer) return answer.error();
  auto object = parse_object(answer->body);
  const bool receipt = object.contains("scope") || object.contains("results");
  if (receipt) return object;
  if (!succeeded(*answer)) return problem_of(*answer);
  return failure{exit_code::failure, url_of(whom.where) + " answered no receipt"};
}

exit_code report(const failure& why) {
  note("error: " + why.text + "\n");
  return why.code;
}

exit_code print(std::string_view text) {
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (whole && std::fflush(stdout) == 0) return exit_code::ok;
  return report({exit_code::failure, "stdout cannot be written"});
}

exit_code print_json(const json::value& value) {
  return print(json::serialize(value) + "\n");
}

void note(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

double number_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_number() ? found->to_number<double>() : 0.0;
}

std::uint64_t count_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains({name.data(), name.size()});
  boost::system::error_code none;
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>(none) : 0;
}

std::string text_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_string() ? std::string{found->get_string()} : std::string{};
}

bool truth_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_bool() && found->get_bool();
}

const json::array& list_in(const json::object& from, std::string_view name) {
  static const json::array nothing;
  const auto* found = from.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_array() ? found->get_array() : nothing;
}

const json::object& object_in(const json::object& from, std::string_view name) {
  static const json::object nothing;
  const auto* found = from.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_object() ? found->get_object() : nothing;
}

}  // namespace ctxcache::client
