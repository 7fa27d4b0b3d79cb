#include "generate_estate.h"

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/json.h"

namespace firebreak {
namespace {

constexpr std::size_t kPerProject = 6;
constexpr std::array<std::string_view, 12> kProducts = {"shop",    "billing", "search",  "mail",
                                                        "reports", "portal",  "cms",     "orders",
                                                        "tickets", "ledger",  "catalog", "support"};
constexpr std::array<std::string_view, 3> kEnvironments = {"production", "staging", "development"};
constexpr std::array<std::string_view, 3> kShort = {"prod", "staging", "dev"};

// Names things the same way in every run.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}

  // Not std::uniform_int_distribution: its results differ between libraries.
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool once_in(std::size_t times) { return below(times) == 0; }
  std::string hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[below(16)];
    return text;
  }
  Secret secret(SecretKind kind) {
    Secret made;
    for (std::uint8_t& byte : made.fingerprint.bytes) byte = static_cast<std::uint8_t>(below(256));
    made.kind = kind;
    made.length = LengthClass::k16To31;
    return made;
  }

 private:
  std::mt19937 engine_;
};

Value text_value(std::string_view text) {
  return {.text = std::string(text), .opaque = false, .secrets = {}, .targets = {}};
}

Label label_of(std::string_view name, std::string_view text) {
  return {.name = std::string(name), .value = text_value(text)};
}

EnvVar variable(std::string_view name, Value value, bool from_image = false) {
  return {.name = std::string(name), .value = std::move(value), .from_image = from_image};
}

Value secret_value(Secret secret) {
  return {.text = {}, .opaque = false, .secrets = {std::move(secret)}, .targets = {}};
}

// What the containers of one project have in common.
struct Project {
  std::string name;
  std::size_t environment = 0;
  std::size_t misled = 0;  // the environment that a faulty one points at
  std::string network;
  std::string proxy;
  Secret database_password;
  Secret api_key;
  ImageKey image;
  bool wrong_network = false;
  bool wrong_database = false;
  bool wrong_password = false;
  bool engine_socket = false;
};

class Generator {
 public:
  explicit Generator(const EstateShape& shape) : shape_(shape), dice_(shape.seed) {}

