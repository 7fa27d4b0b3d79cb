#include "io/os_error.h"

#include <cerrno>
#include <system_error>

#include "base/text.h"

namespace firebreak {

std::string os_words(int code) {
  std::string words = std::generic_category().message(code);
  if (!words.empty()) words.front() = lower(words.substr(0, 1)).front();
  return words;
}

Error file_error(int code, std::string_view doing, const std::string& path) {
  Error error{
      ErrorKind::kIo, "cannot " + std::string(doing) + ": " + os_words(code), printable(path), {}};
  switch (code) {
    case EACCES:
    case EPERM:
      error.kind = ErrorKind::kDenied;
      error.remedy = "check the owner and mode of the file and its folder";
      break;
    case ENOENT:
    case ENOTDIR:
      error.remedy = doing == "write" ? "make the folder first" : "check the path";
      break;
    case EISDIR: error.remedy = "name a file, not a folder"; break;
    case ENOSPC:
    case EDQUOT: error.remedy = "make room on that file system"; break;
    case EROFS: error.remedy = "choose a path on a file system that can be written"; break;
    default: break;
  }
  return error;
}

}  // namespace firebreak
