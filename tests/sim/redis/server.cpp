#include "redis/server.hpp"

#include <algorithm>
#include <utility>

#include "base/mutant.hpp"

namespace ctxcache::sim {
namespace {

// What a server goes on with that does not look whether it lost data.
constexpr std::uint64_t same_old_epoch = 0xE;

std::vector<log_message> behind(const dataset& data, std::uint64_t after, std::size_t most) {
  std::vector<log_message> found;
  for (const auto& one : data.log) {
    if (found.size() == most) break;
    if (one.at.sequence > after) found.push_back(one);
  }
  return found;
}

bool stamped_from(const dataset::value& one, const position& place) {
  return one.stamp.epoch == place.epoch && one.stamp.sequence >= place.sequence;
}

}  // namespace

server::server(dataset data) : data_(std::move(data)), history_(time().random_u64()) {}

void server::check(const caller& by) {
  const bool lost =
      !data_.has_meta || data_.history != history_ || (data_.last.sequence > 0 && data_.log.empty());
  if (!lost || (CTX_MUTANT(no_epoch) && data_.has_meta)) return;
  const auto epoch = CTX_MUTANT(no_epoch) ? same_old_epoch : by.nonce;
  write([epoch, constants = by.constants, history = history_](dataset& in) {
    in.has_meta = true;
    in.history = history;
    in.last = {epoch, 0};
    in.constants = constants;
    in.epoch_is_old = false;
    in.log.clear();
    in.members.clear();
  });
}

void server::write(effect what) {
  what(data_);
  ++offset_;
  if (!replica_) return;
  replica_->backlog.emplace(offset_, std::move(what));
  replicate();
}

// Each write arrives after the lag, in order; its acknowledgement takes as long.
void server::replicate() {
  if (replica_->held) return;
  while (!replica_->backlog.empty()) {
    auto first = std::make_shared<std::pair<const std::uint64_t, effect>>(*replica_->backlog.begin());
    replica_->backlog.erase(replica_->backlog.begin());
    replica_->busy_until = std::max(replica_->busy_until, time().now() + replica_->lag);
    time().at(replica_->busy_until, [first, to = std::weak_ptr{replica_}, me = weak_from_this()] {
      const auto there = to.lock();
      if (!there) return;
      if (there->held) {
        there->backlog.insert(std::move(*first));
        return;
      }
      first->second(there->data);
      time().after(there->lag, [offset = first->first, to, me] {
        const auto acknowledging = to.lock();
        const auto here = me.lock();
        if (!acknowledging || !here || acknowledging->held) return;
        acknowledging->acknowledged = std::max(acknowledging->acknowledged, offset);
        here->wake_waits();
      });
    });
  }
}

position server::publish(log_record said, const caller& by, std::size_t most) {
  check(by);
  const position next{data_.last.epoch, data_.last.sequence + 1};
  write([message = log_message{next, std::move(said)}, most](dataset& in) {
    in.last = message.at;
    in.log.push_back(message);
    while (in.log.size() > most) in.log.pop_front();
  });
  wake_tails();
  return next;
}

log_store::beat_answer server::heartbeat(const log_store::beat& mine, const caller& by) {
  check(by);
  const bool ours = mine.applied.epoch == data_.last.epoch;
  const log_store::member one{mine.member, ours ? mine.applied.sequence : 0, mine.count};
  write([one, old = ours && mine.epoch_is_old](dataset& in) {
    in.members[one.id] = one;
    in.epoch_is_old = in.epoch_is_old || old;
  });
  return {.last = data_.last, .constants = data_.constants, .epoch_is_old = data_.epoch_is_old};
}

bool server::remove(const std::string& id, std::optional<std::uint64_t> count) {
  const auto found = data_.members.find(id);
  if (found == data_.members.end() || (count && found->second.count != *count)) return false;
  write([id](dataset& in) { in.members.erase(id); });
  return true;
}

std::vector<log_message> server::read(std::uint64_t after, std::size_t most) const {
  return behind(data_, after, most);
}

std::uint64_t server::first_retained() const {
  return data_.log.empty() ? 0 : data_.log.front().at.sequence;
}

log_store::members server::registered() const {
  log_store::members found;
  if (!data_.has_meta) return found;
  found.last = data_.last;
  for (const auto& [id, one] : data_.members) found.all.push_back(one);
  return found;
}

void server::tail(std::uint64_t after, std::chrono::milliseconds wait,
                  std::function<void(std::vector<log_message>)> answer) {
  constexpr std::size_t messages_max = 1'024;
  if (auto found = behind(data_, after, messages_max); !found.empty()) return answer(std::move(found));
  const auto number = ++blocked_;
  tails_.push_back({number, after, std::move(answer)});
  time().after(wait, [number, me = weak_from_this()] {
    const auto here = me.lock();
    if (!here) return;
    const auto found = std::ranges::find(here->tails_, number, &blocked_tail::number);
    if (found == here->tails_.end()) return;
    const auto reply = std::move(found->answer);
    here->tails_.erase(found);
    reply({});
  });
}

void server::wake_tails() {
  for (auto& one : std::exchange(tails_, {})) {
    if (data_.last.sequence > one.after) {
      one.answer(behind(data_, one.after, 1'024));
    } else {
      tails_.push_back(std::move(one));
    }
  }
}

void server::wait(std::uint64_t offset, std::uint64_t replicas, boot_clock::duration wait,
                  std::function<void(std::uint64_t)> answer) {
  const auto have = [this](std::uint64_t of) {
    return std::uint64_t{replica_ && replica_->acknowledged >= of ? 1u : 0u};
  };
  if (have(offset) >= replicas) return answer(have(offset));
  const auto number = ++blocked_;
  waits_.push_back({number, offset, std::move(answer)});
  time().after(wait, [number, have, me = weak_from_this()] {
    const auto here = me.lock();
    if (!here) return;
    const auto found = std::ranges::find(here->waits_, number, &blocked_wait::number);
    if (found == here->waits_.end()) return;
    const auto reply = std::move(found->answer);
    const auto asked = found->offset;
    here->waits_.erase(found);
    reply(have(asked));
  });
}

void server::wake_waits() {
  for (auto& one : std::exchange(waits_, {})) {
    if (replica_ && replica_->acknowledged >= one.offset) {
      one.answer(1);
    } else {
      waits_.push_back(std::move(one));
    }
  }
}

const dataset::value* server::find(const std::string& key) const {
  const auto found = data_.values.find(key);
  return found == data_.values.end() || found->second.expires_at <= time().now() ? nullptr : &found->second;
}

bool server::put(const std::string& key, dataset::value one) {
  const auto* held = find(key);
  if (held != nullptr && stamped_from(*held, {one.stamp.epoch, one.stamp.sequence + 1})) return false;
  write([key, one = std::move(one)](dataset& in) { in.values.insert_or_assign(key, one); });
  return true;
}

bool server::unlink(const std::string& key, const position& before) {
  const auto* held = find(key);
  if (held == nullptr || stamped_from(*held, before)) return false;
  write([key](dataset& in) { in.values.erase(key); });
  return true;
}

void server::flush() {
  write([](dataset& in) { in = {}; });
}
void server::evict_log() {
  write([](dataset& in) { in.log.clear(); });
}
void server::evict_meta() {
  write([](dataset& in) {
    in.has_meta = false;
    in.history = 0;
    in.last = {};
    in.epoch_is_old = false;
    in.members.clear();
  });
}
void server::evict_values() {
  write([](dataset& in) { in.values.clear(); });
}

void server::stop() {
  up_ = false;
  tails_.clear();
  waits_.clear();
}

void server::restart(dataset with) {
  data_ = std::move(with);
  history_ = time().random_u64();
  up_ = true;
  ++offset_;
  if (replica_) attach_replica(replica_->lag);  // it copies everything again
}

void server::attach_replica(boot_clock::duration lag) {
  replica_ = std::make_shared<replica>();
  replica_->data = data_;
  replica_->lag = lag;
  replica_->acknowledged = offset_;
}

void server::hold_replication(bool held) {
  if (!replica_) return;
  replica_->held = held;
  replicate();
}

dataset server::promote_replica() {
  auto data = replica_ ? std::move(replica_->data) : dataset{};
  replica_.reset();
  return data;
}

}  // namespace ctxcache::sim
