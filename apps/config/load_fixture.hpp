#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "support/child_process.hpp"

namespace ctxcache::config {

/// Loads text as a file, and shows what came of it without the path of that file.
class load_fixture : public testing::Test {
 protected:
  loaded from_file(const std::string& text) {
    std::ofstream(path_) << text;
    from_.file = path_;
    return load(from_);
  }

  // "3:1: message", without the path of the file.
  std::vector<std::string> texts(const std::vector<problem>& problems) const {
    std::vector<std::string> made;
    for (const auto& one : problems) {
      const auto text = to_string(one);
      made.push_back(text.starts_with(path_ + ":") ? text.substr(path_.size() + 1) : text);
    }
    return made;
  }

  std::string shown(const loaded& made, std::string_view name) const {
    for (const auto& one : made.values) {
      if (one.name != name) continue;
      const bool in_file = one.origin.starts_with(path_ + ":");
      return one.value + " (" + (in_file ? "line " + one.origin.substr(path_.size() + 1) : one.origin) + ")";
    }
    return "absent";
  }

  sources from_;

 private:
  test::temporary_folder folder_;
  std::string path_ = folder_.path() + "/c.toml";
};

}  // namespace ctxcache::config
