# discover_tests(TARGET LABEL) makes each test case of a Catch2 program a test of CTest, so that an
# IDE lists it and `ctest -R` finds it. The names are read when CTest runs and not in the build.
# (Catch2's own module can do that only from version 3 on.)
function(discover_tests target label)
  if(CMAKE_CROSSCOMPILING)
    add_test(NAME ${label} COMMAND ${target})
    set_tests_properties(${label} PROPERTIES LABELS ${label})
    return()
  endif()
  set(script ${CMAKE_CURRENT_BINARY_DIR}/${target}_discover.cmake)
  file(
    GENERATE
    OUTPUT ${script}
    CONTENT
      "set(program [==[$<TARGET_FILE:${target}>]==])
set(label [==[${label}]==])
set(list [==[${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake]==])
include([==[${PROJECT_SOURCE_DIR}/toolchains/add_discovered_tests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${script})
endfunction()
