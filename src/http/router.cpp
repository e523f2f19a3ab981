#include "http/router.hpp"

#include <optional>

namespace ctxcache::http {
namespace {

constexpr std::size_t segments_max = 8;

/// A path, cut at its slashes. An overlong one has segments_max + 1.
struct segments {
  std::array<std::string_view, segments_max> at{};
  std::size_t count = 0;
};

[[nodiscard]] constexpr segments split(std::string_view path) {
  segments out;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = path.find('/');
    if (out.count == segments_max) return {.count = segments_max + 1};
    out.at[out.count++] = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end);
  }
  return out;
}

constexpr auto none = endpoint::not_found;

/// A path pattern, `*` being an id, and what its methods do. The first row whose path fits decides, unless it
/// says `shares`: then a row below it may have the method.
struct row {
  segments pattern;
  endpoint get = none;
  endpoint put = none;
  endpoint post = none;
  endpoint delete_ = none;
  bool shares = false;
};

// Literals first: `cache` and `batch` are words of the path only where these rows say so, else ids.
constexpr std::array table{
    row{.pattern = split("/api/v1/context/cache/stats"), .get = endpoint::stats},
    row{.pattern = split("/api/v1/context/cache/invalidate"), .post = endpoint::invalidate},
    row{.pattern = split("/api/v1/context/cache/invalidations"), .get = endpoint::invalidations},
    row{.pattern = split("/api/v1/context/cache/fences/*"), .get = endpoint::fences},
    row{.pattern = split("/api/v1/context/cache/entries/*/*"), .get = endpoint::entries},
    row{.pattern = split("/api/v1/context/cache/entries/*/*/*"), .get = endpoint::entries},
    row{.pattern = split("/api/v1/context/cache/warm"),
        .get = endpoint::warm_list,
        .post = endpoint::warm_post},
    row{.pattern = split("/api/v1/context/cache/warm/*"),
        .get = endpoint::warm_get,
        .delete_ = endpoint::warm_delete},
    row{.pattern = split("/api/v1/context/batch"), .post = endpoint::batch, .shares = true},
    row{.pattern = split("/api/v1/context/*"), .delete_ = endpoint::context_delete},
    row{.pattern = split("/api/v1/context/*/*"),
        .get = endpoint::context_get,
        .put = endpoint::context_put,
        .delete_ = endpoint::context_delete},
    row{.pattern = split("/api/v1/context/*/*/*"),
        .get = endpoint::context_get,
        .put = endpoint::context_put,
        .delete_ = endpoint::context_delete},
    row{.pattern = split("/api/v1/events"), .get = endpoint::events_list, .post = endpoint::events_post},
    row{.pattern = split("/api/v1/events/dead"), .get = endpoint::events_dead},
    row{.pattern = split("/api/v1/events/dead/*/replay"), .post = endpoint::events_replay},
    row{.pattern = split("/api/v1/health"), .get = endpoint::health},
    row{.pattern = split("/livez"), .get = endpoint::live},
    row{.pattern = split("/healthz"), .get = endpoint::live},
    row{.pattern = split("/readyz"), .get = endpoint::ready},
    row{.pattern = split("/metrics"), .get = endpoint::metrics},
};

[[nodiscard]] bool fits(const segments& pattern, const segments& path) {
  if (pattern.count != path.count) return false;
  for (std::size_t i = 0; i < pattern.count; ++i) {
    if (pattern.at[i] != "*" && pattern.at[i] != path.at[i]) return false;
  }
  return true;
}

[[nodiscard]] endpoint pick(const row& one, method verb) {
  switch (verb) {
    case method::get:
    case method::head:
      return one.get;
    case method::put:
      return one.put;
    case method::post:
      return one.post;
    case method::delete_:
      return one.delete_;
    default:
      return none;
  }
}

struct methods {
  bool get = false;
  bool put = false;
  bool post = false;
  bool delete_ = false;

