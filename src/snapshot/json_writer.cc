#include <fmt/format.h>

#include <array>
#include <concepts>
#include <functional>

#include "base/check.h"
#include "snapshot/fields.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

using json::Enumeration;
using json::kFields;
using json::Object;

template <class T>
bool is_default(const T& value, const T& fallback) {
  if constexpr (Object<T>) {
    return std::apply(
        [&](const auto&... field) {
          return (is_default(std::invoke(field.get, value), std::invoke(field.get, fallback)) &&
                  ...);
        },
        kFields<T>);
  } else if constexpr (requires { value.empty(); }) {
    return value.empty();
  } else {
    return value == fallback;
  }
}

// Bytes that cannot stand in a JSON string as they are: controls, quotes, and all that is not ASCII
// (which has to be looked at, as it could be broken).
constexpr std::array<bool, 256> special_bytes() {
  std::array<bool, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = i < 0x20 || i >= 0x7F || i == '"' || i == '\\';
  }
  return out;
}
constexpr auto kSpecial = special_bytes();

// Length of the UTF-8 sequence at the start of `text`, 0 if it is broken (RFC 3629).
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xC2 && first < 0xE0 ? 2
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xF0 && first < 0xF5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90)) return 0;
  return (first == 0xED && byte(1) >= 0xA0) || (first == 0xF4 && byte(1) >= 0x90) ? 0 : size;
}

class Writer {
 public:
  std::string document(const Snapshot& snapshot) {
    out_ += "{\"schema\":\"";
    out_ += json::kSchema;
    out_ += '"';
    fields(snapshot, false);
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  template <Object T>
  void fields(const T& object, bool first) {
    static const T kDefault{};
    std::apply(
        [&](const auto&... field) {
          (one(field, std::invoke(field.get, object), std::invoke(field.get, kDefault), first),
           ...);
        },
        kFields<T>);
  }

  template <class Field, class T>
  void one(const Field& field, const T& value, const T& fallback, bool& first) {
    if (field.need == json::Need::kOptional && is_default(value, fallback)) return;
    if (!first) out_ += ',';
    first = false;
    out_ += '"';
    out_ += field.name;
    out_ += "\":";
    write(value);
  }

  template <Object T>
  void write(const T& object) {
    out_ += '{';
    fields(object, true);
    out_ += '}';
  }

  template <Enumeration E>
  void write(E value) {
    for (const auto& entry : json::kEnumNames<E>) {
      if (entry.value == value) return write(entry.name);
    }
    CHECK(false);  // an enumerator without a name
  }

  template <class T>
  void write(const std::vector<T>& list) {
    out_ += '[';
    for (const T& item : list) {
      if (&item != list.data()) out_ += ',';
      write(item);
    }
    out_ += ']';
  }

  void write(const std::vector<std::pair<std::string, std::string>>& pairs) {
    out_ += '{';
    for (const auto& pair : pairs) {
      if (&pair != pairs.data()) out_ += ',';
      write(pair.first);
      out_ += ':';
      write(pair.second);
    }
    out_ += '}';
  }

  template <class T>
  void write(const std::optional<T>& value) {
    CHECK(value.has_value());  // an optional field is never required
    write(*value);
  }

  template <class Tag>
  void write(const Key<Tag>& key) {
    write(key.value);
  }

  void write(bool value) { out_ += value ? "true" : "false"; }
  template <std::integral T>
  void write(T value) {
    fmt::format_to(std::back_inserter(out_), "{}", value);
  }
  void write(Port port) { write(port.value); }
  void write(const Fingerprint& fingerprint) { write(fingerprint.hex()); }
  void write(const IpAddress& address) { write(address.text()); }
  void write(const Cidr& cidr) { write(cidr.text()); }
  void write(const LinkAddress& address) { write(Cidr{address.address, address.prefix}); }
  void write(Timestamp time) { write(to_text(time)); }
  void write(const std::string& text) { write(std::string_view(text)); }

  void write(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      std::size_t plain = 0;
      while (plain < text.size() && !kSpecial[static_cast<unsigned char>(text[plain])]) ++plain;
      out_ += text.substr(0, plain);
      text.remove_prefix(plain);
      if (!text.empty()) text.remove_prefix(special(text));
    }
    out_ += '"';
  }

  // Writes the special character at the start of `text`; returns its length.
  std::size_t special(std::string_view text) {
    const char c = text.front();
    switch (c) {
      case '"': out_ += "\\\""; return 1;
      case '\\': out_ += "\\\\"; return 1;
      case '\n': out_ += "\\n"; return 1;
      case '\t': out_ += "\\t"; return 1;
      case '\r': out_ += "\\r"; return 1;
      default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", byte);
      return 1;
    }
    const std::size_t size = utf8_size(text);
    if (size == 0) {
      out_ += "\xEF\xBF\xBD";  // foreign programs choose names; a document must stay valid
      return 1;
    }
    out_ += text.substr(0, size);
    return size;
  }

  std::string out_;
};

}  // namespace

std::string to_json(const Snapshot& snapshot) { return Writer().document(snapshot); }

}  // namespace firebreak
