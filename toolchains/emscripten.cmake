# Debian's Emscripten, without `emcmake`: that hands Node an option which newer versions refuse.
set(EMSCRIPTEN_ROOT_PATH /usr/share/emscripten)
include(${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake)

find_program(NODE_EXECUTABLE NAMES node nodejs REQUIRED NO_CMAKE_FIND_ROOT_PATH)
set(CMAKE_CROSSCOMPILING_EMULATOR ${NODE_EXECUTABLE})

# Emscripten looks for its JavaScript parser beside a Node of Debian's own. A Node from elsewhere
# does not look there by itself.
set(ENV{NODE_PATH} /usr/share/nodejs)
