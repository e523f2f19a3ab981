#pragma once

/// A mutant is a rule of the protocol left out on purpose, so that the simulator (tests/sim) can show that it
/// would notice. `CTX_MUTANT(name)` is false, and costs nothing, in every build but the simulator's.
#ifdef CTX_MUTANTS

namespace ctxcache {

/// By the number of the rule (docs/coherence.md) that is broken.
enum class mutant {
  none,
  late_stamp,            ///< 2: the stamp is read after the load
  eager_drop,            ///< 3: L1 is guarded by dropping entries instead of by the rule at each read
  licence_from_reply,    ///< 4: the licence counts from the heartbeat's answer
  no_wait,               ///< 4, 8: nobody waits for the replicas
  own_any_age,           ///< 5: without a licence own loads are served however old
  join_stale,            ///< 6: who joins a load takes its result unseen
  no_local_apply,        ///< 7: the answer comes before the message is applied here
  fence_without_grace,   ///< 8: the fence does not wait for those who serve within their grace
  no_epoch_age,          ///< 8: the registry of a new epoch is trusted at once
  expunge_early,         ///< 10: a member is removed while it may still serve
  no_pending,            ///< 11: what is queued is not forbidden here
  min_position_ignored,  ///< 14: a position token is not looked at
  put_stamp,             ///< 15: PUT stores under the position read after its message was published
  no_epoch,              ///< Redis: a server that lost data goes on with its epoch
};

inline mutant active_mutant = mutant::none;

}  // namespace ctxcache

#define CTX_MUTANT(name) (::ctxcache::active_mutant == ::ctxcache::mutant::name)
#else
#define CTX_MUTANT(name) false
#endif
