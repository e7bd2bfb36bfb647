#include "cli/option_checks.hpp"

#include "http/origin.hpp"
#include "http/text.hpp"
#include "http/trusted_proxies.hpp"
#include "redis/redis_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <numeric>
#include <system_error>

namespace downbeat::host {
namespace {

bool is_one_of(std::string_view text, char c) {
  return text.find(c) != std::string_view::npos;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

// RFC 3986, 3.3: what a client may send of it as it is, without encoding.
bool is_segment(std::string_view text) {
  // Clients resolve `.` and `..` before they send a path.
  if (text.empty() || text == "." || text == "..") return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
        return false;
      }
    } else if (!is_letter_or_digit(text[i]) && !is_one_of("-._~!$&'()*+,;=:@", text[i])) {
      return false;
    }
  }
  return true;
}

// Insertions, deletions and changes of a character that make one text of another.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({row[k] + 1, diagonal + 1, changed});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::int64_t> read_decimal(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  if (text.front() == '0' && text.size() > 1) return std::nullopt;
  std::int64_t number = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::string check_host(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  if (!error) return {};
  const auto is_of_name = [](char c) { return is_letter_or_digit(c) || is_one_of("-._", c); };
  if (std::all_of(host.begin(), host.end(), is_of_name)) return {};
  return "must be a name or an address such as localhost, 127.0.0.1 or ::1 (the port is for "
         "--port), not " +
         host;
}

std::string check_path(const std::string& path) {
  std::string wish =
      "must begin and end with a slash, with names of letters, digits and -._~ between slashes, "
      "such as /socket.io/, not " +
      path;
  if (path.size() < 2 || path.front() != '/' || path.back() != '/') return wish;
  std::string_view rest = std::string_view(path).substr(1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('/');
    if (!is_segment(rest.substr(0, end))) return wish;
    rest.remove_prefix(end + 1);
  }
  return {};
}

std::string check_folder(const std::string& folder) {
  std::error_code error;
  // It is opened, because a folder that can be seen is not always one that can be read.
  const std::filesystem::directory_iterator opened(folder, error);
  if (!error) return {};
  return "must be a folder that can be read: " + folder + ": " + error.message();
}

std::string check_policy(const std::string& policy) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (std::all_of(policy.begin(), policy.end(), is_printable)) return {};
  return "must be text without control characters, such as default-src 'self'";
}

std::string check_origin(const std::string& origin) {
  if (origin == "*" || is_origin(origin)) return {};
  return "must be * or an origin such as https://jam.example, without a path or a slash behind "
         "it, not " +
         origin;
}

std::string check_network(const std::string& network) {
  if (is_network(network)) return {};
  return "must be an address such as 192.0.2.1 or a network such as 10.0.0.0/8, not " + network;
}

std::string check_node_name(const std::string& name) {
  const bool is_name =
      !name.empty() && name.size() <= 16 && std::all_of(name.begin(), name.end(), [](char one) {
        return (one >= 'A' && one <= 'Z') || (one >= 'a' && one <= 'z') ||
               (one >= '0' && one <= '9');
      });
  return is_name ? "" : "must be 1 to 16 letters and digits";
}

std::string check_redis_url(const std::string& url) {
  try {
    read_redis_url(url);
    return {};
  } catch (const unusable_redis_url& error) {
    return error.what();
  }
}

std::optional<bool> read_switch(std::string_view text) {
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (equals_ignoring_case(text, yes)) return true;
  }
  for (const std::string_view no : {"false", "0", "no", "off"}) {
    if (equals_ignoring_case(text, no)) return false;
  }
  return std::nullopt;
}

std::string nearest(std::string_view name, const std::vector<std::string>& names) {
  std::string best;
  std::size_t least = std::max<std::size_t>(name.size() / 3, 2) + 1;
  for (const std::string& one : names) {
    const std::size_t distance = edit_distance(name, one);
    if (distance >= least) continue;
    least = distance;
    best = one;
  }
  return best;
}

}  // namespace downbeat::host
