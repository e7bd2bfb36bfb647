#include "trace/output_line.hpp"

#include "base/frame.hpp"
#include "output.hpp"
#include "telemetry/notice.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace downbeat::trace {
namespace {

using namespace std::string_literals;

output::report report_of(notice what) {
  return {std::make_unique<const notice>(std::move(what))};
}

}  // namespace

TEST_CASE("every output is a line") {
  CHECK(write_output(5, output::send_frame{3, frame::text("4\"é\"\n")}) ==
        R"(5 < send 3 "4\"é\"\n")");
  CHECK(write_output(5, output::send_frame{3, frame::binary("text")}) ==
        R"(5 < send-binary 3 "dGV4dA==")");
  CHECK(write_output(5, output::send_frame{3, frame::binary({})}) == R"(5 < send-binary 3 "")");
  CHECK(write_output(5, output::accept_websocket{18446744073709551615u}) ==
        "5 < accept 18446744073709551615");
  CHECK(write_output(5, output::refuse_websocket{3, 400, "text/html", "Bad \"request\""}) ==
        R"(5 < refuse 3 400 "Bad \"request\"")");
  CHECK(write_output(5, output::close_transport{3, close_code::no_status}) == "5 < close 3 1005");
  CHECK(write_output(5, output::close_transport{3, close_code::abnormal}) == "5 < close 3 1006");
  CHECK(write_output(5, output::close_transport{3, close_code::invalid_text}) ==
        "5 < close 3 1007");
  CHECK(write_output(5, output::close_transport{3, close_code::too_large}) == "5 < close 3 1009");
  CHECK(write_output(5, output::respond{7, 200, "text/plain",
                                        "2\x1e"
                                        "6"}) == R"(5 < respond 7 200 "text/plain" "2\u001e6")");
  CHECK(write_output(5, output::respond{7, 413, {}, {}}) == R"(5 < respond 7 413 "" "")");
  CHECK(write_output(5, output::cut_request{7}) == "5 < cut 7");
  CHECK(write_output(5, output::answer{7, R"({"ok":true,"items":[]})"}) ==
        R"(5 < answer 7 {"ok":true,"items":[]})");
  CHECK(write_output(5, output::append{3, "JAZZ-42", 7, R"([{"v":1}])"}) ==
        R"(5 < append 3 {"room":"JAZZ-42","expectedHead":7,"events":[{"v":1}]})");
  CHECK(write_output(5, output::wait_until{26'500}) == "5 < wait 26500");
  CHECK(write_output(5, output::wait_until{}) == "5 < wait");
}

TEST_CASE("a report shows what is not empty") {
  CHECK(write_output(0, report_of({notice::kind::session_closed, "JAZZ-42", {}, {}, {}, {}})) ==
        R"(0 < report {"what":"session closed","room":"JAZZ-42"})");
  CHECK(json_of({notice::kind::client_disconnected, "r", "u", "n", "why", "::1"}) ==
        R"({"what":"client disconnected","room":"r","user":"u","name":"n","reason":"why",)"
        R"("address":"::1"})");
}

TEST_CASE("what came from a peer is one line, whatever its bytes") {
  CHECK(json_of({notice::kind::join_failed, "a\nb\0c"s, {}, {}, {}, {}}) ==
        R"({"what":"join failed","room":"a\nb\u0000c"})");
  CHECK(json_of({notice::kind::join_failed, "\xff", {}, {}, {}, {}}) ==
        R"({"what":"join failed","room":{"base64":"/w=="}})");
}

}  // namespace downbeat::trace
