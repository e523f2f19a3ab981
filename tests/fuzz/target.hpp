#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"

/// What libFuzzer calls with each input. A target is one file that defines `try_input`, which looks at
/// whatever bytes come and asserts what must hold of them (CTX_ASSERT).
void try_input(std::string_view bytes);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  try_input({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
