# Each suite of ./test is a test of CTest, too: `ctest --preset suites -R 'e2e$'` runs `./test e2e`, so that an
# IDE shows all that there is. What a suite builds and runs is said in ./test alone.
set(runner ${PROJECT_SOURCE_DIR}/test)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${runner})
file(STRINGS ${runner} rows REGEX "^  '[a-z0-9-]+ +[a-z,]+ +[a-z]")
foreach(row IN LISTS rows)
  string(REGEX MATCH "[a-z0-9-]+" suite "${row}")
  add_test(NAME suite.${suite} COMMAND ${runner} ${suite} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(suite.${suite} PROPERTIES LABELS "suite;${suite}" RUN_SERIAL ON TIMEOUT 5400)
endforeach()
