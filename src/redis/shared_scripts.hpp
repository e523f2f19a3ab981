#pragma once

#include "redis/scripts.hpp"

namespace ctxcache::redis {

// What the shared facts need more than one command for. KEYS[1] is what they are about; lives and terms are
// in milliseconds.

/// ARGV: a holder, a term. Returns 1 when the lease is the holder's now, 0 when it is another's.
/// Works in a full Redis: what a lease guards may be what keeps the fleet coherent.
[[nodiscard]] const sturdy_script& hold_script();
/// ARGV: a holder. Returns 1 when the lease was its own and is free now, else 0.
[[nodiscard]] const script& release_script();
/// ARGV: a value, its life; with KEYS[2], a lease, also who must hold it. Returns 1, or 0 when that one does
/// not.
[[nodiscard]] const script& put_fact_script();
/// ARGV: a value, how many values stay, the list's life. Returns 1.
[[nodiscard]] const script& append_script();
/// ARGV: a value, another, the list's life. Returns 1, or 0 when the list does not have the first one.
[[nodiscard]] const script& replace_script();
/// ARGV: how many values, how many bytes they may have together. Returns the last of a list, newest first.
[[nodiscard]] const script& list_script();
/// ARGV: the set's life, places. Returns 1.
[[nodiscard]] const script& mark_script();

}  // namespace ctxcache::redis
