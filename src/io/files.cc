// Files of the operating system. Writing is atomic: a temporary file in the same folder, fsync,
// rename, so a reader sees the old content or the new, and a crash leaves one of both.
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "io/descriptor.h"
#include "io/os_error.h"
#include "io/system.h"

namespace firebreak {
namespace {

constexpr std::size_t kChunk = 64U << 10U;

std::unexpected<Error> failed(std::string_view doing, const std::string& path) {
  return std::unexpected(file_error(errno, doing, path));
}

Descriptor open_file(const std::string& path, int flags, mode_t mode = 0) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

Result<std::string> read_all(int fd, const std::string& path, std::size_t limit) {
  std::string content;
  struct stat info{};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    content.reserve(std::min(limit, static_cast<std::size_t>(info.st_size)) + 1);
  }
  std::string chunk(kChunk, '\0');
  for (;;) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) return content;
    content.append(chunk, 0, static_cast<std::size_t>(got));
    if (content.size() > limit) {
      return fail(ErrorKind::kBadData, "more than " + std::to_string(limit) + " bytes",
                  printable(path), "is it the right file?");
    }
  }
}

Result<void> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("write", path);
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

// Removes the temporary file unless it was renamed.
struct Temporary {
  std::string path;
  Descriptor fd;

  Temporary() = default;
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

// Made by open(2), not by mkstemp, so that the kernel applies the umask.
Result<void> create_beside(const std::string& target, mode_t mode, Temporary& temporary) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::uint64_t number = 0;
    ::randombytes_buf(&number, sizeof number);
    const std::filesystem::path name(target);
    const std::string path =
        (name.parent_path() / ("." + name.filename().string() + "." + std::to_string(number)))
            .string();
    temporary.fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (temporary.fd) {
      temporary.path = path;
      return {};
    }
    if (errno != EEXIST) return failed("write", target);
  }
  return fail(ErrorKind::kIo, "cannot find a name for a temporary file", printable(target));
}

// `mode` of a file that was there before is kept as it is; a new one's is subject to the umask.
Result<void> replace(const std::string& target, std::string_view content, mode_t mode,
                     bool keep_mode) {
  Temporary temporary;
  TRY(create_beside(target, mode, temporary));
  if (keep_mode && ::fchmod(temporary.fd.get(), mode) != 0) return failed("write", target);
  TRY(write_all(temporary.fd.get(), content, target));
  if (::fsync(temporary.fd.get()) != 0) return failed("write", target);
  if (::rename(temporary.path.c_str(), target.c_str()) != 0) return failed("write", target);
  temporary.path.clear();
  // The rename lasts only when the folder is on disk too. Not every file system can do that.
  const std::string folder = std::filesystem::path(target).parent_path().string();
  const Descriptor opened = open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (opened) (void)::fsync(opened.get());
  return {};
}

// Pipes, terminals, /dev/null: nothing to replace, only to write to.
Result<void> write_into(const std::string& path, std::string_view content) {
  const Descriptor file = open_file(path, O_WRONLY | O_APPEND);
  if (!file) return failed("write", path);
  return write_all(file.get(), content, path);
}

// Of the open file, so that nobody can exchange it between the look and the reading.
Result<void> check_private(int fd, const std::string& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return failed("read", path);
  if (!S_ISREG(info.st_mode) || (info.st_mode & 0077U) == 0) return {};
  return fail(ErrorKind::kUsage, "others than its owner may read or write this key",
              printable(path), "chmod 600 " + shell_quoted(printable(path)));
}

class RealFiles : public Files {
 public:
  Result<std::string> read(const std::string& path, std::size_t limit) override {
    return read_checked(path, limit, false);
  }

  Result<std::string> read_secret(const std::string& path, std::size_t limit) override {
    return read_checked(path, limit, true);
  }

  Result<void> write(const std::string& path, std::string_view content, bool secret) override {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
      errno = EISDIR;
      return failed("write", path);
    }
    const bool there = std::filesystem::exists(status);
    const bool device = path.starts_with("/dev/") || path.starts_with("/proc/");
    if (there && (device || !std::filesystem::is_regular_file(status))) {
      return write_into(path, content);
    }
    if (!there) return replace(path, content, secret ? 0600 : 0644, false);
    const auto real = std::filesystem::canonical(path, error);  // a link stays a link
    const auto before = static_cast<mode_t>(status.permissions()) & 0777U;
    return replace(error ? path : real.string(), content, secret ? 0600 : before, true);
  }

  bool exists(const std::string& path) override {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(path, error));
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return std::unexpected(file_error(error.value(), "read", folder));
    std::ranges::sort(names);
    return names;
  }

 private:
  static Result<std::string> read_checked(const std::string& path, std::size_t limit, bool secret) {
    if (path == "-") return read_all(STDIN_FILENO, "standard input", limit);
    const Descriptor file = open_file(path, O_RDONLY);
    if (!file) return failed("read", path);
    if (secret) TRY(check_private(file.get(), path));
    return read_all(file.get(), path, limit);
  }
};

}  // namespace

std::unique_ptr<Files> real_files() { return std::make_unique<RealFiles>(); }

}  // namespace firebreak
