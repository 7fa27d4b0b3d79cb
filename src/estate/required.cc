#include "estate/estate.h"

namespace firebreak {

Required Estate::required(EnvironmentId a, EnvironmentId b, Dimension dimension) const {
  const Environment& first = (*this)[a];
  const Environment& second = (*this)[b];
  return required_level(*policy_, {.environment = first.name, .tier = first.tier},
                        {.environment = second.name, .tier = second.tier}, dimension);
}

}  // namespace firebreak
