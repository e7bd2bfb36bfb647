# Writes the commit of the sources as a string for C++ and JSON:
#   cmake -DSOURCE=FOLDER -DOUT=FILE -P commit.cmake
# Does not touch the file if nothing has changed, so that nothing is rebuilt.

# git archive, which GitHub uses, replaces this with the commit.
set(archived "$Format:%H$")

# Without a repository, as in a container's build, the environment variable DOWNBEAT_COMMIT has the
# commit.
set(given "$ENV{DOWNBEAT_COMMIT}")

set(commit "unknown")
if(archived MATCHES "^[0-9a-f]+$")
  string(SUBSTRING ${archived} 0 12 commit)
elseif(given MATCHES "^[0-9a-f]+(-dirty)?$")
  set(commit ${given})
else()
  # An unpacked archive may be inside a different repository.
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
