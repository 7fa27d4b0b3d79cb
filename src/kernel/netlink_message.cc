#include "kernel/netlink_message.h"

#include <arpa/inet.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>

namespace firebreak::netlink {
namespace {

// Everything is padded to words; the padding of the last may be missing.
std::size_t step(std::size_t size, std::size_t left) {
  return std::min<std::size_t>(NLMSG_ALIGN(size), left);
}

}  // namespace

Result<void> each_message(std::string_view dump, const std::function<void(const Message&)>& visit) {
  while (const auto header = read<nlmsghdr>(dump)) {
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > dump.size()) break;
    if (header->nlmsg_type == NLMSG_DONE) return {};
    visit(
        {header->nlmsg_type, dump.substr(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr))});
    dump.remove_prefix(step(header->nlmsg_len, dump.size()));
  }
  return fail(ErrorKind::kBadData, "the kernel's answer is not whole");
}

void Attributes::each(const std::function<void(int, std::string_view)>& visit) const {
  std::string_view rest = bytes_;
  while (const auto header = read<nlattr>(rest)) {
    if (header->nla_len < sizeof(nlattr) || header->nla_len > rest.size()) return;
    visit(header->nla_type & NLA_TYPE_MASK,
          rest.substr(sizeof(nlattr), header->nla_len - sizeof(nlattr)));
    rest.remove_prefix(step(header->nla_len, rest.size()));
  }
}

std::string_view Attributes::operator[](int type) const {
  std::string_view out;
  each([&](int found, std::string_view data) {
    if (found == type) out = data;
  });
  return out;
}

bool Attributes::has(int type) const {
  bool out = false;
  each([&](int found, std::string_view) { out = out || found == type; });
  return out;
}

std::string_view Attributes::text(int type) const {
  const std::string_view data = (*this)[type];
  return data.substr(0, data.find('\0'));
}

std::optional<IpAddress> address_of(std::string_view bytes) {
  if (const auto word = read<std::uint32_t>(bytes); word && bytes.size() == sizeof *word) {
    return IpAddress::v4(ntohl(*word));
  }
  std::array<std::uint8_t, 16> all{};
  if (bytes.size() != all.size()) return std::nullopt;
  std::memcpy(all.data(), bytes.data(), all.size());
  return IpAddress::v6(all);
}

}  // namespace firebreak::netlink
