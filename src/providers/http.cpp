#include "providers/http.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "providers/capped_provider.hpp"
#include "providers/curl_transfers.hpp"
#include "providers/invalid_options.hpp"
#include "providers/json.hpp"
#include "providers/path_template.hpp"

namespace ctxcache::providers {
namespace {

namespace asio = boost::asio;

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using easy_handle = std::unique_ptr<CURL, freed_by<curl_easy_cleanup>>;
using header_list = std::unique_ptr<curl_slist, freed_by<curl_slist_free_all>>;

// The body as it comes in; libcurl breaks the transfer off when it is not taken whole.
struct limited_body {
  std::string text;
  std::size_t bytes_max;

  static std::size_t take(const char* bytes, std::size_t, std::size_t count, void* body) {
    auto& self = *static_cast<limited_body*>(body);
    if (self.text.size() + count > self.bytes_max) return 0;
    self.text.append(bytes, count);
    return count;
  }
};

outcome failed(errc code, std::string why) {
  return {code, std::move(why)};
}

outcome broken_off(CURLcode code) {
  switch (code) {
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
      return failed(errc::provider_failed, "the answer is too large");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_URL_MALFORMAT:
      return failed(errc::provider_failed, curl_easy_strerror(code));
    default:
      return failed(errc::provider_unavailable, curl_easy_strerror(code));
  }
}

outcome answered(long status, std::string_view body, section_shape shape) {
  if (status == 404 || status == 204) return {nothing(shape)};
  if (status != 200) return failed(errc::provider_failed, fmt::format("status {}", status));
  auto json = checked_json(body);
  if (!json) return failed(errc::provider_failed, "the body is not JSON");
  if (shape == section_shape::rows && *json == "[]") return {nothing(shape)};
  return {section_answer{.json = std::move(*json)}};
}

// What of a URL may be shown: scheme, host and port.
struct base_url {
  std::string prefix;  // without a slash at its end
  std::string shown;
};

base_url checked_url(const http_options& options) {
  const auto refuse = [&](std::string_view reason) {
    return invalid_options(fmt::format("{}: the url {}", options.name, reason));
  };
  const std::unique_ptr<CURLU, freed_by<curl_url_cleanup>> url{curl_url()};
  if (curl_url_set(url.get(), CURLUPART_URL, options.url.c_str(), 0) != CURLUE_OK)
    throw refuse("is malformed");
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    const bool there = curl_url_get(url.get(), which, &text, 0) == CURLUE_OK;
    const std::unique_ptr<char, freed_by<curl_free>> owner{text};
    return there ? std::optional<std::string>{text} : std::nullopt;
  };
  const auto scheme = part(CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") throw refuse("is not http or https");
  if (part(CURLUPART_QUERY) || part(CURLUPART_FRAGMENT)) throw refuse("has a query or fragment");
  const auto port = part(CURLUPART_PORT);
  auto prefix = options.url;
  while (prefix.ends_with('/')) prefix.pop_back();
  return {std::move(prefix), fmt::format("{}://{}{}{}", *scheme, part(CURLUPART_HOST).value_or(""),
                                         port ? ":" : "", port.value_or(""))};
}

header_list checked_headers(const http_options& options) {
  header_list list;
  for (const auto& [name, value] : options.headers) {
    const auto line = fmt::format("{}: {}", name, value);
    const bool printable = std::ranges::none_of(line, [](char byte) { return (byte & 0xe0) == 0; });
    if (name.empty() || name.find(':') != std::string::npos || !printable)
      throw invalid_options(fmt::format("{}: header {} is malformed", options.name, json_quoted(name)));
    auto* const longer = curl_slist_append(list.get(), line.c_str());
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

class http final : public capped_provider {
 public:
  http(asio::any_io_executor home_at, const http_options& options, base_url url, header_list headers)
      : capped_provider(std::move(home_at),
                        {.running = options.max_concurrency, .waiting = options.max_waiting},
                        fmt::format("http {} ({})", options.name, url.shown)),
        prefix_(std::move(url.prefix)),
        headers_(std::move(headers)),
        ca_file_(options.ca_file),
        max_answer_bytes_(options.max_answer_bytes),
        transfers_(std::make_shared<curl_transfers>(home(), options.max_concurrency)) {}

 private:
  [[nodiscard]] asio::awaitable<outcome> answer(const section_query& query, const key& wanted,
                                                time_point until) override {
    const auto path = expand_path(query.text, wanted);
    if (!path) co_return failed(errc::provider_failed, "the path template is malformed");
    if (!*path) {
      outcome none{nothing(query.shape)};
      co_return none;
    }
    limited_body body{.text = {}, .bytes_max = max_answer_bytes_};
    const auto url = prefix_ + **path;
    const auto easy = request(url, body);
    const auto code = co_await transfers_->run(easy.get(), until);
    if (!code) co_return failed(errc::provider_timeout, "");
    if (*code != CURLE_OK) co_return broken_off(*code);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    co_return answered(status, body.text, query.shape);
  }

  [[nodiscard]] easy_handle request(const std::string& url, limited_body& body) const {
    easy_handle easy{curl_easy_init()};
    auto* const handle = easy.get();
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "ctxcache/" CTX_VERSION);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    if (!ca_file_.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file_.c_str());
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &limited_body::take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(body.bytes_max));
    return easy;
  }

  // Without transfers its connections close.
  void close() override { transfers_.reset(); }

  const std::string prefix_;
  const header_list headers_;
  const std::string ca_file_;
  const std::size_t max_answer_bytes_;
  std::shared_ptr<curl_transfers> transfers_;
};

}  // namespace

std::shared_ptr<provider> make_http(asio::any_io_executor home_at, http_options options) {
  if (options.max_concurrency == 0) throw invalid_options(options.name + ": max_concurrency is 0");
  auto url = checked_url(options);
  return std::make_shared<http>(std::move(home_at), options, std::move(url), checked_headers(options));
}

}  // namespace ctxcache::providers
