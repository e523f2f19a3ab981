# Every third-party package, found once. One name, one room: see ARCHITECTURE.md.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(date REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
if(CTX_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(CTX_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()

# What every one of our targets is compiled with.
add_library(ctx_options INTERFACE)
target_compile_features(ctx_options INTERFACE cxx_std_20)
target_include_directories(ctx_options INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
target_compile_options(ctx_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fno-omit-frame-pointer)
# Designated initialisers leave out what has a default, on purpose.
target_compile_options(ctx_options INTERFACE -Wno-missing-field-initializers)
# False positives of GCC 12 in the standard library and in coroutine frames (GCC bugs 105562, 105329, 98765).
target_compile_options(ctx_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer>)
# Everywhere the same, so that programs can use the libraries' precompiled header.
target_compile_options(ctx_options INTERFACE -fPIC -D_FILE_OFFSET_BITS=64)
target_compile_definitions(ctx_options INTERFACE CTX_VERSION="${PROJECT_VERSION}")

if(CTX_SANITIZE)
  target_compile_options(ctx_options INTERFACE -fsanitize=${CTX_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(ctx_options INTERFACE -fsanitize=${CTX_SANITIZE})
  if(CTX_SANITIZE MATCHES "thread")
    # Asio's fenced blocks; what they order is ordered by its mutexes as well.
    target_compile_options(ctx_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # The same bugs of GCC 12 under -O2: an overrun in std::string's operator+ that is none; a coroutine's frame
  # that is said to be freed by another function than allocated it (GCC bug 109224).
  target_compile_options(ctx_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds -Wno-stringop-overflow -Wno-mismatched-new-delete>)
  target_compile_options(ctx_options INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
    -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  target_link_options(ctx_options INTERFACE -Wl,-z,relro,-z,now)
endif()
# -g1: line tables are enough for a stack trace, and full debug information doubles compile and link times.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_CXX_EXTENSIONS OFF)

# Asio for the rooms that do I/O: its implementation is compiled once, in src/base/asio.cpp.
add_library(ctx_asio_options INTERFACE)
target_link_libraries(ctx_asio_options INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(ctx_asio_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE
  BOOST_BEAST_SEPARATE_COMPILATION)
