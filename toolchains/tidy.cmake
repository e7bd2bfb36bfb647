# DOWNBEAT_TIDY runs clang-tidy over each file that is compiled; what it finds is an error. .clang-tidy
# has the checks, and is part of the command, so that a change there checks everything anew.
option(DOWNBEAT_TIDY "Run clang-tidy while compiling" OFF)
if(DOWNBEAT_TIDY)
  find_program(CLANG_TIDY clang-tidy REQUIRED)
  file(SHA256 ${PROJECT_SOURCE_DIR}/.clang-tidy checks)
  set(CMAKE_CXX_CLANG_TIDY
      ${CLANG_TIDY} --quiet --warnings-as-errors=* --extra-arg=-Wno-unknown-warning-option
      --extra-arg=-DCHECKS_${checks})
endif()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # A united file includes .cpp files, whose unnamed namespaces GCC then takes for a header's.
  add_compile_options(-Wno-subobject-linkage)
endif()

# downbeat_unite_by_folder(TARGET): where files are united, those of one folder are, and no more. Two
# files of a folder may then not have the same name for something in their unnamed namespaces.
function(downbeat_unite_by_folder target)
  if(CMAKE_UNITY_BUILD)
    set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
      get_filename_component(folder ${source} DIRECTORY)
      string(MAKE_C_IDENTIFIER "in_${folder}" group)
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
    endforeach()
  endif()
endfunction()
