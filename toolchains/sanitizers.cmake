# DOWNBEAT_SANITIZE names what -fsanitize= takes: "address,undefined" or "thread".
set(DOWNBEAT_SANITIZE "" CACHE STRING "Sanitizers to build everything under")
if(DOWNBEAT_SANITIZE)
  add_compile_options(-fsanitize=${DOWNBEAT_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${DOWNBEAT_SANITIZE})
  if(DOWNBEAT_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio's fences are not modelled by the sanitizer, and GCC says so in every file.
    add_compile_options(-Wno-tsan)
  endif()
endif()

# With clang: everything tells libFuzzer which ways it takes, so that it finds new ones.
option(DOWNBEAT_FUZZ "Build the fuzz targets" OFF)
if(DOWNBEAT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
