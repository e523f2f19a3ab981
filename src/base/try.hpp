#pragma once

#include <utility>

#define CTX_CONCAT_INNER(a, b) a##b
#define CTX_CONCAT(a, b) CTX_CONCAT_INNER(a, b)
#define CTX_TRY_INNER(leave, temporary, declaration, ...) \
  auto temporary = (__VA_ARGS__);                         \
  if (!(temporary).has_value()) leave(temporary).error(); \
  declaration = std::move(*(temporary))

/// CTX_TRY(auto value, expression): the value of a result, or return its error to the caller.
#define CTX_TRY(declaration, ...) \
  CTX_TRY_INNER(return, CTX_CONCAT(ctx_try_, __LINE__), declaration, __VA_ARGS__)
/// The same in a coroutine.
#define CTX_CO_TRY(declaration, ...) \
  CTX_TRY_INNER(co_return, CTX_CONCAT(ctx_try_, __LINE__), declaration, __VA_ARGS__)
