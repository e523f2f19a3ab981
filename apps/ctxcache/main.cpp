#include <cstdio>
#include <exception>

#include "cli.hpp"

int main(int argc, char** argv) {
  try {
    return static_cast<int>(ctxcache::client::run(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(ctxcache::client::exit_code::failure);
  }
}
