# libctxcache: the rooms that an embedder needs as one archive, for find_package(ctxcache) and pkg-config.
include(CMakePackageConfigHelpers)

add_library(ctxcache STATIC)
foreach(room asio base model l1 flight coherence redis core)
  target_sources(ctxcache PRIVATE $<TARGET_OBJECTS:ctx_${room}>)
endforeach()
set_target_properties(ctxcache PROPERTIES LINKER_LANGUAGE CXX)
target_compile_features(ctxcache PUBLIC cxx_std_20)
target_include_directories(ctxcache PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>
                                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Asio is compiled into the archive; whoever includes it must see declarations only.
target_compile_definitions(ctxcache PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(ctxcache PUBLIC Boost::headers Threads::Threads PRIVATE Boost::url spdlog::spdlog OpenSSL::Crypto hiredis
                      xxhash zstd)

install(TARGETS ctxcache EXPORT ctxcache)
install(DIRECTORY include/ctxcache DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ctxcache NAMESPACE ctxcache:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ctxcache)
configure_package_config_file(cmake/ctxcacheConfig.cmake.in ctxcacheConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ctxcache)
write_basic_package_version_file(ctxcacheConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/ctxcache.pc.in ctxcache.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ctxcacheConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ctxcacheConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ctxcache)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ctxcache.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
