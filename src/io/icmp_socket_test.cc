#include "io/icmp_socket.h"

#include <gmock/gmock.h>

#include <string>

namespace firebreak {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

const IpAddress kFrom = IpAddress::v4(0x0a4e0003);

// As a kernel sent it: 10.78.0.3 rejects a SYN of 10.78.0.2:40000 to 10.78.0.3:82.
const std::string kRejected = bytes_of(
    "45c000580001000040012580"
    "0a4e00030a4e0002"
    "0303fcfc00000000"
    "4500003c0001400040060000"
    "0a4e00020a4e0003"
    "9c400052000000010000000000000000");

const std::string kReplied = bytes_of(
    "4500001e0001000040010000"
    "0a4e00030a4e0002"
    "0000abcd80000007"
    "6162");

// 2001:db8::1 says "administratively prohibited" to a datagram from fd00::2, port 1, to fd00::3:53.
const std::string kForbidden = bytes_of(
    "0101abcd00000000"
    "6000000000081140"
    "fd000000000000000000000000000002"
    "fd000000000000000000000000000003"
    "0001003500080000");

TEST(ReadIcmp, AnErrorIsAboutThePacketThatItQuotes) {
  const auto note = read_icmp(Family::kV4, kRejected, kFrom);
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(note->error, (IcmpError{3, 3, kFrom}));
  EXPECT_EQ(note->about, (SentPacket{6, IpAddress::v4(0x0a4e0002), kFrom, 40000, 82}));
}

TEST(ReadIcmp, AReplyIsAboutTheRequestToItsSender) {
  const auto note = read_icmp(Family::kV4, kReplied, kFrom);
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(note->error, std::nullopt);
  EXPECT_EQ(note->about, (SentPacket{1, {}, kFrom, 0x8000, 7}));
  EXPECT_EQ(note->payload, "ab");
}

TEST(ReadIcmp, OfIpv6) {
  const auto from = IpAddress::parse("2001:db8::1");
  const auto note = read_icmp(Family::kV6, kForbidden, *from);
  ASSERT_TRUE(note.has_value());
  EXPECT_EQ(note->error, (IcmpError{1, 1, *from}));
  EXPECT_EQ(note->about,
            (SentPacket{17, *IpAddress::parse("fd00::2"), *IpAddress::parse("fd00::3"), 1, 53}));
}

TEST(ReadIcmp, WhatIsCutOffIsNoMessage) {
  for (const auto& [family, whole, needed] :
       {std::tuple(Family::kV4, kRejected, std::size_t{20 + 8 + 20 + 8}),
        std::tuple(Family::kV4, kReplied, std::size_t{20 + 8}),
        std::tuple(Family::kV6, kForbidden, std::size_t{8 + 40 + 8})}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(read_icmp(family, whole.substr(0, size), kFrom).has_value(), size >= needed)
          << size;
    }
  }
}

TEST(ReadIcmp, OtherMessagesArePassedOver) {
  std::string redirect = kRejected;
  redirect[20] = 5;
  EXPECT_FALSE(read_icmp(Family::kV4, redirect, kFrom).has_value());
  std::string not_ip = kRejected;
  not_ip[28] = '\x65';
  EXPECT_FALSE(read_icmp(Family::kV4, not_ip, kFrom).has_value());
}

}  // namespace
}  // namespace firebreak
