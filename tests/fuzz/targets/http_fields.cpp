// The head of a request: Origin and Host, paths of files, entity tags, tokens. And what of it is
// logged.

#include "fuzz/fuzz.hpp"
#include "http/accept_encoding.hpp"
#include "http/authority.hpp"
#include "http/media_type.hpp"
#include "http/origin.hpp"
#include "http/static_files.hpp"
#include "http/text.hpp"
#include "log/line.hpp"
#include "websocket/handshake.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace downbeat;
using fuzz::must;
namespace fs = std::filesystem;

namespace {

/// A folder to serve, next to a secret file, with a symbolic link to it.
struct site {
  site() {
    std::string name = (fs::temp_directory_path() / "downbeat-fuzz-XXXXXX").string();
    must(mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
    folder = name;
    const fs::path root = folder / "site";
    fs::create_directories(root / "a");
    std::ofstream(folder / "secret") << "secret";
    std::ofstream(root / "index.html") << "hello";
    std::ofstream(root / "a" / "b.js") << "1";
    std::ofstream(root / ".hidden") << "hidden";
    fs::create_symlink("../secret", root / "link");
    files = host::static_files::read(root);
  }
  ~site() { fs::remove_all(folder); }

  fs::path folder;
  host::static_files files;
};

void check_path(std::string_view path) {
  static const site here;
  if (const auto* const found = here.files.find(path)) {
    must(*found->bytes == "hello" || *found->bytes == "1", "no other file is shown");
    must(here.files.choose(path, path).has_value(), "a file that is found can be sent");
  }
  if (const auto decoded = host::decode_path(path)) {
    must(decoded->size() <= path.size(), "a path does not grow by being decoded");
  }
}

void check_origin(std::string_view origin, std::string_view other) {
  static const host::origin_policy closed({"https://jam.example"});
  static const host::origin_policy open({"*"});
  const auto here = host::parse_authority(other);
  const bool is_local =
      host::is_loopback_origin(origin) && here && host::is_loopback_host(here->host);
  const auto normal = host::normal_origin(origin);
  if (normal) must(host::normal_origin(*normal) == normal, "a normal form is its own");
  if (!origin.empty() && !is_local && !host::is_same_origin(origin, other) &&
      normal != "https://jam.example") {
    must(!closed.allows(origin, other), "strangers stay out");
  }
  for (const auto* policy : {&closed, &open}) {
    for (const std::string& fields :
         {policy->response_fields(origin, policy->allows(origin, other)),
          policy->preflight_fields(origin, policy->allows(origin, other), other)}) {
      // A header field injected by a client would be a line without a colon, or empty.
      if (origin.find('\n') != std::string_view::npos ||
          origin.find('\r') != std::string_view::npos ||
          other.find('\n') != std::string_view::npos ||
          other.find('\r') != std::string_view::npos) {
        continue;  // the request parser refuses these
      }
      for (std::string_view rest = fields; !rest.empty();) {
        const std::size_t end = rest.find("\r\n");
        must(end != std::string_view::npos &&
                 rest.substr(0, end).find(':') != std::string_view::npos,
             "header fields are lines");
        rest.remove_prefix(end + 2);
      }
    }
  }
}

void check_log(std::string_view value) {
  const std::array<host::log_field, 2> fields = {{{"name", value}, {"room", "A"}}};
  const std::string text = host::text_line("x", fields);
  const std::string json = host::json_line("now", "info", "x", fields);
  for (const std::string_view line : {std::string_view(text), std::string_view(json)}) {
    for (const char c : line) {
      const auto byte = static_cast<unsigned char>(c);
      must(byte >= 0x20 && byte != 0x7f, "no value ends a line of the log or steers a terminal");
    }
  }
  must(text.ends_with(" room=A"), "no value swallows the next one");
  must(nlohmann::json::parse(json)["room"] == "A", "a line of the log is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const std::size_t line_end = std::min(text.find('\n'), size);
  const std::string_view first = text.substr(0, line_end);
  const std::string_view second = text.substr(std::min(line_end + 1, size));
  check_path(first);
  check_origin(first, second);
  check_log(text);
  (void)host::matches_etag(first, second);
  (void)host::media_type_of(first);
  (void)host::has_token(first, "upgrade");
  (void)host::accepts_encoding(first, "br");
  if (const auto protocol = host::first_subprotocol(first)) {
    must(host::is_token(*protocol), "a subprotocol is a token");
  }
  if (host::is_valid_websocket_key(first)) {
    must(first.size() == 24, "a key has 24 characters");
    must(host::switching_protocols(first, "").ends_with("\r\n\r\n"), "a handshake is answered");
  }
  return 0;
}
