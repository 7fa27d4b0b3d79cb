#include "kernel/places.h"

#include <charconv>
#include <string_view>

#include "kernel/proc.h"

namespace firebreak {
namespace {

// "net:[4026531840]"
std::optional<std::uint64_t> inode_in(std::string_view link) {
  constexpr std::string_view kBegin = "net:[";
  if (!link.starts_with(kBegin) || !link.ends_with(']')) return std::nullopt;
  link = link.substr(kBegin.size(), link.size() - kBegin.size() - 1);
  std::uint64_t inode = 0;
  const auto [end, error] = std::from_chars(link.data(), link.data() + link.size(), inode);
  if (error != std::errc{} || end != link.data() + link.size()) return std::nullopt;
  return inode;
}

}  // namespace

Result<std::map<std::uint64_t, NamespacePlace>> namespace_places(Machine& machine, Files& files) {
  std::map<std::uint64_t, NamespacePlace> out;
  for (const int pid : TRY(all_processes(files))) {
    const std::string path = proc_path(pid, "ns/net");
    const auto target = machine.link_target(path);
    if (!target) continue;  // it has ended meanwhile, or is the kernel's
    if (const auto inode = inode_in(*target)) out.try_emplace(*inode, NamespacePlace{path, 0});
  }
  return out;
}

}  // namespace firebreak
