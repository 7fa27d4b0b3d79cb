# firebreak_module(NAME LIBS …): src/NAME/*.cc as a static library firebreak_NAME, and src/NAME/*_test.cc
# as the test program NAME_test. Globbing means that a source that exists is a source that is built.
function(firebreak_module NAME)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${NAME}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  add_library(firebreak_${NAME} STATIC ${sources})
  target_link_libraries(firebreak_${NAME} PUBLIC firebreak_options ${ARG_LIBS})
  if(tests)
    add_executable(${NAME}_test ${tests})
    target_link_libraries(${NAME}_test PRIVATE firebreak_${NAME} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${NAME}_test TEST_PREFIX "${NAME}." PROPERTIES LABELS unit TIMEOUT 900
                         WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_MODE PRE_TEST)
  endif()
endfunction()
