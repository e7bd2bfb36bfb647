# Writes which commit the sources are of, as a string for C++ and JSON alike:
#   cmake -DSOURCE=FOLDER -DOUT=FILE -P commit.cmake
# The file is left alone where it says so already, so that nothing is built anew.

# Whoever makes an archive with git, as GitHub does, has the commit filled in here.
set(archived "$Format:%H$")

set(commit "unknown")
if(archived MATCHES "^[0-9a-f]+$")
  string(SUBSTRING ${archived} 0 12 commit)
else()
  # An unpacked archive may lie inside a repository of something else.
  execute_process(
    COMMAND git rev-parse --show-cdup
    WORKING_DIRECTORY ${SOURCE}
    OUTPUT_VARIABLE way_to_top
    RESULT_VARIABLE failure
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT failure AND way_to_top STREQUAL "")
    execute_process(
      COMMAND git describe --always --dirty --exclude=* --abbrev=12
      WORKING_DIRECTORY ${SOURCE}
      OUTPUT_VARIABLE described
      RESULT_VARIABLE failure
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT failure AND described MATCHES "^[0-9a-f]+(-dirty)?$")
      set(commit ${described})
    endif()
  endif()
endif()

set(text "\"${commit}\"\n")
set(before "")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT before STREQUAL text)
  file(WRITE ${OUT} ${text})
endif()
