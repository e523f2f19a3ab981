#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/problem.hpp"

namespace ctxcache::http {

/// What was read out of a body, or why it is refused.
template <class T>
using parsed = boost::system::result<T, problem>;

/// Nothing when `text` is not one JSON document, or is nested deeper than 128 levels.
[[nodiscard]] std::optional<boost::json::value> parse_json(std::string_view text);

/// A 422 with one fault.
[[nodiscard]] problem fault_at(std::string pointer, std::string detail);

/// Reads the members of one object of a body; `pointer` says where the object stands.
class object_reader {
 public:
  object_reader(const boost::json::object& from, std::string pointer) : from_(from), pointer_(pointer) {}

  /// A fault when there is a member that is none of these.
  [[nodiscard]] std::optional<problem> only(std::initializer_list<std::string_view> known) const;
  [[nodiscard]] bool has(std::string_view member) const { return from_.if_contains(member) != nullptr; }
  /// A string, when there is the member.
  [[nodiscard]] parsed<std::optional<std::string>> text(std::string_view member) const;
  [[nodiscard]] parsed<std::string> required_text(std::string_view member) const;
  /// A list of at most so many strings; empty when there is no such member.
  [[nodiscard]] parsed<std::vector<std::string>> texts(std::string_view member, std::size_t most) const;
  /// A number from `least` to `most`, when there is the member.
  [[nodiscard]] parsed<std::optional<double>> number(std::string_view member, double least,
                                                     double most) const;
  /// A boolean, false when there is no such member.
  [[nodiscard]] parsed<bool> flag(std::string_view member) const;
  /// Where the object stands.
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  /// Where a member stands.
  [[nodiscard]] std::string pointer_to(std::string_view member) const;

 private:
  const boost::json::object& from_;
  std::string pointer_;
};

/// The ids that an object names.
struct named_ids {
  std::string customer_id;
  std::optional<std::string> agent_type;
  std::optional<std::string> conversation_id;
};
[[nodiscard]] parsed<named_ids> read_ids(const object_reader& from);

}  // namespace ctxcache::http
