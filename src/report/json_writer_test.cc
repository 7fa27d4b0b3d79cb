#include "report/json_writer.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(JsonString, EscapesWhatJsonReserves) {
  EXPECT_EQ(quoted("a\"b\\c\n\t\r\x01\x7f"), R"("a\"b\\c\n\t\r\u0001\u007f")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonString, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(quoted("ü→😀"), "\"ü→😀\"");
  EXPECT_EQ(quoted("a\xff"
                   "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(quoted("\xE2\x86"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");          // cut short
  EXPECT_EQ(quoted("\xED\xA0\x80").find('\xED'), std::string::npos);      // a surrogate
  EXPECT_EQ(quoted("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");          // overlong
  EXPECT_EQ(quoted("\xF4\x90\x80\x80").find('\xF4'), std::string::npos);  // beyond Unicode
}

TEST(JsonWriter, SetsCommasAndLines) {
  JsonWriter json;
  json.open_object(JsonWriter::Shape::kLines);
  json.member("a", std::uint64_t{18446744073709551615U}).member("b", true);
  json.key("c").open_array(JsonWriter::Shape::kLines);
  json.open_object().member("x", "y").key("z").null().close();
  json.value("w").close();
  json.member("d", std::vector<std::string>{"1", "2"});
  json.key("e").open_array(JsonWriter::Shape::kLines).close();
  json.key("f").text_or_null("").close();
  EXPECT_EQ(json.finish(),
            "{\n \"a\": 18446744073709551615,\n \"b\": true,\n \"c\": [\n  {\"x\": \"y\", \"z\": "
            "null},\n  \"w\"\n ],\n \"d\": [\"1\", \"2\"],\n \"e\": [],\n \"f\": null\n}\n");
}

TEST(JsonWriterDeath, RefusesAnUnfinishedDocument) {
  JsonWriter json;
  json.open_object();
  EXPECT_DEATH((void)json.finish(), "levels_");
}

}  // namespace
}  // namespace firebreak
