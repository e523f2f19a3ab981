#include "world/clients.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "world/calls.hpp"

namespace ctxcache::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds patience{3'000};

std::string_view name(origin from) {
  constexpr std::array<std::string_view, 4> names{"l1", "l2", "provider", "stale"};
  return names[static_cast<std::size_t>(from)];
}

void note(history::read& into, const lookup& got, const world& in) {
  auto body = read_document(got.value->body);
  into.status = 200;
  // What a provider that lags answers is as old as it may be; rule 12 is about what is kept of it.
  const bool may_lag = in.today().settle.count() > 0 && got.from == origin::provider;
  if (!may_lag) into.version = body.version;
  into.body_customer = std::move(body.customer);
  into.body_agent_type = std::move(body.agent_type);
  into.source = name(got.from);
}

// As the daemon does: L1 on the spot, else the whole path.
asio::awaitable<void> read_at(std::shared_ptr<process> by, history::read asked, read_options options,
                              world& in) {
  std::optional<lookup> found;
  if (!asked.bypass) found = by->cache().find(asked.wanted, options, by->now());
  if (found) {
    note(asked, *found, in);
  } else {
    auto wanted = asked.wanted;
    const auto got = co_await by->cache().get(std::move(wanted), options, !asked.bypass);
    if (got) note(asked, *got, in);
    if (!got) asked.status = 503;
  }
  if (by->dead()) co_return;
  asked.when.answered = now_in_history();
  in.log().reads.push_back(std::move(asked));
}

asio::awaitable<void> read_many_at(std::shared_ptr<process> by, std::vector<key> wanted, read_options options,
                                   world& in) {
  const auto invoked = now_in_history();
  auto asked = wanted;
  const auto got = co_await by->cache().get_many(std::move(asked), options);
  if (by->dead()) co_return;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    history::read one{
        .wanted = wanted[i], .process = by->name(), .status = 503, .when = {.invoked = invoked}};
    one.when.answered = now_in_history();
    if (got[i]) note(one, *got[i], in);
    in.log().reads.push_back(std::move(one));
  }
}

}  // namespace

clients::clients(world& in, time_point until) : world_(in), until_(until) {
  for (const auto& one : in.keys()) committed_[one.customer_id()] = in.providers().version(one.customer_id());
}

void clients::begin() {
  for (std::size_t place = 0; place < daemons; ++place) world_.begin(keep_reading(place));
  for (const auto& [customer, version] : committed_) world_.begin(keep_writing(customer));
}

