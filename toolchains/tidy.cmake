# DOWNBEAT_TIDY runs clang-tidy over each file that is compiled; what it finds is an error. .clang-tidy
# has the checks, and is part of the command, so that a change there checks everything anew.
option(DOWNBEAT_TIDY "Run clang-tidy while compiling" OFF)
if(DOWNBEAT_TIDY)
  find_program(CLANG_TIDY clang-tidy REQUIRED)
  file(SHA256 ${PROJECT_SOURCE_DIR}/.clang-tidy checks)
  set(CMAKE_CXX_CLANG_TIDY
      ${CLANG_TIDY} --quiet --warnings-as-errors=* --extra-arg=-Wno-unknown-warning-option
      --extra-arg=-DCHECKS_${checks})
endif()