  void add(const row& one) {
    get |= one.get != none;
    put |= one.put != none;
    post |= one.post != none;
    delete_ |= one.delete_ != none;
  }
};

// Every set of methods that the table knows, spelt out, so that no answer has to put it together.
[[nodiscard]] std::string_view allow_text(const methods& known) {
  if (known.put) return "GET, HEAD, PUT, DELETE, OPTIONS";
  if (known.post && known.get) return "GET, HEAD, POST, OPTIONS";
  if (known.post) return known.delete_ ? "POST, DELETE, OPTIONS" : "POST, OPTIONS";
  if (known.get) return known.delete_ ? "GET, HEAD, DELETE, OPTIONS" : "GET, HEAD, OPTIONS";
  return "DELETE, OPTIONS";
}

[[nodiscard]] int hex_digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

// Decodes a part of `text` where it stands; what is left of it, or nothing when an escape is malformed.
[[nodiscard]] std::optional<std::string_view> decode_in_place(std::string& text, std::string_view part) {
  if (part.find('%') == std::string_view::npos) return part;
  char* const first = text.data() + (part.data() - text.data());
  char* out = first;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      *out++ = part[i];
      continue;
    }
    if (i + 2 >= part.size()) return std::nullopt;
    const int high = hex_digit(part[i + 1]);
    const int low = hex_digit(part[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    *out++ = static_cast<char>(high << 4 | low);
    i += 2;
  }
  return std::string_view{first, static_cast<std::size_t>(out - first)};
}

[[nodiscard]] route with_ids(endpoint to, const segments& pattern, const segments& path, std::string& text) {
  route out{.to = to};
  for (std::size_t i = 0; i < pattern.count; ++i) {
    if (pattern.at[i] != "*") continue;
    const auto id = decode_in_place(text, path.at[i]);
    if (!id) return {.to = endpoint::malformed};
    out.ids[out.id_count++] = *id;
  }
  return out;
}

[[nodiscard]] std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

// RFC 9112, 3.2.2: "http://host/path" means "/path".
[[nodiscard]] std::string_view path_of(std::string_view target) {
  if (!target.starts_with('/')) {
    const auto authority = target.find("://");
    if (authority == std::string_view::npos) return {};
    const auto slash = target.find('/', authority + 3);
    if (slash == std::string_view::npos) return {};
    target.remove_prefix(slash);
  }
  return target.substr(0, target.find('?'));
}

}  // namespace

std::string_view name(endpoint one) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(endpoint::count)> names{
      "context_get",
      "context_put",
      "context_delete",
      "batch",
      "invalidate",
      "invalidations",
      "fences",
      "entries",
      "warm_post",
      "warm_list",
      "warm_get",
      "warm_delete",
      "events_post",
      "events_list",
      "events_dead",
      "events_replay",
      "stats",
      "health",
      "live",
      "ready",
      "metrics",
      "options",
      "method_not_allowed",
      "not_found",
      "malformed"};
  return names[static_cast<std::size_t>(one)];
}

route find_route(request& from) {
  if (from.verb == method::options && from.target == "*")
    return {.to = endpoint::options, .allow = "GET, HEAD, PUT, POST, DELETE, OPTIONS"};
  const auto path = split(path_of(from.target));
  methods known;
  bool found = false;
  for (const auto& one : table) {
    if (!fits(one.pattern, path)) continue;
    const auto to = pick(one, from.verb);
    if (to != none) {
      // What is decoded stays in its place, so the query stands where it stood.
      auto found_route = with_ids(to, one.pattern, path, from.target);
      found_route.query = query_of(from.target);
      return found_route;
    }
    found = true;
    known.add(one);
    if (!one.shares) break;
  }
  if (!found) return {};
  return {.to = from.verb == method::options ? endpoint::options : endpoint::method_not_allowed,
          .allow = allow_text(known)};
}

}  // namespace ctxcache::http
