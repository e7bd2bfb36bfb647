# Options for everything compiled to WebAssembly. All browsers since 2021 have the instruction that
# copies memory; without it, relaying is a sixth slower.
add_compile_options(-mbulk-memory)
add_link_options(-mbulk-memory)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # A page downloads all of the code: inlining only small functions makes it a tenth smaller and a
  # tenth slower.
  add_compile_options(-O3 -flto -mllvm -inline-threshold=50)
  add_link_options(-O3 -flto -Wl,-mllvm,-inline-threshold=60)
endif()

# The product throws no exceptions. Each library or program links one of these two targets; only
# tests need exceptions, for Catch2, and use WebAssembly's own.
add_library(downbeat_without_exceptions INTERFACE)
target_compile_options(downbeat_without_exceptions INTERFACE -fno-exceptions -fno-rtti)
add_library(downbeat_with_exceptions INTERFACE)
target_compile_options(downbeat_with_exceptions INTERFACE -fwasm-exceptions)
target_link_options(downbeat_with_exceptions INTERFACE -fwasm-exceptions)

# Makes a test program that Node runs, with access to the file system.
function(downbeat_node_program target)
  # Sets NODE_PATH for the linker, because the shell that builds may not have it.
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
