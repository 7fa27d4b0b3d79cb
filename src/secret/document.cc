#include "secret/document.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/encoding.h"
#include "secret/host.h"
#include "secret/names.h"

namespace firebreak {
namespace {

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

// Reads a JSON string whose opening quote stands at `at`; leaves `at` behind the closing one.
std::string read_string(std::string_view text, std::size_t& at) {
  std::string out;
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] != '\\' || at + 1 >= text.size()) {
      out += text[at];
      continue;
    }
    const char escaped = text[++at];
    if (escaped == 'n') {
      out += '\n';
    } else if (escaped == 't') {
      out += '\t';
    } else if (escaped == 'r') {
      out += '\r';
    } else if (escaped == 'u' && at + 4 < text.size()) {
      if (const auto code = decode_hex(text.substr(at + 1, 4))) {
        append_utf8(out, static_cast<unsigned>(static_cast<unsigned char>((*code)[0])) * 256U +
                             static_cast<unsigned char>((*code)[1]));
        at += 4;
      }
    } else {
      out += escaped;
    }
  }
  if (at < text.size()) ++at;
  return out;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 128 && (is_alpha(text.front()) || text.front() == '_') &&
         is_made_of_alnum_or(text, "_-.");
}

// ".pgpass": host:port:database:user:password, with "\:" for a colon.
bool read_pgpass(std::string_view line, Harvest& out) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      fields.back() += line[++i];
    } else if (line[i] == ':' && fields.size() < 5) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  if (fields.size() != 5 || fields[4].empty()) return false;
  const auto host = parse_host_port(fields[0]);
  const auto port = Port::parse(fields[1]);
  if ((!host && fields[0] != "*") || (!port && fields[1] != "*")) return false;
  if (!out.secret(fields[4], SecretKind::kPassword)) return false;
  if (host) {
    const auto plain = [](const std::string& text) {
      return is_plain_name(text) ? text : std::string();
    };
    out.target({"postgres", host->host, port, plain(fields[2]), plain(fields[3])});
  }
  return true;
}

}  // namespace

bool read_basic_auth(std::string_view base64, Harvest& out) {
  const auto decoded = decode_base64(trim(base64));
  if (!decoded || !is_plain_text(*decoded)) return false;
  const std::size_t colon = decoded->find(':');
  if (colon == std::string::npos || colon == 0) return false;
  return out.secret(std::string_view(*decoded).substr(colon + 1), SecretKind::kPassword);
}

bool read_json(std::string_view text, Harvest& out, const ScanPart& part) {
  text = trim(text);
  if (text.size() < 2 || (text.front() != '{' && text.front() != '[')) return false;
  if (text.back() != '}' && text.back() != ']') return false;
  if (text.find('"') == std::string_view::npos) return false;
  std::string key;
  std::string section;  // the key whose object we are in: a registry's host in "auths"
  std::string project;
  bool service_account = false;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '{') section = key;
    if (text[at] == '{' || text[at] == '}' || text[at] == '[') key.clear();
    if (text[at] != '"') {
      ++at;
      continue;
    }
    std::string string = read_string(text, at);
    std::size_t next = at;
    while (next < text.size() && is_space(text[next])) ++next;
    if (next < text.size() && text[next] == ':') {
      key = std::move(string);
      continue;
    }
    if (key == "type" && string == "service_account") service_account = true;
    if (key == "project_id" && is_plain_name(string)) project = string;
    if (key == "auth" && read_basic_auth(string, out)) {
      if (auto host = parse_host_port(section)) {
        out.target({"", std::move(host->host), host->port, {}, {}});
      } else {
        part("registry_url", section);
      }
    } else {
      part(key, string);
    }
  }
  if (service_account) {
    for (Secret& secret : out.secrets) {
      if (secret.kind == SecretKind::kPrivateKey) secret.provider = "gcp";
    }
    if (!project.empty()) out.account(project);
  }
  return true;
}

bool read_lines(std::string_view text, Harvest& out, const ScanPart& part) {
  bool any = false;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (line.starts_with("- ")) line = trim(line.substr(2));
    if (line.starts_with("export ")) line = trim(line.substr(7));
    if (line.empty() || line.starts_with('#')) continue;
    if (read_pgpass(line, out)) {
      any = true;
      continue;
    }
    const std::size_t border = line.find_first_of("=:");
    if (border == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, border));
    if (!is_name(name) || line.substr(border).starts_with("://")) {
      part("", line);
      continue;
    }
    any = true;
    std::string_view value = trim(line.substr(border + 1));
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    part(name, value);
  }
  return any;
}

}  // namespace firebreak
