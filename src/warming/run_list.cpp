#include "warming/run_list.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "base/try.hpp"
#include "warming/report_json.hpp"

namespace ctxcache::warming {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds call_budget{500};
constexpr std::size_t runs_kept = 100;
const std::string runs_name = "warm/runs";
// Longer than any run is kept warm after which its hits are counted.
constexpr std::chrono::hours marks_life_more{48};
// So many hits wait while the store is away; those over it are never credited.
constexpr std::size_t unmarked_max = 100'000;

std::string hits_name(std::uint32_t run) {
  return "warm/hits/" + std::to_string(run);
}

struct line {
  job_report job;
  std::optional<std::size_t> hits;  // once it is settled
};

std::optional<line> read(const std::string& text) {
  try {
    const auto parsed = json::parse(text);
    auto job = job_report_from(parsed);
    if (!job) return std::nullopt;
    line out{.job = *std::move(job), .hits = std::nullopt};
    if (const auto* hits = parsed.as_object().if_contains("hit_later")) {
      out.hits = json::value_to<std::size_t>(*hits);
    }
    return out;
  } catch (const std::exception&) {
    return std::nullopt;  // Boost.JSON says that it is no JSON, or of another kind
  }
}

}  // namespace

deadline run_list::soon() const {
  return deadline::after(time_.now(), call_budget);
}

asio::awaitable<result<void>> run_list::add(job_report job) {
  job.failures.clear();  // they are in the job's own report, for a day
  auto text = json::serialize(to_json(job));
  co_return co_await shared_->append(runs_name, std::move(text), runs_kept, soon());
}

asio::awaitable<result<std::size_t>> run_list::hits(std::uint32_t run, deadline until) {
  auto name = hits_name(run);
  co_return co_await shared_->marked(std::move(name), until);
}

asio::awaitable<result<std::vector<run_report>>> run_list::ended(std::size_t most, deadline until) {
  CTX_CO_TRY(const auto lines, co_await shared_->list(runs_name, runs_kept, until));
  std::vector<run_report> found;
  std::set<std::string> known;  // one whose answer was lost may have been added twice
  for (const auto& text : lines) {
    auto one = read(text);
    if (!one || !known.insert(one->job.id).second) continue;
    found.push_back({.job = std::move(one->job), .hit_later = one->hits.value_or(0)});
    if (one->hits) continue;
    CTX_CO_TRY(found.back().hit_later, co_await hits(found.back().job.run, until));
  }
  // By their beginning: settling has put some to the end of the list.
  std::ranges::sort(found, std::greater{}, [](const run_report& one) { return one.job.started_at; });
  if (found.size() > most) found.resize(most);
  co_return found;
}

asio::awaitable<void> run_list::credit(std::vector<warm_mark> hit, std::chrono::milliseconds entry_life) {
  std::size_t waiting = 0;
  for (const auto& [run, places] : unmarked_) waiting += places.size();
  for (const auto& one : hit) {
    if (waiting++ < unmarked_max) unmarked_[one.run].push_back(one.place);
  }
  while (!unmarked_.empty()) {
    const auto first = unmarked_.begin()->first;
    auto name = hits_name(first);
    auto places = unmarked_.begin()->second;
    const auto life = entry_life + marks_life_more;
    const auto marked = co_await shared_->mark(std::move(name), std::move(places), life, soon());
    if (!marked) co_return;
    unmarked_.erase(first);
  }
}

asio::awaitable<void> run_list::settle(std::chrono::milliseconds entry_life) {
  const auto lines = co_await shared_->list(runs_name, runs_kept, soon());
  if (!lines) co_return;
  for (const auto& text : *lines) {
    auto one = read(text);
    if (!one || one->hits || !one->job.ended_at) continue;
    if (*one->job.ended_at + entry_life + std::chrono::minutes{1} > time_.wall()) continue;
    const auto counted = co_await hits(one->job.run, soon());
    if (!counted) co_return;
    auto settled = json::serialize(to_json(run_report{.job = std::move(one->job), .hit_later = *counted}));
    // Another process may have been quicker.
    const auto replaced = co_await shared_->replace(runs_name, text, std::move(settled), soon());
    if (!replaced) co_return;
  }
}

}  // namespace ctxcache::warming
