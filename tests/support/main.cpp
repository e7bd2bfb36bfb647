#ifdef __EMSCRIPTEN__
// Under Node every file looks like a terminal.
#define CATCH_CONFIG_COLOUR_NONE
#endif
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
