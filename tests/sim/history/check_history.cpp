// ctx_check_history FILE…: reads a history (HISTORY.md) and says what in it cannot be.
#include <algorithm>

#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "history/check.hpp"
#include "history/json_lines.hpp"

namespace {

using namespace ctxcache::history;

constexpr std::size_t printed_max = 50;

history read_all(const std::vector<std::string>& files) {
  history all;
  for (const auto& file : files) {
    std::ifstream in{file};
    if (!in) throw std::runtime_error{file + ": cannot be opened"};
    try {
      all = read_lines(in, std::move(all));
    } catch (const std::exception& error) {
      throw std::runtime_error{file + ": " + error.what()};
    }
  }
  if (all.bounds.licence.count() == 0) throw std::runtime_error{"the line with the constants is missing"};
  return all;
}

int print(const history& all, const verdict& found) {
  const auto fences =
      std::ranges::count_if(all.invalidations, [](const invalidation& one) { return one.confirmed; });
  std::cout << "commits " << all.commits.size() << ", invalidations " << all.invalidations.size()
            << " (confirmed fences " << fences << "), puts " << all.puts.size() << ", reads "
            << all.reads.size() << " (qualifying " << found.qualifying_reads << "), loads "
            << all.loads.size() << ", faults " << all.faults.size() << ", violations "
            << found.violations.size() << '\n';
  for (std::size_t i = 0; i < std::min(found.violations.size(), printed_max); ++i) {
    std::cout << 'V' << found.violations[i].rule << ' ' << found.violations[i].text << '\n';
  }
  return found.violations.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: ctx_check_history FILE...\n";
    return 2;
  }
  try {
    const auto all = read_all({arguments + 1, arguments + count});
    return print(all, check(all));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
