# Debian's Emscripten, without `emcmake`, which passes an option to Node that newer versions refuse.
set(EMSCRIPTEN_ROOT_PATH /usr/share/emscripten)
include(${EMSCRIPTEN_ROOT_PATH}/cmake/Modules/Platform/Emscripten.cmake)

find_program(NODE_EXECUTABLE NAMES node nodejs REQUIRED NO_CMAKE_FIND_ROOT_PATH)
set(CMAKE_CROSSCOMPILING_EMULATOR ${NODE_EXECUTABLE})

# Debian's Emscripten has its JavaScript parser in a folder where only Debian's own Node looks.
set(ENV{NODE_PATH} /usr/share/nodejs)
