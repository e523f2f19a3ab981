#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "ctxcache/clock.hpp"
#include "ctxcache/provider.hpp"
#include "providers/same_context.hpp"

namespace ctxcache::providers {

/// What a provider's part of a context came to, from the best to the worst.
enum class section_status : std::uint8_t { empty, ok, overloaded, timeout, failed, unavailable, count };
[[nodiscard]] std::string_view name(section_status status);

struct named_provider {
  std::string name;
  std::shared_ptr<provider> asked;
  std::chrono::milliseconds settle{0};  ///< how long it may lag behind a write
};

struct composite_section {
  section_query query;
  std::string provider;                    ///< the name of one of the providers
  std::vector<std::string> agent_types{};  ///< empty: all of them
  bool required = false;                   ///< its failure fails the load
};

struct composite_options {
  std::vector<named_provider> providers;
  std::vector<composite_section> sections;  ///< in the order in which documents show them
  std::size_t max_document_bytes = std::size_t{4} << 20;
};

/// Counts since start of what one provider was asked.
struct provider_stats {
  std::string name;
  std::array<std::uint64_t, static_cast<std::size_t>(section_status::count)> sections{};  ///< by status
  histogram::snapshot latency;
};

/// The context of a key out of all sections of its agent type, asked at once; product.md shows the document.
///
/// A load ends as soon as a required section fails, with that section's error; what was asked besides ends by
/// itself. A failed optional section is null and makes the context partial. The customer is unknown when
/// every required section is empty, or, where none is required, every section of which there is at least one.
/// errc::too_large for a document over `max_document_bytes`.
class composite final : public context_source, public std::enable_shared_from_this<composite> {
 public:
  /// Throws boost::system::system_error (errc::invalid_config) when a section names no provider of the list.
  composite(composite_options options, const clock& time);
  ~composite() override;

  /// On the executor of the caller, which is serial.
  [[nodiscard]] boost::asio::awaitable<result<provided_context>> load(key wanted, deadline until) override;

  /// Compares what is in `context`, as JSON.
  [[nodiscard]] bool same(std::string_view a, std::string_view b) const override {
    return same_context(a, b);
  }

  [[nodiscard]] std::vector<provider_stats> stats() const;
  struct provider_health {
    std::string name;
    provider::health now;
  };
  [[nodiscard]] std::vector<provider_health> report() const;
  /// Stops the providers.
  [[nodiscard]] boost::asio::awaitable<void> stop();

 private:
  struct source;
  struct section;
  struct gathering;

  void start(const boost::asio::any_io_executor& here, const std::shared_ptr<gathering>& all,
             std::size_t index, const key& wanted, deadline until);
  [[nodiscard]] result<provided_context> assemble(const gathering& from, const key& wanted) const;
  [[nodiscard]] std::string document(const gathering& from, const key& wanted, bool partial) const;
  [[nodiscard]] std::string providers_of(const gathering& from) const;

  const clock& time_;
  const std::size_t max_document_bytes_;
  std::vector<std::unique_ptr<source>> sources_;
  std::vector<section> sections_;
};

[[nodiscard]] std::shared_ptr<composite> make_composite(composite_options options,
                                                        const clock& time = machine_clock());

}  // namespace ctxcache::providers
