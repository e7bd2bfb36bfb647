# Every target of our own links `downbeat_warnings`: a warning is an error.
add_library(downbeat_warnings INTERFACE)
target_compile_options(
  downbeat_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Werror)

# False positives of GCC 12 inside its own std::string and std::variant after inlining; clang does
# not report them.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(downbeat_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
