#include "replay/redact.hpp"

#include "replay/header.hpp"
#include "replay/player.hpp"
#include "replay/run.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace downbeat;

namespace {

/// What happened, with names, words, an address and a query that are nobody's business. The outputs
/// are left out: the player fills them in.
std::string trace_of(const std::vector<std::string>& inputs, const jam::options& options = {}) {
  replay::player engine(options);
  std::string text = replay::write_header(options) + '\n';
  for (const std::string& input : inputs) {
    const auto outputs = engine.step(input);
    REQUIRE(std::holds_alternative<std::string>(outputs));
    text += input + '\n' + std::get<std::string>(outputs) + '\n';
  }
  return text;
}

std::string entropy_of(char digit) {
  return std::string(128, digit);
}

std::string a_jam() {
  replay::player engine(jam::options{});
  std::vector<std::string> inputs = {
      R"(1000 > websocket 1 {"query":"EIO=4&transport=websocket&token=hunter2","origin":"https://private.example","address":"203.0.113.77","entropy":")" +
          entropy_of('a') + R"("})",
      R"(1001 > text 1 "40{\"token\":\"hunter2\"}")",
      R"(1002 > text 1 "420[\"session:create\",{\"name\":\"Secretive Sam\",\"password\":\"hunter2\"}]")",
      R"(1003 > request 2 {"method":"GET","query":"EIO=4&transport=polling","address":"203.0.113.78","entropy":")" +
          entropy_of('b') + R"("})",
  };
  std::string last;
  std::string code;
  for (const std::string& input : inputs) {
    last = std::get<std::string>(engine.step(input));
    const auto room = last.find("\"room\":\"");
    if (room != std::string::npos)
      code = last.substr(room + 8, last.find('"', room + 8) - room - 8);
  }
  const auto sid_at = last.find("sid\\\":\\\"") + 8;
  const std::string polling = "EIO=4&transport=polling&sid=" + last.substr(sid_at, 20);
  const std::string rest = R"(","address":"203.0.113.78","entropy":")" + entropy_of('c') + R"("})";
  inputs.push_back(R"(1004 > request 3 {"method":"POST","query":")" + polling + rest);
  inputs.push_back(R"(1004 > body 3 "40\u001e42[\"session:join\",{\"roomCode\":\")" + code +
                   R"(\",\"name\":\"Bob\"}]")");
  inputs.push_back(R"(1005 > request 4 {"method":"GET","query":")" + polling + rest);
  inputs.push_back(
      R"(1006 > text 1 "42[\"session:event\",{\"type\":\"chat\",\"data\":\"meet me at 5\"}]")");
  inputs.push_back(
      R"(1006 > text 1 "42[\"session:event\",{\"type\":\"dial\",\"data\":[86753.09e7]}]")");
  inputs.push_back(R"(1007 > text 1 "42[\"diary\",\"dear diary")");
  return trace_of(inputs);
}

std::string redacted(const std::string& text, std::uint64_t seed = 1) {
  const auto told = replay::redact(text, seed);
  REQUIRE(std::holds_alternative<std::string>(told));
  return std::get<std::string>(told);
}

std::string lines_with(std::string_view text, std::string_view what) {
  std::string found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (line.find(what) != line.npos) found.append(line) += '\n';
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return found;
}

}  // namespace

TEST_CASE("a redacted trace replays like any other") {
  const std::string told = redacted(a_jam());
  CAPTURE(told);
  const auto found = replay::run(told);
  CHECK(found.difference.empty());
  CHECK(found.inputs == 10);
}

TEST_CASE("a redacted trace has the same events") {
  const std::string told = redacted(a_jam());
  CAPTURE(told);
  CHECK_FALSE(lines_with(told, "session created").empty());
  CHECK_FALSE(lines_with(told, "session joined").empty());
  CHECK_FALSE(lines_with(told, "session:event").empty());
  CHECK_FALSE(lines_with(told, "protocol error").empty());
}

TEST_CASE("nothing that was said, drawn or typed is left in a redacted trace") {
  const std::string before = a_jam();
  const std::string told = redacted(before);
  CAPTURE(told);
  for (const std::string_view secret :
       {"hunter2", "Secretive", "Sam", "Bob", "chat", "meet", "diary", "86753", "private.example",
        "203.0.113", "aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"}) {
    CAPTURE(secret);
    CHECK(before.find(secret) != before.npos);
    CHECK(told.find(secret) == told.npos);
  }
  for (const std::string_view key : {"sid\\\":\\\"", "roomCode\\\":\\\""}) {
    const auto at = before.find(key) + key.size();
    const std::string secret = before.substr(at, before.find('\\', at) - at);
    CAPTURE(secret);
    CHECK(secret.size() > 5);
    CHECK(told.find(secret) == told.npos);
  }
}

TEST_CASE("another seed draws others, the same seed the same") {
  const std::string before = a_jam();
  CHECK(redacted(before, 1) == redacted(before, 1));
  CHECK(redacted(before, 1) != redacted(before, 2));
}

TEST_CASE("a trace that cannot be read is not redacted, and says where") {
  const auto told = replay::redact(replay::write_header({}) + "\nnonsense\n", 1);
  REQUIRE(std::holds_alternative<trace::unreadable>(told));
  CHECK(std::get<trace::unreadable>(told).why.substr(0, 8) == "line 2: ");
}

TEST_CASE("what operators asked and commanded is redacted to the replaced codes and ids") {
  const auto opened = [](int number, char digit) {
    return "1000 > websocket " + std::to_string(number) +
           R"( {"query":"EIO=4&transport=websocket","entropy":")" + entropy_of(digit) + R"("})";
  };
  std::vector<std::string> inputs = {
      R"(1000 > clock 1764357640123)",
      opened(1, 'a'),
      R"(1000 > text 1 "40")",
      opened(2, 'b'),
      R"(1000 > text 2 "40")",
      R"(1000 > text 1 "42[\"session:create\",{\"name\":\"Sam\"}]")",
  };
  std::string text = trace_of(inputs);
  const auto after = [&](std::string_view what, std::size_t from = 0) {
    const auto at = text.find(what, from) + what.size();
    return text.substr(at, text.find_first_of("\\\"", at) - at);
  };
  const std::string code = after(R"("room":")");
  const std::string id = after(R"(40{\"sid\":\")");
  const std::string other = after(R"(40{\"sid\":\")", text.find("send 2 \"40"));
  REQUIRE(id.size() == 20);
  REQUIRE(other.size() == 20);
  REQUIRE(other != id);
  inputs.push_back(R"(1001 > text 2 "42[\"session:join\",{\"name\":\"Bob\",\"roomCode\":\")" +
                   code + R"(\"}]")");
  inputs.push_back(R"(1002 > query 7 "{\"query\":\"participants\",\"roomCode\":\")" + code +
                   R"(\",\"limit\":1}")");
  inputs.push_back(R"(1002 > query 8 "{\"query\":\"sessions\",\"limit\":55}")");
  inputs.push_back(R"(1002 > query 9 "{\"query\":\"sessions\",\"password\":\"hunter2\"}")");
  inputs.push_back(R"(1002 > query 9 "{\"query\":\"sessions\",\"after\":\"hunter3\"}")");
  inputs.push_back(R"(61002 > clock 1764357701123)");
  inputs.push_back(
      R"(61003 > command 10 "{\"command\":\"disconnect_participant\",\"participantId\":\")" +
      other + R"(\"}")");
  inputs.push_back(R"(61004 > command 11 "{\"command\":\"close_session\",\"roomCode\":\")" + code +
                   R"(\"}")");
  text = trace_of(inputs);
  CHECK(lines_with(text, "answer 10") == "61003 < answer 10 {\"ok\":true,\"disconnected\":1}\n");
  const std::string told = redacted(text);
  CAPTURE(told);
  CHECK(replay::run(told).difference.empty());
  CHECK(told.find(code) == told.npos);
  CHECK(told.find(id) == told.npos);
  CHECK(told.find(other) == told.npos);
  CHECK(told.find("hunter") == told.npos);
  CHECK_FALSE(lines_with(told, "answer 7 {\"ok\":true,\"items\":[{").empty());
  CHECK_FALSE(lines_with(told, "\\\"limit\\\":55").empty());
  CHECK_FALSE(lines_with(told, "answer 9 {\"ok\":false").empty());
  CHECK(lines_with(told, "answer 10") == lines_with(text, "answer 10"));
  CHECK(lines_with(told, "answer 11") == lines_with(text, "answer 11"));
  CHECK(lines_with(told, "> clock") == "1000 > clock 946684800000\n61002 > clock 946684861000\n");
}

TEST_CASE("what begins with a character of several bytes is redacted like any other text") {
  for (const std::string_view text : {"é", "4é", "😀", "4😀", "2é", "ééé", "42é", "b😀"}) {
    CAPTURE(text);
    const std::string told = redacted(trace_of({
        R"(1000 > websocket 1 {"query":"EIO=4&transport=websocket","address":"203.0.113.77","entropy":")" +
            entropy_of('a') + R"("})",
        R"(1001 > text 1 "40")",
        R"(1002 > text 1 ")" + std::string(text) + '"',
    }));
    CHECK(told.find("é") == told.npos);
    CHECK(told.find("😀") == told.npos);
    CHECK(replay::run(told).difference.empty());
  }
}

TEST_CASE("a packet with more attachments than anybody allows by default is redacted as a packet") {
  const std::string told = redacted(trace_of({
      R"(1000 > options {"maxAttachments":2000})",
      R"(1000 > websocket 1 {"query":"EIO=4&transport=websocket","address":"203.0.113.77","entropy":")" +
          entropy_of('a') + R"("})",
      R"(1001 > text 1 "40")",
      R"(1002 > text 1 "451500-[\"session:event\",{\"type\":\"hunter2\"}]")",
      R"(1003 > text 1 "459007199254740991-[\"session:event\",{\"type\":\"hunter2\"}]")",
  }));
  CHECK(told.find("hunter") == told.npos);
  CHECK(told.find("451500-[") != told.npos);
  CHECK(told.find("459007199254740991-[") != told.npos);
  CHECK(replay::run(told).difference.empty());
}

TEST_CASE("options that nobody knows are left out of a redacted trace, and wrong ones stay wrong") {
  const std::string before = trace_of({
      R"(1000 > options {"maxParticipants":3,"note":"hunter2"})",
      R"(1001 > options {"maxParticipants":"hunter3"})",
  });
  const std::string told = redacted(before);
  CHECK(told.find("hunter") == told.npos);
  CHECK(told.find("\"maxParticipants\":3") != told.npos);
  CHECK(replay::run(told).difference.empty());
}

TEST_CASE("the pid of a client that comes back is redacted, and recovers in the replay") {
  jam::options options;
  options.reconnect_grace_s = 60;
  const auto websocket = [](const std::string& now_and_id, char entropy) {
    return now_and_id +
           R"( {"query":"EIO=4&transport=websocket","address":"203.0.113.77","entropy":")" +
           entropy_of(entropy) + R"("})";
  };
  std::vector<std::string> inputs = {
      websocket("1000 > websocket 1", 'a'),
      R"(1000 > text 1 "40")",
      R"(1001 > text 1 "421[\"session:create\",{\"name\":\"Sam\"}]")",
      "1002 > closed 1",
  };
  std::string text = trace_of(inputs, options);
  const std::string mark = R"(\",\"pid\":\")";
  const auto at = text.find(mark) + mark.size();
  const std::string pid = text.substr(at, text.find('\\', at) - at);
  REQUIRE(pid.size() == 32);
  inputs.push_back(websocket("1003 > websocket 2", 'b'));
  inputs.push_back(R"(1003 > text 2 "40{\"pid\":\")" + pid + R"(\"}")");
  text = trace_of(inputs, options);
  REQUIRE_FALSE(lines_with(text, "resumed").empty());
  const std::string told = redacted(text);
  CHECK(replay::run(told).difference.empty());
  CHECK(told.find(pid) == told.npos);
  CHECK_FALSE(lines_with(told, "resumed").empty());
}

