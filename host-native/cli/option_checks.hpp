#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace downbeat::host {

// What the values of options must be. Each check returns why a value is refused, in words that
// follow the name of the option (`must be …`); empty if it is not.

/// A whole number in decimal digits, and nothing else: no sign, no leading zeros, no other base.
std::optional<std::int64_t> read_decimal(std::string_view text);

std::string check_host(const std::string& host);
std::string check_path(const std::string& path);
std::string check_folder(const std::string& folder);
std::string check_policy(const std::string& policy);
std::string check_origin(const std::string& origin);
std::string check_network(const std::string& network);
std::string check_redis_url(const std::string& url);
std::string check_node_name(const std::string& name);

/// `true` or `false` as people write it, or nothing.
std::optional<bool> read_switch(std::string_view text);

/// The name that was most probably meant; empty if none is similar.
std::string nearest(std::string_view name, const std::vector<std::string>& names);

}  // namespace downbeat::host
