// The outside world that the command line needs, in narrow interfaces with a real and a scripted
// implementation.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/timestamp.h"

namespace firebreak {

class Files {
 public:
  virtual ~Files() = default;
  // The whole file, at most `limit` bytes (kBadData beyond). "-" is standard input. Pipes and
  // devices may be read. Errors name the path: kIo (not there, not readable), kDenied.
  [[nodiscard]] virtual Result<std::string> read(const std::string& path, std::size_t limit) = 0;
  // The same for a key: kUsage if it is a file that others than its owner may read or write.
  [[nodiscard]] virtual Result<std::string> read_secret(const std::string& path,
                                                        std::size_t limit) = 0;
  // Replaces the file as a whole or leaves it as it was; mode 0600 if `secret`, else that of the
  // file that was there, else 0644 less umask. A link is followed; a device or pipe ("/dev/stdout")
  // is written to as it is.
  [[nodiscard]] virtual Result<void> write(const std::string& path, std::string_view content,
                                           bool secret) = 0;
  // Also true of a link that leads nowhere: reading it says so.
  [[nodiscard]] virtual bool exists(const std::string& path) = 0;
  // The names in a folder, sorted, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
};

struct ProcessResult {
  int exit_code = -1;  // 128 + N if signal N ended it
  std::string out;
  std::string err;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Runs argv[0] (found in PATH) without a shell, stdin empty. At the timeout the program and all
  // that it started are killed. Any exit code is a success here. kUnsupported if there is no such
  // program, kUnreachable at the timeout, kBadData if it wrote more than 64 MiB. Of stderr at most
  // 64 KiB are kept. The output is as the program wrote it: it may hold secrets.
  [[nodiscard]] virtual Result<ProcessResult> run(const std::vector<std::string>& argv,
                                                  std::chrono::milliseconds timeout) = 0;
};

using GetEnv = std::function<std::optional<std::string>(std::string_view)>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp now() = 0;
};

// 32 bytes of randomness for keys.
using Randomness = std::function<std::array<std::uint8_t, 32>()>;

[[nodiscard]] std::unique_ptr<Files> real_files();
[[nodiscard]] std::unique_ptr<Processes> real_processes();
[[nodiscard]] std::unique_ptr<Clock> real_clock();
[[nodiscard]] GetEnv real_environment();
[[nodiscard]] Randomness real_randomness();

}  // namespace firebreak
