// The rules of the docker command line, in its order.
#include "collect/endpoint.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "collect/docker_context.h"
#include "collect/engine_url.h"

namespace firebreak {
namespace {

using Scheme = EngineUrl::Scheme;

constexpr std::string_view kPlainPort = "2375";
constexpr std::string_view kTlsPort = "2376";
constexpr std::string_view kContextPrefix = "context:";

std::string value_of(const GetEnv& env, std::string_view name) {
  return env(name).value_or(std::string());
}

// The certificates in a folder, as --tlsverify takes them: the authority must be there, the
// client's own certificate may.
Result<TlsFiles> tls_in(const std::string& folder, bool verify, Files& files) {
  TlsFiles tls;
  tls.verify = verify;
  if (verify) {
    tls.ca = folder + "/ca.pem";
    if (!files.exists(tls.ca)) {
      return fail(ErrorKind::kUsage, "no ca.pem in this folder", printable(folder),
                  "put the authority's certificate there, beside cert.pem and key.pem");
    }
  }
  if (files.exists(folder + "/cert.pem")) tls.cert = folder + "/cert.pem";
  if (files.exists(folder + "/key.pem")) tls.key = folder + "/key.pem";
  return tls;
}

// DOCKER_TLS_VERIFY and DOCKER_TLS: any value that is not empty, "0" too, turns them on.
struct EnvironmentTls {
  bool on = false;
  bool verify = false;
  std::string folder;
};

EnvironmentTls environment_tls(const GetEnv& env) {
  EnvironmentTls tls;
  tls.verify = !value_of(env, "DOCKER_TLS_VERIFY").empty();
  tls.on = tls.verify || !value_of(env, "DOCKER_TLS").empty();
  tls.folder = expand_home(value_of(env, "DOCKER_CERT_PATH"), env);
  if (tls.folder.empty()) tls.folder = docker_folder(env);
  return tls;
}

std::string name_for(const std::string& given, const EngineUrl& url) {
  if (!given.empty()) return given;
  return url.scheme == Scheme::kUnix ? "local" : url.host;
}

EngineUrl with_home(EngineUrl url, const GetEnv& env) {
  if (url.scheme == Scheme::kUnix) url.path = expand_home(url.path, env);
  return url;
}

struct Request {
  const std::string& name;
  const std::string& tls_directory;
  Files& files;
  const GetEnv& env;
};

// A URL that was given, or DOCKER_HOST, or (text empty) the default.
Result<EngineEndpoint> from_url(const std::string& text, const std::string& where,
                                const Request& request) {
  const EnvironmentTls tls = environment_tls(request.env);
  const bool own = !request.tls_directory.empty();
  // docker's own default port stays 2375 with TLS too, unless nothing at all is said.
  const bool silent = trim(text).empty();
  const auto port = own || silent ? kTlsPort : kPlainPort;
  const std::string fallback = tls.on && !own ? "tcp://" : "unix://";
  const EngineUrl url =
      with_home(TRY(parse_engine_url(silent ? fallback : text, port, where)), request.env);
  EngineEndpoint endpoint;
  endpoint.name = name_for(request.name, url);
  endpoint.url = url.text();
  if (url.scheme != Scheme::kTcp) {
    if (own) {
      return fail(ErrorKind::kUsage, "certificates are for tcp:// only", where,
                  "leave `tls:` away, or give a tcp:// URL");
    }
    return endpoint;
  }
  if (!own && !tls.on) return endpoint;
  endpoint.tls = true;
  endpoint.tls_files =
      own ? TRY(tls_in(expand_home(request.tls_directory, request.env), true, request.files))
          : TRY(tls_in(tls.folder, tls.verify, request.files));
  return endpoint;
}

Result<EngineEndpoint> from_context(const std::string& name, const Request& request) {
  const std::string where = "context " + printable(name);
  const DockerContext context = TRY(load_context(name, request.files, docker_folder(request.env)));
  const bool tls =
      context.skip_verify || !context.ca.empty() || !context.cert.empty() || !context.key.empty();
  const EngineUrl url =
      with_home(TRY(parse_engine_url(context.host.empty() ? "unix://" : context.host,
                                     tls ? kTlsPort : kPlainPort, where)),
                request.env);
  EngineEndpoint endpoint;
  endpoint.name = request.name.empty() ? name : request.name;
  endpoint.url = url.text();
  if (!tls || url.scheme != Scheme::kTcp) return endpoint;
  endpoint.tls = true;
  endpoint.tls_files = {context.ca, context.cert, context.key, !context.skip_verify, {}};
  return endpoint;
}

// Which context the docker command line would use; "default" is none.
Result<std::string> chosen_context(Files& files, const GetEnv& env) {
  if (!value_of(env, "DOCKER_HOST").empty()) return std::string("default");
  if (auto name = value_of(env, "DOCKER_CONTEXT"); !name.empty()) return name;
  std::string name = TRY(current_context(files, docker_folder(env)));
  return name.empty() ? "default" : name;
}

Result<EngineEndpoint> from_named(const std::string& context, const Request& request) {
  if (context == "default") {
    return from_url(value_of(request.env, "DOCKER_HOST"), "DOCKER_HOST", request);
  }
  return from_context(context, request);
}

// Puts a path before every request: an engine behind a reverse proxy.
class PrefixClient : public HttpClient {
 public:
  PrefixClient(std::unique_ptr<HttpClient> inner, std::string prefix)
      : inner_(std::move(inner)), prefix_(std::move(prefix)) {}
  Result<HttpResponse> get(std::string_view path) override {
    return inner_->get(prefix_ + std::string(path));
  }

