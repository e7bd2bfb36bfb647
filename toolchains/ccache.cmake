# Uses ccache if it is installed. Paths are relative to the sources, so that other clones share the
# cache; a debugger may then show the path of another clone.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      # Needed for precompiled headers.
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
