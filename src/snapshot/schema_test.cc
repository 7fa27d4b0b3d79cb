// docs/schema/snapshot-1.json says what the reader and the writer do.
#include <gmock/gmock.h>
#include <simdjson.h>

#include <set>

#include "snapshot/fields.h"

namespace firebreak {
namespace {

using Names = std::set<std::string>;
using simdjson::dom::element;

template <class T>
Names field_names(bool required_only) {
  Names out;
  std::apply(
      [&](const auto&... field) {
        ((!required_only || field.need == json::Need::kRequired
              ? (void)out.insert(std::string(field.name))
              : void()),
         ...);
      },
      json::kFields<T>);
  return out;
}

struct Schema {
  Names properties;
  Names required;
};

Schema schema_of(element object) {
  Schema out;
  for (const auto& [name, value] : simdjson::dom::object(object["properties"])) {
    out.properties.insert(std::string(name));
  }
  simdjson::dom::array required;
  if (object["required"].get(required) == simdjson::SUCCESS) {
    for (const element name : required) out.required.insert(std::string(std::string_view(name)));
  }
  return out;
}

template <class T>
void expect_same(element schema, const char* name) {
  const Schema found = schema_of(schema["$defs"][name]);
  EXPECT_EQ(found.properties, field_names<T>(false)) << name;
  EXPECT_EQ(found.required, field_names<T>(true)) << name;
}

TEST(SnapshotSchema, NamesTheFieldsOfEveryType) {
  simdjson::dom::parser parser;
  element schema;
  ASSERT_EQ(parser.load("docs/schema/snapshot-1.json").get(schema), simdjson::SUCCESS);
  expect_same<Secret>(schema, "secret");
  expect_same<Target>(schema, "target");
  expect_same<Gap>(schema, "gap");
  expect_same<Label>(schema, "label");
  expect_same<EnvVar>(schema, "variable");
  expect_same<CommandStep>(schema, "step");
  expect_same<Mount>(schema, "mount");
  expect_same<Endpoint>(schema, "endpoint");
  expect_same<PublishedPort>(schema, "published_port");
  expect_same<ExposedPort>(schema, "exposed_port");
  expect_same<ExtraHost>(schema, "extra_host");
  expect_same<Isolation>(schema, "isolation");
  expect_same<Container>(schema, "container");
  expect_same<Network>(schema, "network");
  expect_same<Volume>(schema, "volume");
  expect_same<Image>(schema, "image");
  expect_same<Service>(schema, "service");
  expect_same<Node>(schema, "node");
  expect_same<SwarmState>(schema, "swarm");
  expect_same<Engine>(schema, "engine");
  expect_same<Host>(schema, "host");
  expect_same<KernelState>(schema, "kernel");
  expect_same<NetNamespace>(schema, "namespace");
  expect_same<ContainerNamespace>(schema, "container_namespace");
  expect_same<NetLink>(schema, "link");
  expect_same<NetRoute>(schema, "route");
  expect_same<NetRule>(schema, "rule");
  expect_same<Listener>(schema, "listener");
  expect_same<Sysctl>(schema, "sysctl");
  expect_same<FilterTexts>(schema, "filters");
  expect_same<UserlandProxy>(schema, "proxy");
  expect_same<Unread>(schema, "unread");
  Schema top = schema_of(schema);
  EXPECT_EQ(top.properties.erase("schema"), 1U);
  EXPECT_EQ(top.required.erase("schema"), 1U);
  EXPECT_EQ(top.properties, field_names<Snapshot>(false));
  EXPECT_EQ(top.required, field_names<Snapshot>(true));
}

template <class E>
void expect_same_names(element schema, const char* type, const char* field) {
  Names wanted;
  for (const auto& entry : json::kEnumNames<E>) wanted.insert(std::string(entry.name));
  Names found;
  for (const element name :
       simdjson::dom::array(schema["$defs"][type]["properties"][field]["enum"])) {
    found.insert(std::string(std::string_view(name)));
  }
  EXPECT_EQ(found, wanted) << type << "." << field;
}

TEST(SnapshotSchema, NamesTheEnumerators) {
  simdjson::dom::parser parser;
  element schema;
  ASSERT_EQ(parser.load("docs/schema/snapshot-1.json").get(schema), simdjson::SUCCESS);
  expect_same_names<RunState>(schema, "container", "state");
  expect_same_names<Mount::Type>(schema, "mount", "type");
  expect_same_names<Protocol>(schema, "published_port", "protocol");
  expect_same_names<Protocol>(schema, "exposed_port", "protocol");
  expect_same_names<Host::Kind>(schema, "host", "kind");
  expect_same_names<NetRoute::Kind>(schema, "route", "kind");
  expect_same_names<Protocol>(schema, "listener", "protocol");
  expect_same_names<Protocol>(schema, "proxy", "protocol");
  expect_same_names<SecretKind>(schema, "secret", "kind");
  expect_same_names<LengthClass>(schema, "secret", "length");
}

}  // namespace
}  // namespace firebreak