 private:
  std::unique_ptr<HttpClient> inner_;
  std::string prefix_;
};

// ssh joins the words after the host with spaces and gives them to a shell over there.
std::vector<std::string> ssh_command(const EngineUrl& url, std::chrono::milliseconds timeout) {
  const auto seconds =
      std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(timeout).count());
  std::vector<std::string> argv = {
      "ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=" + std::to_string(seconds), "-T"};
  if (!url.user.empty()) argv.insert(argv.end(), {"-l", url.user});
  if (!url.port.empty()) argv.insert(argv.end(), {"-p", url.port});
  argv.insert(argv.end(), {"--", url.host, "docker"});
  if (!url.path.empty()) argv.insert(argv.end(), {"--host", shell_quoted("unix://" + url.path)});
  argv.insert(argv.end(), {"system", "dial-stdio"});
  return argv;
}

}  // namespace

Result<EngineEndpoint> resolve_endpoint(const std::string& name, const std::string& location,
                                        const std::string& tls_directory, Files& files,
                                        const GetEnv& env) {
  const Request request{name, tls_directory, files, env};
  const std::string_view given = trim(location);
  if (given.empty()) return from_named(TRY(chosen_context(files, env)), request);
  if (given.starts_with(kContextPrefix)) {
    // "context://NAME" is what one types who has just typed tcp://.
    std::string_view context = given.substr(kContextPrefix.size());
    if (context.starts_with("//")) context.remove_prefix(2);
    if (!tls_directory.empty()) {
      return fail(ErrorKind::kUsage, "a context brings its own certificates",
                  name.empty() ? std::string(given) : name, "leave `tls:` away");
    }
    return from_named(std::string(context), request);
  }
  return from_url(std::string(given), name.empty() ? "--host" : "host " + printable(name), request);
}

Result<std::unique_ptr<HttpClient>> connect(const EngineEndpoint& endpoint, HttpLimits limits) {
  const EngineUrl url = TRY(parse_engine_url(endpoint.url, endpoint.tls ? kTlsPort : kPlainPort,
                                             "host " + printable(endpoint.name)));
  if (url.scheme == Scheme::kUnix) return unix_client(url.path, limits);
  if (url.scheme == Scheme::kSsh) {
    return process_client(ssh_command(url, limits.timeout), printable(url.text()), limits);
  }
  auto client = endpoint.tls ? tls_client(url.host, url.port, endpoint.tls_files, limits)
                             : tcp_client(url.host, url.port, limits);
  if (url.path.empty()) return client;
  return std::make_unique<PrefixClient>(std::move(client), url.path);
}

}  // namespace firebreak
