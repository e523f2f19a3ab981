# ctx_room(NAME LINKS …): the room src/NAME as the static library ctx_NAME.
# Sources are the .cpp files of its folder; those that end in _test.cpp, _redistest.cpp or _pgtest.cpp become
# the room's test program NAME_test, and those that end in _test_support.cpp the library NAME_test_support,
# which the tests of other rooms may link too. TEST_LINKS is what both need besides the room. WITH_ASIO rooms
# share one precompiled header, made in base.
function(ctx_room name)
  cmake_parse_arguments(ROOM "WITH_ASIO" "" "LINKS;PRIVATE_LINKS;TEST_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  set(support ${sources})
  list(FILTER sources EXCLUDE REGEX "_((redis|pg)?test|test_support)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_(redis|pg)?test\\.cpp$")
  list(FILTER support INCLUDE REGEX "_test_support\\.cpp$")

  add_library(ctx_${name} STATIC ${sources})
  target_link_libraries(ctx_${name} PUBLIC ctx_options ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY CTX_ROOMS ctx_${name})
  set(programs ctx_${name})

  set(test_links ctx_${name} ${ROOM_PRIVATE_LINKS} ctx_test_support ${ROOM_TEST_LINKS})
  if(CTX_BUILD_TESTS AND support)
    add_library(${name}_test_support STATIC ${support})
    target_link_libraries(${name}_test_support PUBLIC ${test_links} GTest::gtest)
    set(test_links ${name}_test_support)
    list(APPEND programs ${name}_test_support)
  endif()
  if(CTX_BUILD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${test_links} rapidcheck GTest::gmock GTest::gtest_main)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
    list(APPEND programs ${name}_test)
  endif()
  if(ROOM_WITH_ASIO)
    foreach(program ${programs})
      ctx_use_asio(${program})
    endforeach()
  endif()
endfunction()

# Gives a target Asio and the precompiled header of the rooms that use it.
function(ctx_use_asio target)
  target_link_libraries(${target} PRIVATE ctx_asio_options)
  if(NOT target STREQUAL "ctx_asio")
    target_precompile_headers(${target} REUSE_FROM ctx_asio)
  endif()
endfunction()
