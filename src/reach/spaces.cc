// From the snapshot to spaces: one for each network namespace that was read.
#include <algorithm>
#include <array>
#include <string>

#include "reach/model.h"
#include "rules/ipset.h"
#include "rules/iptables.h"
#include "rules/nft.h"

namespace firebreak {
namespace {

constexpr std::array kFamilies = {Family::kV4, Family::kV6};

// Something of which nothing is known stands at every hook.
void add_unknown(Program& program, const std::string& what) {
  for (const Hook hook :
       {Hook::kPrerouting, Hook::kInput, Hook::kForward, Hook::kOutput, Hook::kPostrouting}) {
    Chain chain{.table = "unread", .name = what, .rules = {}};
    chain.rules.push_back({{}, NotUnderstood{what}, what, 0});
    program.base_chains.push_back(
        {hook, 0, BaseChain::Kind::kFilter, true, ChainId(program.chains.size())});
    program.chains.push_back(std::move(chain));
  }
  std::ranges::stable_sort(program.base_chains, {}, [](const BaseChain& base) {
    return std::pair(base.hook, base.priority);
  });
}

class ProgramReader {
 public:
  ProgramReader(const NetNamespace& state, Family family, std::vector<FlowGap>& gaps, FlowGap place,
                std::string& uncertain)
      : state_(state), gaps_(gaps), place_(std::move(place)), uncertain_(uncertain) {
    program_.family = family;
  }

  Program read() {
    const FilterTexts& texts = state_.filters;
    const bool v4 = program_.family == Family::kV4;
    take("ipset save", parse_ipset_save(texts.ipset, "ipset save", program_));
    iptables(v4 ? texts.iptables_nft : texts.ip6tables_nft,
             v4 ? "iptables-nft-save" : "ip6tables-nft-save");
    iptables(v4 ? texts.iptables_legacy : texts.ip6tables_legacy,
             v4 ? "iptables-legacy-save" : "ip6tables-legacy-save");
    nft(texts.nft);
    unread();
    return std::move(program_);
  }

 private:
  void iptables(const std::string& text, const std::string& tool) {
    take(tool, parse_iptables_save(text, tool, program_));
  }

  void nft(const std::string& text) {
    const NftReading reading = parse_nft_ruleset(text, "nft list ruleset", program_);
    take("nft list ruleset", reading.diagnostics);
    for (const std::string& chain : reading.not_followed) {
      note("a packet filter outside of IP", chain);
      uncertain_ = chain;
    }
  }

  void take(const std::string& tool, const std::vector<Diagnostic>& diagnostics) {
    if (diagnostics.empty()) return;
    const Diagnostic& first = diagnostics.front();
    miss(tool, "line " + std::to_string(first.line) + ": " + first.message);
  }

  void unread() {
    for (const Unread& gap : state_.unread) {
      const bool of_filters = gap.what.find("save") != std::string::npos ||
                              gap.what.find("nft") != std::string::npos ||
                              gap.what.find("ipset") != std::string::npos;
      if (of_filters) add_unknown(program_, gap.what);
    }
  }

  void miss(const std::string& what, const std::string& why) {
    note(what, why);
    add_unknown(program_, what);
  }

  void note(const std::string& what, const std::string& why) {
    FlowGap gap = place_;
    gap.what = what;
    gap.why = why;
    gaps_.push_back(gap);
  }

  const NetNamespace& state_;
  std::vector<FlowGap>& gaps_;
  FlowGap place_;
  std::string& uncertain_;  // why answers are not to be relied on, if so
  Program program_;
};

// Both backends' rules and nftables as programs. What cannot be read becomes a gap, and a rule of
// which nothing is known.
std::array<Program, 2> programs_of(const NetNamespace& state, std::vector<FlowGap>& gaps,
                                   const FlowGap& place, std::string& uncertain) {
  return {ProgramReader(state, Family::kV4, gaps, place, uncertain).read(),
          ProgramReader(state, Family::kV6, gaps, place, uncertain).read()};
}

// Interfaces, addresses, routes and rules decide everything; sockets only who listens.
bool spoils_answers(const Unread& gap) {
  return gap.what.find("sockets") == std::string::npos && !gap.what.starts_with("net.");
}

class SpacesBuilder {
 public:
  explicit SpacesBuilder(NetModel& model) : model_(model), estate_(*model.estate) {}

  void add(HostId host) {
    const Host& seen = estate_[host];
    if (seen.kind != Host::Kind::kEngine) return;
    if (!seen.kernel) {
      const std::string why =
          seen.kernel_missing.empty() ? "was not asked for" : seen.kernel_missing;
      model_.gaps.push_back({host, {}, "kernel state", why});
      return;
    }
    Space& own = add_space(host, {}, seen.kernel->host);
    own.proxies = seen.kernel->proxies;
    note_unread(host, {}, seen.kernel->unread);
    for (const ContainerNamespace& container : seen.kernel->containers) {
      const auto id = estate_.find_container(host, container.container);
      if (!id) continue;  // it went between the two questions
      add_space(host, id, container.state);
    }
  }

 private:
  Space& add_space(HostId host, std::optional<ContainerId> member, const NetNamespace& state) {
    Space space;
    space.host = host;
    if (member) space.members.push_back(*member);
    // Belongs to the snapshot, which outlives the model.
    space.state = std::shared_ptr<const NetNamespace>(std::shared_ptr<void>(), &state);
    space.segments.resize(state.links.size());
    for (const Family family : kFamilies) {
      space.routing.at(static_cast<std::size_t>(family)) = routing_of(state, family);
    }
    space.programs = programs_of(state, model_.gaps, {host, member, {}, {}}, space.uncertain);
    note_unread(host, member, state.unread);
    for (const Unread& gap : state.unread) {
      if (spoils_answers(gap)) space.uncertain = gap.what + ": " + gap.why;
    }
    model_.spaces.push_back(std::move(space));
    return model_.spaces.back();
  }

  void note_unread(HostId host, std::optional<ContainerId> member,
                   const std::vector<Unread>& unread) {
    for (const Unread& gap : unread) model_.gaps.push_back({host, member, gap.what, gap.why});
  }

  NetModel& model_;
  const Estate& estate_;
};

}  // namespace

NetModel build_model(const Estate& estate, bool fold) {
  NetModel model;
  model.estate = &estate;
  SpacesBuilder builder(model);
  for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) builder.add(HostId(i));
  join_segments(model);
  if (fold) fold_spaces(model);
  return model;
}

}  // namespace firebreak
