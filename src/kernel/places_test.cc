#include "kernel/places.h"

#include <gmock/gmock.h>

#include "io/scripted_machine.h"

namespace firebreak {
namespace {

using testing::UnorderedElementsAre;

TEST(Places, AreTheDoorsOfTheFirstProcessInEachNamespace) {
  ScriptedMachine machine;
  ScriptedFiles files;
  for (const char* pid : {"1", "12", "34", "56"}) {
    files.put("/proc/" + std::string(pid) + "/comm", "any\n");
  }
  machine.links = {{"/proc/1/ns/net", "net:[100]"},
                   {"/proc/12/ns/net", "net:[200]"},
                   {"/proc/34/ns/net", "net:[100]"},
                   {"/proc/56/ns/net", "net:[2x]"}};
  const auto places = namespace_places(machine, files);
  ASSERT_TRUE(places);
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (const auto& [inode, place] : *places) found.emplace_back(inode, place.path);
  EXPECT_THAT(found, UnorderedElementsAre(std::pair(100, "/proc/1/ns/net"),
                                          std::pair(200, "/proc/12/ns/net")));
}

TEST(Places, AreNotKnownWhereProcessesCannotBeListed) {
  ScriptedMachine machine;
  ScriptedFiles files;
  EXPECT_FALSE(namespace_places(machine, files));
}

}  // namespace
}  // namespace firebreak
