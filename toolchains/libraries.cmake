# The libraries that this project uses. Natively their own CMake packages are used, from any place
# where CMake finds them (CMAKE_PREFIX_PATH, vcpkg, the system). Without a package, and always for
# WebAssembly, only their headers are used. A cross compiler must not see all of /usr/include, so
# each library is linked into a folder of its own in the build tree.
#
# header_library(TARGET HEADER PACKAGE NAME [VERSION] IMPORTED NAME) makes an interface library that
# finds HEADER.
function(header_library target header)
  cmake_parse_arguments(PARSE_ARGV 2 of "" "IMPORTED" "PACKAGE")
  add_library(${target} INTERFACE)
  if(NOT CMAKE_CROSSCOMPILING)
    find_package(${of_PACKAGE} QUIET CONFIG)
    if(TARGET ${of_IMPORTED})
      target_link_libraries(${target} INTERFACE ${of_IMPORTED})
      return()
    endif()
  endif()

  string(REGEX REPLACE "/.*" "" library "${header}")
  find_path(${target}_root ${header} PATHS /usr/include /usr/local/include
            NO_CMAKE_FIND_ROOT_PATH NO_CACHE)
  if(NOT ${target}_root)
    message(FATAL_ERROR "${header} was not found; ./run and ./test install what is missing")
  endif()
  set(folder ${CMAKE_BINARY_DIR}/system-headers)
  file(MAKE_DIRECTORY ${folder})
  file(CREATE_LINK ${${target}_root}/${library} ${folder}/${library} SYMBOLIC)
  target_include_directories(${target} SYSTEM INTERFACE ${folder})
endfunction()

# Imported targets are visible only in this folder and below, so all are looked for here at the top.
if(NOT EMSCRIPTEN)
  find_package(Threads REQUIRED)
  find_package(spdlog REQUIRED)
  find_package(OpenSSL 3.0 REQUIRED)
  # STRICT tables.
  find_package(SQLite3 3.37 REQUIRED)
  # Packages of some systems have no CMake configuration of it.
  find_library(hiredis_file hiredis REQUIRED)
  header_library(hiredis_library hiredis/hiredis.h PACKAGE hiredis IMPORTED hiredis::hiredis)
  target_link_libraries(hiredis_library INTERFACE ${hiredis_file})
  header_library(boost_headers boost/version.hpp PACKAGE Boost 1.81 IMPORTED Boost::headers)
  header_library(cli11_headers CLI/CLI.hpp PACKAGE CLI11 IMPORTED CLI11::CLI11)
endif()
if(DOWNBEAT_TESTS OR NOT EMSCRIPTEN)
  header_library(nlohmann_json_headers nlohmann/json.hpp PACKAGE nlohmann_json
                 IMPORTED nlohmann_json::nlohmann_json)
endif()
set(catch2_2 catch2/catch.hpp)
if(DOWNBEAT_TESTS AND NOT CMAKE_CROSSCOMPILING)
  find_package(Catch2 QUIET CONFIG)
elseif(DOWNBEAT_TESTS)
  # Catch2 3 is a compiled library, for this machine only.
  find_path(catch2_header ${catch2_2} PATHS /usr/include /usr/local/include
            NO_CMAKE_FIND_ROOT_PATH NO_CACHE)
  if(NOT catch2_header)
    message(STATUS "${catch2_2} (Catch2 2) was not found: no tests in WebAssembly")
    set(DOWNBEAT_TESTS OFF)
  endif()
endif()
if(DOWNBEAT_TESTS AND TARGET Catch2::Catch2WithMain AND Catch2_VERSION VERSION_GREATER_EQUAL 3)
  # The tests use the header of Catch2 2; with version 3, a replacement header provides the same.
  add_library(catch2_headers INTERFACE)
  target_link_libraries(catch2_headers INTERFACE Catch2::Catch2WithMain)
  target_include_directories(catch2_headers SYSTEM
                             INTERFACE ${PROJECT_SOURCE_DIR}/tests/support/catch2-v3)
elseif(DOWNBEAT_TESTS)
  header_library(catch2_headers ${catch2_2} PACKAGE Catch2 IMPORTED Catch2::Catch2)
endif()
