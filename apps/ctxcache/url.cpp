#include "url.hpp"

#include <algorithm>

#include "base/try.hpp"

namespace ctxcache::client {
namespace {

constexpr std::string_view scheme = "http://";
constexpr std::string_view port_of_scheme = "80";

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char one) { return one >= '0' && one <= '9'; });
}

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char one) { return one <= ' ' || one == 0x7f; });
}

}  // namespace

std::optional<daemon_address> parse_url(std::string_view url) {
  if (!url.starts_with(scheme) || !is_plain(url)) return std::nullopt;
  if (url.find_first_of("?#@") != std::string_view::npos) return std::nullopt;
  url.remove_prefix(scheme.size());
  auto prefix = url.substr(std::min(url.find('/'), url.size()));
  const auto place = url.substr(0, url.size() - prefix.size());
  while (prefix.ends_with('/')) prefix.remove_suffix(1);

  const bool bracketed = place.starts_with('[');
  const auto host_end = bracketed ? place.find(']') : std::min(place.find(':'), place.size());
  if (host_end == std::string_view::npos) return std::nullopt;
  const auto host = bracketed ? place.substr(1, host_end - 1) : place.substr(0, host_end);
  const auto rest = place.substr(host_end + (bracketed ? 1 : 0));
  const auto port = rest.empty() ? port_of_scheme : rest.substr(1);
  if (host.empty() || (!rest.empty() && rest.front() != ':') || !is_port(port)) return std::nullopt;
  return daemon_address{std::string{host}, std::string{port}, std::string{prefix}};
}

std::string authority(const daemon_address& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

std::string url_of(const daemon_address& address) {
  return std::string{scheme} + authority(address) + address.prefix;
}

std::string path_segment(std::string_view id) {
  if (id == ".") return "%2E";
  if (id == "..") return "%2E%2E";
  return percent_encode(id);
}

result<std::string> path_of(std::string_view base, const key_ids& ids) {
  CTX_TRY(const auto checked, key::make(ids));
  std::string path{base};
  path += "/" + path_segment(ids.customer_id) + "/" + path_segment(ids.agent_type);
  if (checked.view().has_conversation()) path += "/" + path_segment(*ids.conversation_id);
  return path;
}

}  // namespace ctxcache::client