void clients::read(std::size_t place, const key& wanted, manner of) {
  const auto whom = world_.at(place);
  if (!whom || !whom->answers()) return;
  auto& chance = world_.chance();
  history::read asked{.wanted = wanted, .process = whom->name(), .when = {.invoked = now_in_history()}};
  read_options options{.until = deadline::after(whom->now(), 1'000ms)};
  const auto how = of == manner::any ? chance.below(100) : 100;
  if (how < 8) {
    options.strict = asked.strict = true;
  } else if (how < 16) {
    options.min_position = asked.min_position = token_;
  } else if (how < 18 || of == manner::bypass) {
    options.no_cache = asked.bypass = true;
  } else if (how < 20) {
    options.no_store = asked.bypass = true;
  } else if (how < 23) {
    options.only_if_cached = true;
  }
  whom->spawn(read_at(whom, std::move(asked), options, world_));
}

void clients::read_all(std::size_t place) {
  const auto whom = world_.at(place);
  if (!whom || !whom->answers()) return;
  const read_options options{.until = deadline::after(whom->now(), 1'000ms)};
  whom->spawn(read_many_at(whom, world_.keys(), options, world_));
}

asio::awaitable<void> clients::keep_reading(std::size_t place) {
  auto& chance = world_.chance();
  while (!over()) {
    co_await world_.rest(chance.skewed(2ms, 100ms));
    if (chance.percent(3)) {
      read_all(place);
    } else {
      read(place, chance.one_of(world_.keys()));
    }
  }
}

// One at a time for each customer, so that versions rise.
asio::awaitable<void> clients::keep_writing(std::string customer) {
  auto& chance = world_.chance();
  bool hurries = false;  // to race with its last PUT
  while (!over()) {
    co_await world_.rest(hurries ? chance.between(0us, 500us) : chance.skewed(5ms, 500ms));
    const auto place = chance.below(daemons);
    const bool puts = chance.percent(20);
    const auto what = some_scope(customer);
    if (!hurries) {
      read_everywhere(what, 3ms);
      co_await world_.rest(3ms);
    }
    co_await commit(customer);
    if (puts) {
      const auto mine = std::ranges::find(world_.keys(), customer, &key::customer_id);
      auto putting = put(place, *mine);
      hurries = chance.percent(60);
      if (hurries) {
        world_.begin(std::move(putting));
      } else {
        co_await std::move(putting);
      }
    } else {
      hurries = false;
      co_await invalidate(place, what, chance.percent(60));
    }
  }
}

asio::awaitable<void> clients::commit(std::string customer) {
  auto& chance = world_.chance();
  const auto version = committed_[customer] + 1;
  const auto invoked = now_in_history();
  co_await world_.rest(chance.skewed(50us, 2ms));
  world_.providers().commit(customer, version);
  co_await world_.rest(chance.skewed(50us, 2ms));
  world_.log().commits.push_back({customer, version, invoked, now_in_history()});
  committed_[customer] = version;
}

scope clients::some_scope(const std::string& customer) {
  auto& chance = world_.chance();
  const auto how = chance.below(100);
  if (how < 5) return scope::everything();
  if (how < 15) return *scope::matching("context:" + customer + ":*");
  if (how < 20) return *scope::matching("context:c?:support*");
  if (how < 60) return *scope::of(customer, std::nullopt, std::nullopt);
  std::vector<key> mine;
  std::ranges::copy_if(world_.keys(), std::back_inserter(mine),
                       [&](const key& one) { return one.customer_id() == customer; });
  const auto& one = chance.one_of(mine);
  if (how < 80) return *scope::of(customer, one.agent_type(), std::nullopt);
  return scope::exactly(one);
}

void clients::read_everywhere(const scope& what, boot_clock::duration within) {
  auto& chance = world_.chance();
  for (const auto& one : world_.keys()) {
    if (!what.covers(one) || (what.kind() != scope_kind::key && chance.percent(40))) continue;
    for (std::size_t place = 0; place < daemons; ++place) {
      const auto after = chance.skewed(boot_clock::duration::zero(), within);
      test::virtual_time::now_running().after(after, [this, place, one] { read(place, one); });
    }
  }
}

asio::awaitable<void> clients::invalidate(std::size_t place, scope what, bool fence) {
  const auto whom = world_.at(place);
  if (!whom || !whom->answers()) co_return;
  history::invalidation said{.what = what,
                             .versions = committed_,
                             .fence = fence,
                             .process = whom->name(),
                             .when = {.invoked = now_in_history()}};
  const auto wait = world_.chance().between(50ms, 2'000ms);
  invalidation message{.what = what, .fence = fence};
  auto asking = whom->cache().invalidate(std::move(message), deadline::after(whom->now(), wait));
  const auto got = co_await ask<result<receipt>>(world_, whom, std::move(asking), patience);
  if (!got) co_return;
  said.when.answered = now_in_history();
  said.status = 503;
  if (*got) {
    const auto& done = **got;
    said.queued = done.queued;
    if (!done.queued) said.at = done.at;
    said.confirmed = done.fenced && done.fenced->report.confirmed;
    said.status = done.queued ? 202 : fence && !said.confirmed ? 503 : 200;
  }
  if (said.at) token_ = said.at;
  world_.log().invalidations.push_back(std::move(said));
  read_everywhere(what, 3ms);
}

asio::awaitable<void> clients::put(std::size_t place, key where) {
  const auto whom = world_.at(place);
  if (!whom || !whom->answers()) co_return;
  const auto version = committed_[where.customer_id()];
  history::put said{
      .where = where, .version = version, .process = whom->name(), .when = {.invoked = now_in_history()}};
  auto asking = whom->cache().put(where, document(where, version), deadline::after(whom->now(), 1'000ms));
  const auto got = co_await ask<result<put_receipt>>(world_, whom, std::move(asking), patience);
  // Without an answer it may come yet.
  if (got) {
    said.when.answered = now_in_history();
    said.status = *got ? (*got)->queued ? 202 : 200 : 503;
    if (*got) said.queued = (*got)->queued;
    if (*got && !said.queued) said.at = (*got)->at;
  }
  if (said.at) token_ = said.at;
  const auto what = scope::exactly(where);
  world_.log().puts.push_back(std::move(said));
  read_everywhere(what, 3ms);
}

}  // namespace ctxcache::sim
