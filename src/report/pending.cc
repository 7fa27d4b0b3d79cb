// The format that is still to come prints the JSON form.
#include "report/html.h"
#include "report/render.h"

namespace firebreak {

std::string to_html(const Report& report) { return to_json(report); }
std::string matrix_html(const Report& report) { return to_json(report); }

}  // namespace firebreak