TEST_CASE("resume tokens, offsets and request ids are redacted, and mean the same in the replay") {
  jam::options options;
  options.reconnect_grace_s = 60;
  const auto websocket = [](const std::string& now_and_id, char entropy) {
    return now_and_id +
           R"( {"query":"EIO=4&transport=websocket","address":"203.0.113.77","entropy":")" +
           entropy_of(entropy) + R"("})";
  };
  std::vector<std::string> inputs = {
      websocket("1000 > websocket 1", 'a'),
      R"(1000 > text 1 "40{\"resume\":true,\"recovery\":true}")",
      R"(1001 > text 1 "42[\"session:create\",{\"name\":\"Sam\",\"requestId\":\"hunter-1\"}]")",
      R"(1002 > text 1 "421[\"session:create\",{\"name\":\"Sam\",\"requestId\":\"hunter-1\"}]")",
  };
  std::string text = trace_of(inputs, options);
  const auto last_after = [&](std::string_view mark) {
    const auto at = text.rfind(mark) + mark.size();
    return text.substr(at, text.find('\\', at) - at);
  };
  const std::string token = last_after(R"(\"resumeToken\":\")");
  REQUIRE(token.size() == 32);
  const std::string offset = last_after(R"(},\")");
  REQUIRE(!offset.empty());
  const std::string code = last_after(R"(\"roomCode\":\")");
  for (const std::string& more : {
           websocket("1003 > websocket 2", 'b'),
           std::string(R"(1003 > text 2 "40")"),
           R"(1003 > text 2 "42[\"session:join\",{\"roomCode\":\")" + code +
               R"(\",\"name\":\"Joe\"}]")",
           std::string("1004 > closed 1"),
           std::string(R"(1004 > text 2 "42[\"session:event\",{\"type\":\"note\"}]")"),
           websocket("1005 > websocket 3", 'c'),
           R"(1005 > text 3 "40{\"recovery\":true,\"resumeToken\":\")" + token +
               R"(\",\"offset\":\")" + offset + R"(\"}")",
       }) {
    inputs.push_back(more);
  }
  text = trace_of(inputs, options);
  const std::string missed = R"(\"missed\":1,\"complete\":true)";
  const auto created = lines_with(text, "session created");
  REQUIRE(std::count(created.begin(), created.end(), '\n') == 1);
  REQUIRE_FALSE(lines_with(text, missed).empty());
  const std::string told = redacted(text);
  CHECK(replay::run(told).difference.empty());
  for (const std::string& secret : {token, offset, std::string("hunter")}) {
    CHECK(told.find(secret) == told.npos);
  }
  const auto created_again = lines_with(told, "session created");
  CHECK(std::count(created_again.begin(), created_again.end(), '\n') == 1);
  CHECK_FALSE(lines_with(told, missed).empty());
}

