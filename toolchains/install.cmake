# cmake --install BUILD --prefix WHERE installs the server, and the core as a library for
# find_package(downbeat) with the target downbeat::core. --component runtime installs the server
# only.
include(CMakePackageConfigHelpers)

install(TARGETS downbeat RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(
  DIRECTORY deploy docs
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT runtime
  PATTERN Dockerfile EXCLUDE)

set_target_properties(downbeat_core PROPERTIES EXPORT_NAME core)
add_library(downbeat::core ALIAS downbeat_core)
install(TARGETS downbeat_core EXPORT downbeat ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                      COMPONENT development)
install(
  DIRECTORY core/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/downbeat
  COMPONENT development
  FILES_MATCHING
  PATTERN *.hpp)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/downbeat)
install(EXPORT downbeat NAMESPACE downbeat:: DESTINATION ${package} FILE downbeat-config.cmake
        COMPONENT development)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/downbeat-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/downbeat-config-version.cmake DESTINATION ${package}
        COMPONENT development)
