// generate_estate HOSTS CONTAINERS SEED > estate.snapshot.json
#include <charconv>
#include <cstdio>
#include <string_view>

#include "generate_estate.h"
#include "snapshot/json.h"

namespace {

template <class T>
bool read(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  firebreak::EstateShape shape;
  if (argc != 4 || !read(argv[1], shape.hosts) || !read(argv[2], shape.containers) ||
      !read(argv[3], shape.seed) || shape.hosts == 0) {
    std::fputs("usage: generate_estate HOSTS CONTAINERS SEED > estate.snapshot.json\n", stderr);
    return 2;
  }
  const std::string json = to_json(firebreak::generate_estate(shape));
  if (std::fwrite(json.data(), 1, json.size(), stdout) != json.size() || std::fflush(stdout) != 0) {
    std::fputs("generate_estate: the output cannot be written\n", stderr);
    return 4;
  }
  return 0;
}
