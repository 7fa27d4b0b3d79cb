// JSON of parts of a report.
#pragma once

#include <string>

#include "findings/report.h"

namespace firebreak {

class JsonWriter;

[[nodiscard]] std::string matrix_json(const Report& report);  // schema "firebreak/matrix/1"
[[nodiscard]] std::string code_json(const CodeInfo& code);    // schema "firebreak/code/1"

// Objects of the report's schema, for documents that hold some of them.
void write_json(JsonWriter& json, const Finding& finding);
void write_json(JsonWriter& json, const ReportWorkload& workload);
void write_json(JsonWriter& json, const Gap& gap);

}  // namespace firebreak
