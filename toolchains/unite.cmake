# Most of the time that a file takes to compile goes into headers and templates that its neighbours need,
# too. DOWNBEAT_UNITE compiles neighbours together. It is off for debuggers and for coverage.
option(DOWNBEAT_UNITE "Compile several files of a folder as one" OFF)

# downbeat_unite_by_folder(TARGET KILOBYTES [SHIPPED]): unites the files of each folder, where files are united at all,
# into batches of equal size with at most so many kilobytes of source. That is few enough for all jobs to be
# busy, and for whoever changes one file not to wait long; clang-tidy takes a folder at once. Two files of a
# folder may then not have the same name for something in their unnamed namespaces. What is shipped is
# compiled file by file for a release: united, a call may find another function in a neighbour, without a
# warning. CMake leaves out files that have options of their own.
function(downbeat_unite_by_folder target kilobytes)
  if(NOT DOWNBEAT_UNITE AND NOT DOWNBEAT_TIDY)
    return()
  endif()
  if("SHIPPED" IN_LIST ARGN AND CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A united file includes .cpp files, whose unnamed namespaces GCC then takes for a header's.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()

  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  list(SORT sources)
  set(folders "")
  foreach(source IN LISTS sources)
    get_filename_component(path ${source} ABSOLUTE)
    get_filename_component(folder ${path} DIRECTORY)
    file(SIZE ${path} size)
    list(APPEND folders ${folder})
    list(APPEND sources_in_${folder} ${source})
    math(EXPR size_of_${folder} "0${size_of_${folder}} + ${size}")
    set(size_of_${source} ${size})
  endforeach()

  list(REMOVE_DUPLICATES folders)
  foreach(folder IN LISTS folders)
    get_filename_component(name ${folder} NAME)
    set(batches 1)
    if(NOT DOWNBEAT_TIDY)
      math(EXPR batches "${size_of_${folder}} / (${kilobytes} * 1024) + 1")
    endif()
    set(before 0)
    foreach(source IN LISTS sources_in_${folder})
      # The batch in which the middle of the file falls.
      math(EXPR batch "(2 * ${before} + ${size_of_${source}}) * ${batches} / (2 * ${size_of_${folder}}) + 1")
      math(EXPR before "${before} + ${size_of_${source}}")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${name}_${batch})
    endforeach()
  endforeach()
endfunction()
