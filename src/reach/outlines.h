// Flows of one sender's packets to one receiver, before it is told who else sends the same.
#pragma once

#include <vector>

#include "reach/crossing.h"
#include "reach/ends.h"

namespace firebreak {

// `outline`: what is set already: ends, via, open, derived. `sent` comes from `source`, one
// address. Of `pair` that which arrives counts.
void write_outlines(const Ends& ends, Flow outline, const AddressRange& source,
                    const PacketSet& sent, const SentAndDelivered& pair, std::vector<Flow>& out);

}  // namespace firebreak
