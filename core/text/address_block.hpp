#pragma once

#include <string>
#include <string_view>

namespace downbeat {

/// What counts as one address where addresses are counted. Who has one IPv6 address has the 2^64
/// beside it as well: of these it is the first half, such as `2001:db8:0:7::/64`. Any other address
/// is itself.
std::string address_block(std::string_view address);

}  // namespace downbeat
