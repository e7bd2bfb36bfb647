# Header-only libraries come from the system. A cross compiler must not see all of /usr/include,
# so each library is linked alone into a folder of the build tree.
#
# system_headers(TARGET HEADER) makes an interface library that finds HEADER.
function(system_headers target header)
  string(REGEX REPLACE "/.*" "" library "${header}")
  find_path(${target}_root ${header} PATHS /usr/include /usr/local/include
            NO_CMAKE_FIND_ROOT_PATH NO_CACHE)
  if(NOT ${target}_root)
    message(FATAL_ERROR "${header} was not found; ./run and ./test install what is missing")
  endif()
  add_library(${target} INTERFACE)
  set(folder ${CMAKE_BINARY_DIR}/system-headers)
  file(MAKE_DIRECTORY ${folder})
  file(CREATE_LINK ${${target}_root}/${library} ${folder}/${library} SYMBOLIC)
  target_include_directories(${target} SYSTEM INTERFACE ${folder})
endfunction()
