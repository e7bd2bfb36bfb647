# DOWNBEAT_SANITIZE is the value for -fsanitize=: "address,undefined" or "thread". Debug information
# contains line numbers only: reports need no more, and building takes a fifth less time.
set(DOWNBEAT_SANITIZE "" CACHE STRING "Sanitizers to build everything under")
if(DOWNBEAT_SANITIZE)
  add_compile_options(-fsanitize=${DOWNBEAT_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${DOWNBEAT_SANITIZE})
  if(DOWNBEAT_SANITIZE MATCHES "undefined")
    # This check opens a pipe each time. When there are no file descriptors left, as in a test, it
    # takes every object for a wrong one, and ends the process.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(DOWNBEAT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # ThreadSanitizer does not support Asio's fences, and GCC warns about that in every file.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# With clang: instruments everything for libFuzzer, which needs to see code coverage.
option(DOWNBEAT_FUZZ "Build the fuzz targets" OFF)
if(DOWNBEAT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
