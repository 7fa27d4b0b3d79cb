#include "packet/space.h"

#include "base/check.h"
#include "packet/bdd.h"
#include "packet/layout.h"

namespace firebreak {
namespace {

thread_local const PacketSpace* mine = nullptr;

const std::vector<PacketField>& usual_order() {
  using enum PacketField;
  static const std::vector<PacketField> order = {
      kFamily,          kDestinationRewritten, kSourceRewritten, kUntracked,  kProtocol,
      kDestinationPort, kDestination,          kSource,          kSourcePort, kMark,
      kConnectionMark};
  return order;
}

}  // namespace

PacketSpace::PacketSpace(PacketSpaceOptions options) : options_(std::move(options)) {
  if (options_.order.empty()) options_.order = usual_order();
  table_ = std::make_unique<BddTable>(BddTableOptions{.variables = PacketLayout::kVariables,
                                                      .nodes_first = options_.nodes_first,
                                                      .nodes_most = options_.nodes_most,
                                                      .cache_entries = options_.cache_entries});
  layout_ = std::make_unique<PacketLayout>(options_.order);
  mine = this;
}

PacketSpace::~PacketSpace() {
  CHECK(mine == this);
  mine = nullptr;
}

const PacketSpace& PacketSpace::current() {
  CHECK(mine != nullptr);
  return *mine;
}

PacketSpaceStats PacketSpace::stats() const {
  const BddTableStats stats = table_->stats();
  return {.nodes = stats.nodes,
          .allocated = stats.allocated,
          .made = stats.made,
          .collections = stats.collections};
}

}  // namespace firebreak
