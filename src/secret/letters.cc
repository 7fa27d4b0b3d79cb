#include "secret/letters.h"

#include <array>
#include <string_view>

#include "secret/chars.h"

namespace firebreak {
namespace {

// Row: first letter, column: second. Whole bits of surprise, 9 for more, counted over the distinct
// words of C headers, README files and Python sources.
constexpr std::array<std::string_view, 26> kBits{
    "95448759596343959343568769",  // a
    "38573899348378489555399959",  // b
    "38673893594468279463599979",  // c
    "47751787289577479547588779",  // d
    "58435569799553856234967469",  // e
    "49764499299485389465399959",  // f
    "58682863499453479445589999",  // g
    "29982899399769389573799989",  // h
    "55445549998452369643969796",  // i
    "48771889687778368858387889",  // j
    "48561868399654679745586999",  // k
    "37752768299398379855468949",  // l
    "25762889499658439957599989",  // m
    "49433539497687479933569979",  // n
    "76558669676542649354465899",  // o
    "38773796596387358353589959",  // p
    "68877787689578887557078998",  // q
    "38662769397655379544568959",  // r
    "59582784397577459732498969",  // s
    "38672793399678469345597749",  // t
    "55554669599443849333999899",  // u
    "28781789399958469878999999",  // v
    "28774793299784479458894999",  // w
    "58373598498667739862999559",  // x
    "66685568499554329444686998",  // y
    "37881888489678578787788866",  // z
};

}  // namespace

int letter_pair_bits(char first, char second) {
  const auto row = static_cast<std::size_t>(to_lower(first) - 'a');
  return kBits[row][static_cast<std::size_t>(to_lower(second) - 'a')] - '0';
}

}  // namespace firebreak
