#include "collect/json.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

std::unique_ptr<JsonDocument> parsed(std::string body) {
  auto document = JsonDocument::parse(std::move(body));
  EXPECT_TRUE(document.has_value());
  return document ? std::move(*document) : nullptr;
}

std::string error_of(std::string body) {
  const auto document = JsonDocument::parse(std::move(body));
  return document ? "" : document.error().what;
}

TEST(Json, ReadsFieldsOfEveryKind) {
  const auto document =
      parsed(R"({"a":"x","b":true,"n":7,"l":["p","q"],"o":{"k":{"d":-1.5}},"z":null})");
  const Json root = document->root();
  EXPECT_EQ(root["a"].text(), "x");
  EXPECT_TRUE(root["b"].flag());
  EXPECT_EQ(root["n"].count(), 7U);
  EXPECT_EQ(root["l"].texts(), (std::vector<std::string>{"p", "q"}));
  EXPECT_EQ(root["o"]["k"]["d"].scalar(), "-1.5");
  EXPECT_EQ(root["n"].scalar(), "7");
  EXPECT_EQ(root["b"].scalar(), "true");
  EXPECT_FALSE(root["z"].present());
  EXPECT_TRUE(root["z"].texts().empty());
  EXPECT_TRUE(root["missing"]["deeper"].texts().empty());
  EXPECT_EQ(document->trouble(), "");
}

TEST(Json, NamesTheFieldOfTheWrongType) {
  const auto trouble = [](const std::string& body, auto read) {
    const auto document = parsed(body);
    read(document->root());
    return document->trouble();
  };
  EXPECT_EQ(trouble(R"({"a":{"b":1}})", [](const Json& r) { (void)r["a"]["b"].text(); }),
            "a.b is not text");
  EXPECT_EQ(trouble(R"({"a":{"b":"x"}})", [](const Json& r) { (void)r["a"]["b"]["c"].text(); }),
            "a.b is not an object");
  EXPECT_EQ(trouble(R"({"a":["x",2]})", [](const Json& r) { (void)r["a"].texts(); }),
            "a[] is not text");
  EXPECT_EQ(trouble(R"({"a":[null]})", [](const Json& r) { (void)r["a"].texts(); }), "a[] is null");
  EXPECT_EQ(trouble(R"({"a":"x"})", [](const Json& r) { (void)r["a"].flag(); }),
            "a is not true or false");
  EXPECT_EQ(trouble(R"({"a":-1})", [](const Json& r) { (void)r["a"].count(); }),
            "a is not a count");
  EXPECT_EQ(trouble(R"({"a":{}})", [](const Json& r) { (void)r["a"].texts(); }), "a is not a list");
  EXPECT_EQ(trouble(R"([])", [](const Json& r) { (void)r["a"]; }), "the answer is not an object");
  EXPECT_EQ(trouble(R"({"a":{}})", [](const Json& r) { (void)r["a"].required("b"); }),
            "a.b is missing");
  EXPECT_EQ(trouble(R"({"a":null})", [](const Json& r) { (void)r.required("a"); }), "a is missing");
  EXPECT_EQ(trouble(R"({"a":null})", [](const Json& r) { (void)r.expected("a"); }), "");
  EXPECT_EQ(trouble(R"({"b":null})", [](const Json& r) { (void)r.expected("a"); }), "a is missing");
}

TEST(Json, KeepsTheFirstTrouble) {
  const auto document = parsed(R"({"a":1,"b":2})");
  (void)document->root()["a"].text();
  (void)document->root()["b"].text();
  EXPECT_EQ(document->trouble(), "a is not text");
}

TEST(Json, RefusesWhatIsNotOneWholeValue) {
  EXPECT_EQ(error_of(""), "the answer is empty");
  EXPECT_EQ(error_of(R"({"a":)"), "the answer is not valid JSON, or was cut short");
  EXPECT_EQ(error_of(R"({"a":"secret)"), "the answer is not valid JSON, or was cut short");
  EXPECT_EQ(error_of("{}{}"), "the answer is not valid JSON, or was cut short");
  EXPECT_EQ(error_of("<html>502</html>"), "the answer is not valid JSON, or was cut short");
  EXPECT_EQ(error_of("\"\xff\xfe\""), "the answer is not valid UTF-8");
}

TEST(Json, RefusesANestingBomb) {
  constexpr std::size_t kDeep = 1'000'000;
  EXPECT_EQ(error_of(std::string(kDeep, '[') + std::string(kDeep, ']')),
            "the answer is nested too deeply");
}

TEST(Json, MakesForeignFieldNamesPrintable) {
  const auto document = parsed("{\"a\\u001b[31m\":{\"b\":1}}");
  document->root().members([](std::string_view, const Json& value) { (void)value["b"].text(); });
  EXPECT_EQ(document->trouble().find('\x1b'), std::string::npos);
  EXPECT_NE(document->trouble(), "");
}

}  // namespace
}  // namespace firebreak
