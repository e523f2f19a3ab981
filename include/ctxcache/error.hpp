#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string_view>
#include <type_traits>

namespace ctxcache {

/// Everything that can go wrong, closed: foreign errors become one of these at the edge of their room.
enum class errc {
  invalid_key =
      1,  ///< An id is empty, too long or not UTF-8, or a key's text is malformed. Correct the call.
  unknown_agent_type,    ///< The agent type is not in the configured list. Correct the call or the
                         ///< configuration.
  invalid_pattern,       ///< A glob pattern is empty or longer than 256 bytes. Correct the call.
  invalid_request,       ///< A request is malformed in another way. Correct the call.
  invalid_document,      ///< A stored value is not a JSON object. Correct the call.
  too_large,             ///< A body, document or answer is over its limit. Send or configure less.
  customer_unknown,      ///< Every required section came back empty. Remembered for a short while.
  not_cached,            ///< Only a cached value was asked for and there is none. Ask without that limit.
  deadline_exceeded,     ///< The request's time ran out. Retry, or give it more.
  provider_unavailable,  ///< A provider could not be reached, or broke off. Retry later.
  provider_timeout,      ///< A provider did not answer within the section's timeout. Retry later.
  provider_failed,       ///< A provider answered, with an error or with what is not valid JSON. See its log.
  l2_unavailable,        ///< Redis cannot be reached, or the breaker skips it. Service goes on without L2.
  l2_timeout,            ///< Redis did not answer within the L2 budget. Service goes on without L2.
  log_unavailable,  ///< The fleet's log cannot be reached, and the invalidation could not be queued on disk.
                    ///< Nothing is done. Retry, or configure a journal.
  position_lost,    ///< The log has begun another epoch since. Invalidate again.
  l2_failed,  ///< Redis answered with an error (out of memory, no permission). See its message in the log.
  corrupt_value,   ///< A value in L2 cannot be decoded or belongs to another key. Treated as a miss.
  overloaded,      ///< A queue or a concurrency cap is full. Retry after the time given.
  shutting_down,   ///< No new work is taken. Retry elsewhere.
  invalid_config,  ///< The configuration cannot work. The message says where and why.
  internal,        ///< A defect. Report it with the request id.
};

using error_code = boost::system::error_code;

/// A value or an errc. A tier's miss is not an error: it is a result that holds null.
template <class T>
using result = boost::system::result<T>;

[[nodiscard]] const boost::system::error_category& error_category() noexcept;
[[nodiscard]] error_code make_error_code(errc code) noexcept;

/// The stable name of an error of ours ("customer_unknown"), as problem details carry it; "internal" for
/// others.
[[nodiscard]] std::string_view code_name(const error_code& error) noexcept;

}  // namespace ctxcache

template <>
struct boost::system::is_error_code_enum<ctxcache::errc> : std::true_type {};
