# Language, warnings, and the tools that make small rebuilds fast.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(FIREBREAK_WERROR "Treat warnings as errors" OFF)
set(FIREBREAK_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")
option(FIREBREAK_LIBFUZZER "Build fuzz targets with libFuzzer (clang)" OFF)

add_library(firebreak_options INTERFACE)
target_include_directories(firebreak_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(firebreak_options INTERFACE FIREBREAK_VERSION="${PROJECT_VERSION}")
target_compile_options(firebreak_options INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(FIREBREAK_WERROR)
  target_compile_options(firebreak_options INTERFACE -Werror)
endif()
if(FIREBREAK_SANITIZE)
  target_compile_options(firebreak_options INTERFACE -fsanitize=${FIREBREAK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(firebreak_options INTERFACE -fsanitize=${FIREBREAK_SANITIZE})
  # g++ 12 sees uninitialised values in instrumented library code that are not there.
  target_compile_options(firebreak_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(FIREBREAK_LIBFUZZER)  # the libraries report their coverage too, or the fuzzer is blind
  target_compile_options(firebreak_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(FIREBREAK_CCACHE ccache)
if(FIREBREAK_CCACHE)
  # Paths below the source folder count as relative, so that another checkout hits the same cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${FIREBREAK_CCACHE})
endif()
find_program(FIREBREAK_MOLD mold)
if(FIREBREAK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
