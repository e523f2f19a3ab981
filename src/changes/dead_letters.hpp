#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "changes/intake.hpp"

namespace ctxcache::changes {

/// The fleet's list of events that could not be applied. Belongs to the store's executor.
class dead_letter_list {
 public:
  /// What is longer is left out of a letter, which cannot be replayed then: a thousand letters are read at
  /// once.
  static constexpr std::size_t kept_document_bytes_max = std::size_t{64} << 10;

  dead_letter_list(std::shared_ptr<shared_store> shared, std::size_t most)
      : shared_(std::move(shared)), most_(most) {}

  /// The oldest leaves when there are too many.
  [[nodiscard]] boost::asio::awaitable<result<void>> add(dead_letter one, deadline until);
  /// Oldest first.
  [[nodiscard]] boost::asio::awaitable<result<std::vector<dead_letter>>> all(deadline until);

  struct stored {
    std::string text;  ///< its value in the list
    dead_letter letter;
  };
  [[nodiscard]] boost::asio::awaitable<result<std::optional<stored>>> find(std::string number,
                                                                           deadline until);
  [[nodiscard]] boost::asio::awaitable<result<void>> remove(stored one, deadline until);

 private:
  const std::shared_ptr<shared_store> shared_;
  const std::size_t most_;
};

/// A letter as it stands in the list: one JSON object.
[[nodiscard]] std::string to_text(const dead_letter& one);
/// Nothing for what `to_text` has not made.
[[nodiscard]] std::optional<dead_letter> letter_from(const std::string& text);

}  // namespace ctxcache::changes
