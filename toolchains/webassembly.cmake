# What everything compiled to WebAssembly has in common. Every browser since 2021 copies memory with
# one instruction; a loop instead makes relaying a sixth slower.
add_compile_options(-mbulk-memory)
add_link_options(-mbulk-memory)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # A page loads all of it: functions are copied into their callers only where they are small, which
  # makes it a tenth smaller and a tenth slower.
  add_compile_options(-O3 -flto -mllvm -inline-threshold=50)
  add_link_options(-O3 -flto -Wl,-mllvm,-inline-threshold=90)
endif()

# Nothing that a product is made of throws: a library or program links one of these two. Only the
# tests need exceptions, for Catch2, and take WebAssembly's own.
add_library(downbeat_without_exceptions INTERFACE)
target_compile_options(downbeat_without_exceptions INTERFACE -fno-exceptions -fno-rtti)
add_library(downbeat_with_exceptions INTERFACE)
target_compile_options(downbeat_with_exceptions INTERFACE -fwasm-exceptions)
target_link_options(downbeat_with_exceptions INTERFACE -fwasm-exceptions)

# Makes a test program one that Node runs, with the file system that it has natively.
function(downbeat_node_program target)
  # The linker finds its JavaScript parser also from a shell that knows nothing of toolchains.
  set_target_properties(
    ${target} PROPERTIES SUFFIX .cjs RULE_LAUNCH_LINK
                                     "${CMAKE_COMMAND} -E env NODE_PATH=/usr/share/nodejs")
  target_link_libraries(${target} PRIVATE downbeat_with_exceptions)
  target_link_options(
    ${target}
    PRIVATE
    -sALLOW_MEMORY_GROWTH
    -sTOTAL_STACK=4194304
    -sENVIRONMENT=node
    -sEXIT_RUNTIME
    -sNODERAWFS
    --pre-js
    ${CMAKE_SOURCE_DIR}/toolchains/node-without-fetch.js)
endfunction()
