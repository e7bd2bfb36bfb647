# CTest includes this through discover_tests.cmake for each test program: adds the tests in
# `program` with `label`. The file `list` caches their names until the program is built again.
if(NOT EXISTS ${program})
  add_test("${label} is not built" ${program})
  set_tests_properties("${label} is not built" PROPERTIES LABELS ${label})
  return()
endif()

if(NOT EXISTS ${list} OR ${program} IS_NEWER_THAN ${list})
  # Catch2 2 knows the first option and returns the number of tests as exit code; Catch2 3 knows the
  # second.
  execute_process(COMMAND ${program} --list-test-names-only OUTPUT_VARIABLE names
                  RESULT_VARIABLE count ERROR_QUIET)
  # Makes a name that matches no test a failure; Catch2 3 does so by itself.
  set(strict " --warn NoTests")
  if(names STREQUAL "" OR names MATCHES "Unrecognised token: --list-test-names-only")
    set(strict "")
    execute_process(COMMAND ${program} --list-tests --verbosity quiet OUTPUT_VARIABLE names
                    RESULT_VARIABLE failure)
    if(NOT failure EQUAL 0)
      message(FATAL_ERROR "${program} does not list its tests: ${failure}")
    endif()
  endif()
  set(text "")
  while(names MATCHES "^([^\n]*)\n(.*)$")
    set(name "${CMAKE_MATCH_1}")
    set(names "${CMAKE_MATCH_2}")
    string(STRIP "${name}" name)
    if(name STREQUAL "")
      continue()
    endif()
    # Escapes the characters that have a meaning in a test specification.
    string(REPLACE "\\" "\\\\" specification "${name}")
    string(REPLACE "," "\\," specification "${specification}")
    string(REPLACE "[" "\\[" specification "${specification}")
    string(APPEND text "add_test([==[${label}: ${name}]==] [==[${program}]==] [==[${specification}]==]${strict})\n"
           "set_tests_properties([==[${label}: ${name}]==] PROPERTIES LABELS ${label})\n")
  endwhile()
  file(WRITE ${list} "${text}")
endif()
include(${list})
