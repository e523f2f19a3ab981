# ctx_room(NAME LINKS …): the room src/NAME as the static library ctx_NAME.
# Sources are the .cpp files of its folder; those that end in _test.cpp, _redistest.cpp or _pgtest.cpp become
# the room's test program NAME_test. WITH_ASIO rooms share one precompiled header, made in base.
function(ctx_room name)
  cmake_parse_arguments(ROOM "WITH_ASIO" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(redis|pg)?test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_(redis|pg)?test\\.cpp$")

  add_library(ctx_${name} STATIC ${sources})
  target_link_libraries(ctx_${name} PUBLIC ctx_options ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY CTX_ROOMS ctx_${name})
  if(ROOM_WITH_ASIO)
    ctx_use_asio(ctx_${name})
  endif()

  if(CTX_BUILD_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ctx_${name} ${ROOM_PRIVATE_LINKS} ctx_test_support rapidcheck
                          GTest::gmock GTest::gtest_main)
    if(ROOM_WITH_ASIO)
      ctx_use_asio(${name}_test)
    endif()
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES TIMEOUT 300)
  endif()
endfunction()

# Gives a target Asio and the precompiled header of the rooms that use it.
function(ctx_use_asio target)
  target_link_libraries(${target} PRIVATE ctx_asio_options)
  if(NOT target STREQUAL "ctx_asio")
    target_precompile_headers(${target} REUSE_FROM ctx_asio)
  endif()
endfunction()