TEST_CASE("what a journal is given and answers is redacted") {
  jam::options options;
  options.journal = jam::journal_kind::host;
  std::vector<std::string> inputs = {
      R"(1000 > websocket 1 {"query":"EIO=4&transport=websocket","address":"203.0.113.77","entropy":")" +
          entropy_of('a') + R"("})",
      R"(1000 > text 1 "40")",
      R"(1001 > text 1 "421[\"session:create\",{\"name\":\"Secretive Sam\"}]")",
  };
  std::string text = trace_of(inputs, options);
  const auto after = [&](std::string_view mark) {
    const auto at = text.find(mark) + mark.size();
    return text.substr(at, text.find_first_of("\\\"", at) - at);
  };
  const std::string code = after(R"(append 1 {"room":")");
  const std::string id = after(R"(40{\"sid\":\")");
  REQUIRE(id.size() == 20);
  inputs.emplace_back("1002 > appended 1");
  inputs.emplace_back(R"(1003 > text 1 "422[\"session:update\",{\"name\":\"Samuel\"}]")");
  const std::string room = R"(\"room\":\")" + code + R"(\",)";
  const auto joined = [&](const std::string& who) {
    return R"({\"v\":1,\"type\":\"joined\",)" + room + R"(\"who\":{\"id\":\")" + who +
           R"(\",\"name\":\"Furtive Fay\",\"instrument\":\"lute\",\"move\":3},\"host\":false})";
  };
  const std::string fay = "SECRETidSECRETidAAAC";
  inputs.push_back(R"(1004 > append-conflict 2 "[)" + joined(fay) +
                   R"(,{\"v\":1,\"type\":\"updated\",)" + room + R"(\"user\":\")" + fay +
                   R"(\",\"name\":\"Fay\",\"instrument\":\"lute\"}]")");
  inputs.push_back(R"(1005 > append-conflict 3 "hunter2 [")");
  text = trace_of(inputs, options);
  CHECK_FALSE(lines_with(text, "user-joined").empty());
  CHECK_FALSE(lines_with(text, "try_again").empty());
  const std::string told = redacted(text);
  CAPTURE(text, told);
  CHECK(replay::run(told).difference.empty());
  for (const std::string& secret :
       {code, id, fay, std::string("SECRET"), std::string("Sam"), std::string("Fay"),
        std::string("lute"), std::string("hunter")}) {
    CAPTURE(secret);
    CHECK(text.find(secret) != text.npos);
    CHECK(told.find(secret) == told.npos);
  }
  for (const std::string_view kept : {"append 1 {", "> append-conflict 2", "user-joined",
                                      "user-updated", "try_again", R"(\"move\":3)"}) {
    CAPTURE(kept);
    CHECK(lines_with(told, kept).empty() == lines_with(text, kept).empty());
  }
}
