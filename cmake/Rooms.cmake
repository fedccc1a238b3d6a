# A "room" is one folder of the architecture and one static library: every .cpp
# directly inside the folder belongs to it. docs/architecture.md names them all.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

add_library(trueque_warnings INTERFACE)
target_compile_options(trueque_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
# GCC 12 sees overlapping and overlong copies in `"text" + string` where there are none
# (its bug 105651), the latter only with precompiled headers.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(trueque_warnings INTERFACE -Wno-restrict -Wno-array-bounds
    -Wno-stringop-overflow)
endif()

# trueque_room(<target> <dependencies...>)
function(trueque_room target)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ARGN})
    return()
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${ARGN} PRIVATE trueque_warnings)
endfunction()

# trueque_program(<name> <dependencies...>): the room's main.cpp.
function(trueque_program name)
  if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
    return()
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${ARGN} trueque_warnings)
endfunction()

# trueque_precompile(<target> <headers...>): parses heavy library headers once for
# the target instead of once a file.
option(TRUEQUE_PRECOMPILED_HEADERS "Precompile the libraries' heavy headers" ON)
function(trueque_precompile target)
  if(NOT TRUEQUE_PRECOMPILED_HEADERS OR NOT TARGET ${target})
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <chrono> <functional> <map> <memory> <mutex>
    <optional> <span> <string> <unordered_map> <vector> ${ARGN})
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()
