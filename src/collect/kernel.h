// Adds kernel state to what an engine told.
#pragma once

#include "collect/engine.h"
#include "io/machine.h"

namespace firebreak {

// Sets the host's `kernel`, or says in `kernel_missing` why it cannot be read: the engine is not on
// this machine, we are not root, … Makes no gap: what is not read is derived.
void add_kernel(CollectedHost& collected, const EngineEndpoint& endpoint, Machine& machine,
                Files& files);

}  // namespace firebreak
