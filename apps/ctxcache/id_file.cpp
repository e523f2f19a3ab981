#include "id_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace ctxcache::client {
namespace {

struct closer {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

outcome<std::string> read_input(const std::string& path, std::size_t bytes_max) {
  const auto because = [&](const std::string& why) { return failure{exit_code::failure, path + ": " + why}; };
  const std::unique_ptr<std::FILE, closer> file{path == "-" ? stdin : std::fopen(path.c_str(), "rb")};
  if (!file) return because(std::strerror(errno));
  std::string text;
  char block[16'384];
  while (const auto count = std::fread(block, 1, sizeof block, file.get())) {
    text.append(block, count);
    if (text.size() > bytes_max) return because("is larger than " + std::to_string(bytes_max) + " bytes");
  }
  if (std::ferror(file.get()) != 0) return because(std::strerror(errno));
  return text;
}

}  // namespace ctxcache::client
