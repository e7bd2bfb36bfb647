#pragma once

#include <string>
#include <string_view>

namespace downbeat {

/// The network that limits count an address under: the /64 network of an IPv6 address, such as
/// `2001:db8:0:7::/64`, because one client can use all addresses of a /64. An IPv4 address or other
/// text is returned as it is.
std::string address_block(std::string_view address);

}  // namespace downbeat
