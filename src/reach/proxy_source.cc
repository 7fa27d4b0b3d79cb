#include "reach/proxy_source.h"

#include <charconv>

namespace firebreak {
namespace {

constexpr int kAnswersRight = 28;

int major_version(const Engine& engine) {
  int major = 0;
  const std::string& text = engine.version;
  std::from_chars(text.data(), text.data() + text.size(), major);
  return major;
}

}  // namespace

std::optional<IpAddress> preferred_source(const Space& space, const IpAddress& destination) {
  const Routing& routing = space.routing.at(static_cast<std::size_t>(destination.family()));
  const RouteOutcome way = routing.find({.destination = destination, .source = {}});
  if (way.kind == RouteOutcome::Kind::kLocal) return destination;
  if (way.kind != RouteOutcome::Kind::kUnicast) return std::nullopt;
  if (way.source) return way.source;
  return own_address(space.link(way.link), way.gateway.value_or(destination));
}

std::optional<IpAddress> answers_from(const NetModel& model, SpaceId host,
                                      const UserlandProxy& proxy, const IpAddress& client) {
  const Engine& engine = (*model.estate)[model[host].host].engine;
  const bool lets_routing_choose = proxy.protocol == Protocol::kUdp &&
                                   proxy.host_address.is_unspecified() &&
                                   major_version(engine) < kAnswersRight;
  return lets_routing_choose ? preferred_source(model[host], client) : std::nullopt;
}

}  // namespace firebreak
