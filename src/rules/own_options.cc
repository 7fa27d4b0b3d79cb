// iptables' own options: addresses, interfaces, protocol, fragments (iptables(8), "PARAMETERS").
#include "base/text.h"
#include "rules/rule_sink.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

void read_address(const SaveOption& option, End end, RuleSink& sink) {
  auto ranges = parse_masked(option.value(), sink.family());
  if (!ranges) return sink.error(option, "not an address of this family, with or without a mask");
  if (ranges->empty()) return sink.not_understood(option.text);
  sink.add(OnAddress{end, *std::move(ranges)}, option.negated);
}

void read_interface(const SaveOption& option, OnInterface::Side side, RuleSink& sink) {
  if (option.value().empty()) return sink.error(option, "not the name of an interface");
  NamePattern pattern = parse_interface(option.value());
  if (!pattern.name.empty()) {
    return sink.add(OnInterface{side, {std::move(pattern)}}, option.negated);
  }
  // "+" is any interface, and none.
  if (option.negated) sink.never();
}

void read_protocol(const SaveOption& option, RuleSink& sink) {
  if (option.value().empty()) return sink.error(option, "not a protocol");
  const auto protocol = parse_protocol_number(option.value());
  if (option.value() != "all" && !protocol) return sink.not_understood(option.text);
  if (protocol.value_or(0) != 0) return sink.add(OnProtocol{{*protocol}}, option.negated);
  if (option.negated) sink.never();  // 0 is every protocol
}

}  // namespace

void read_own_options(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    const std::string_view name = option.name;
    if (name == "-s" || name == "--source") {
      read_address(option, End::kSource, sink);
    } else if (name == "-d" || name == "--destination") {
      read_address(option, End::kDestination, sink);
    } else if (name == "-i" || name == "--in-interface") {
      read_interface(option, OnInterface::Side::kIn, sink);
    } else if (name == "-o" || name == "--out-interface") {
      read_interface(option, OnInterface::Side::kOut, sink);
    } else if (name == "-p" || name == "--protocol") {
      read_protocol(option, sink);
    } else if ((name == "-f" || name == "--fragment") && option.values.empty()) {
      // Later fragments open no connection, and connection tracking puts them together before.
      if (!option.negated) sink.never();
    } else {
      sink.not_understood(option.text);
    }
  }
}

}  // namespace firebreak