  Snapshot run() {
    Snapshot snapshot;
    snapshot.tool_version = "0.1.0";
    snapshot.taken = Timestamp(std::chrono::seconds(1'790'000'000));
    snapshot.key_id = "00112233445566ff";
    leaked_ = dice_.secret(SecretKind::kPassword);
    for (std::size_t h = 0; h < shape_.hosts; ++h) {
      const std::size_t from = shape_.containers * h / shape_.hosts;
      const std::size_t to = shape_.containers * (h + 1) / shape_.hosts;
      snapshot.hosts.push_back(make_host(h, to - from));
    }
    sort_canonically(snapshot);
    return snapshot;
  }

 private:
  Host make_host(std::size_t index, std::size_t count) {
    Host host;
    host.name = "node-" + std::to_string(index);
    host.endpoint = "tcp://" + host.name + ".example.internal:2376";
    host.tls = true;
    host.engine.product = "docker";
    host.engine.version = "20.10.24+dfsg1";
    host.engine.api_version = "1.41";
    host.engine.id = dice_.hex(32);
    host.engine.machine = host.name;
    host.engine.operating_system = "Debian GNU/Linux 12 (bookworm)";
    host.engine.kernel = "6.1.0-18-amd64";
    host.engine.root_dir = "/var/lib/docker";
    host.engine.default_runtime = "runc";
    host.engine.security_options = {"apparmor", "seccomp"};
    add_network(host, "bridge");
    add_network(host, "host", "host");
    add_network(host, "none", "null");
    const std::size_t main = dice_.below(3);
    const bool mixed = dice_.once_in(10);
    for (std::size_t e = 0; e < kShort.size(); ++e) {
      add_network(host, std::string(kShort[e]) + "-proxy");
    }
    for (std::size_t made = 0; made < count; made += kPerProject) {
      const std::size_t environment = mixed && dice_.once_in(3) ? (main + 1) % 3 : main;
      add_project(host, environment, std::min(kPerProject, count - made));
    }
    return host;
  }

  const Network& add_network(Host& host, std::string name, std::string_view driver = "bridge") {
    Network network;
    network.id = NetworkKey(dice_.hex(64));
    network.name = std::move(name);
    network.driver = driver;
    network.scope = "local";
    if (driver == "bridge") {
      // A /20 for each, as many as the private ranges hold, then from the start again.
      const auto number = static_cast<std::uint32_t>(host.networks.size());
      network.subnets.push_back(
          {.address = IpAddress::v4((10U << 24U) + ((number % 4096U) << 12U)), .prefix = 20});
    }
    host.networks.push_back(std::move(network));
    return host.networks.back();
  }

  void add_project(Host& host, std::size_t environment, std::size_t count) {
    Project project;
    const std::string_view product = kProducts[dice_.below(kProducts.size())];
    project.name =
        std::string(product) + std::to_string(projects_++) + "-" + std::string(kShort[environment]);
    project.environment = environment;
    project.misled = (environment + 1 + dice_.below(2)) % 3;
    project.network = project.name + "_default";
    project.proxy = std::string(kShort[environment]) + "-proxy";
    project.database_password = dice_.secret(SecretKind::kPassword);
    project.api_key = dice_.secret(SecretKind::kApiKey);
    project.api_key.provider = "stripe";
    project.api_key.live = environment == 0;
    project.image = ImageKey("sha256:" + dice_.hex(64));
    project.wrong_network = dice_.once_in(200);
    project.wrong_database = dice_.once_in(200);
    project.wrong_password = dice_.once_in(200);
    project.engine_socket = dice_.once_in(200);
    add_network(host, project.network);
    host.images.push_back(
        {.id = project.image,
         .tags = {"registry.example.com/" + project.name + "/app:1.4." + std::to_string(projects_)},
         .digests = {"registry.example.com/" + project.name + "/app@sha256:" + dice_.hex(64)}});
    host.volumes.push_back({.name = project.name + "_data",
                            .driver = "local",
                            .scope = "local",
                            .device = {},
                            .labels = {label_of("com.docker.compose.project", project.name)}});
    constexpr std::array<std::string_view, kPerProject> kServices = {"web",    "web", "api",
                                                                     "worker", "db",  "cache"};
    for (std::size_t c = 0; c < count; ++c) {
      add_container(host, project, kServices[c], c == 1 ? 2 : 1);
    }
  }

  void add_container(Host& host, const Project& project, std::string_view service, int number) {
    Container container;
    container.id = ContainerKey(dice_.hex(64));
    container.name = project.name + "-" + std::string(service) + "-" + std::to_string(number);
    container.hostname = container.id.value.substr(0, 12);
    const bool database = service == "db" || service == "cache";
    container.image = service == "db"      ? "postgres:15.4"
                      : service == "cache" ? "redis:7.2"
                                           : "registry.example.com/" + project.name + "/app:1.4";
    container.image_id = project.image;
    container.state = dice_.once_in(20) ? RunState::kStopped : RunState::kRunning;
    container.labels = {label_of("com.docker.compose.config-hash", dice_.hex(64)),
                        label_of("com.docker.compose.container-number", std::to_string(number)),
                        label_of("com.docker.compose.oneoff", "False"),
                        label_of("com.docker.compose.project", project.name),
                        label_of("com.docker.compose.project.working_dir", "/srv/" + project.name),
                        label_of("com.docker.compose.service", service),
                        label_of("com.docker.compose.version", "2.20.3"),
                        label_of("com.example.environment", kEnvironments[project.environment])};
    if (database) {
      add_database_variables(container, project, service);
    } else {
      add_application_variables(container, project);
    }
    container.env.push_back(variable(
        "PATH", text_value("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), true));
    container.isolation.network_mode = project.network;
    container.isolation.ipc_mode = "private";
    container.isolation.cgroup_mode = "private";
    container.isolation.runtime = "runc";
    attach(host, container, project.network, service);
    if (service == "web") attach(host, container, project.proxy, service);
    if (service == "api" && project.wrong_network) {
      attach(host, container, std::string(kShort[project.misled]) + "-proxy", service);
    }
    if (service == "worker" && project.engine_socket) {
      Mount socket;
      socket.source = "/var/run/docker.sock";
      socket.destination = "/var/run/docker.sock";
      container.mounts.push_back(std::move(socket));
    }
    if (service == "web") {
      PublishedPort port;
      port.host_port = Port{static_cast<std::uint16_t>(20'000 + host.containers.size())};
      port.container_port = Port{8080};
      container.ports.push_back(port);
    }
    host.containers.push_back(std::move(container));
  }

  void add_database_variables(Container& container, const Project& project,
                              std::string_view service) {
    if (service == "db") {
      container.env = {variable("POSTGRES_USER", text_value("app")),
                       variable("POSTGRES_DB", text_value("app")),
                       variable("POSTGRES_PASSWORD", secret_value(project.database_password))};
    }
    container.env.push_back(variable("LANG", text_value("en_US.utf8"), true));
    container.env.push_back(variable("PGDATA", text_value("/var/lib/postgresql/data"), true));
    container.env.push_back(variable("TZ", text_value("Europe/Berlin")));
    Mount data;
    data.type = Mount::Type::kVolume;
    data.volume = project.name + "_data";
    data.source = "/var/lib/docker/volumes/" + data.volume + "/_data";
    data.destination = "/var/lib/data";
    container.mounts.push_back(std::move(data));
  }

  void add_application_variables(Container& container, const Project& project) {
    Target database;
    database.scheme = "postgres";
    database.host = project.wrong_database
                        ? "db." + std::string(kShort[project.misled]) + ".example.internal"
                        : "db";
    database.port = Port{5432};
    database.database = "app";
    database.user = "app";
    Target cache;
    cache.scheme = "redis";
    cache.host = "cache";
    cache.port = Port{6379};
    Value url = secret_value(project.wrong_password ? leaked_ : project.database_password);
    url.text = "postgres://app:***@" + database.host + ":5432/app";
    url.targets = {database};
    Value redis = text_value("redis://cache:6379");
    redis.targets = {cache};
    container.env = {variable("APP_ENV", text_value(kEnvironments[project.environment])),
                     variable("DATABASE_URL", std::move(url)),
                     variable("REDIS_URL", std::move(redis)),
                     variable("STRIPE_API_KEY", secret_value(project.api_key)),
                     variable("LOG_LEVEL", text_value("info")),
                     variable("PORT", text_value("8080")),
                     variable("WORKERS", text_value("4")),
                     variable("NODE_ENV", text_value("production"), true),
                     variable("NODE_VERSION", text_value("18.17.1"), true)};
    Value opaque;
    opaque.opaque = true;
    container.env.push_back(variable("SETTINGS", std::move(opaque)));
  }

  void attach(const Host& host, Container& container, const std::string& network,
              std::string_view service) {
    Endpoint endpoint;
    endpoint.network_name = network;
    for (const Network& candidate : host.networks) {
      if (candidate.name != network) continue;
      endpoint.network = candidate.id;
      const auto& bytes = candidate.subnets.front().address.bytes();
      const std::uint32_t base = (std::uint32_t{bytes[0]} << 24U) +
                                 (std::uint32_t{bytes[1]} << 16U) + (std::uint32_t{bytes[2]} << 8U);
      endpoint.ipv4 = IpAddress::v4(base + 2U + static_cast<std::uint32_t>(host.containers.size()));
    }
    endpoint.names = {container.name, std::string(service), container.hostname};
    container.endpoints.push_back(std::move(endpoint));
  }

  EstateShape shape_;
  Dice dice_;
  Secret leaked_;
  std::size_t projects_ = 0;
};

}  // namespace

Snapshot generate_estate(const EstateShape& shape) { return Generator(shape).run(); }

}  // namespace firebreak
