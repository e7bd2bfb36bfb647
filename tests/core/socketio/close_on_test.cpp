// What ends a connection.

#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace downbeat::test {
namespace {

const std::initializer_list<const char*> breaches = {
    "4",                                                     // bare
    "47",                                                    // unknown types
    "4a",                                                    //
    "4[\"echo\"]",                                           //
    "40[]",                                                  // a CONNECT payload is an object
    "40\"x\"",                                               //
    "40null",                                                //
    "40{",                                                   //
    "41{}",                                                  // a DISCONNECT has no payload
    "41[]",                                                  //
    "42",                                                    // no event
    "42{}",                                                  //
    "42[]",                                                  //
    "42[null]",                                              // the name is a string or a number
    "42[true]",                                              //
    "42[{}]",                                                //
    "42[[]]",                                                //
    "42[\"echo\"",                                           // broken JSON
    "42[\"echo\"]x",                                         //
    "42[\"connect\"]",                                       // reserved
    "43",                                                    // no answer
    "43{}",                                                  //
    "430{}",                                                 //
    "430",                                                   //
    "44",                                                    // only servers refuse a CONNECT
    "44{\"message\":\"no\"}",                                //
    "42/custom,[\"echo\"]",                                  // not joined
    "41/custom",                                             //
    "43/custom,0[]",                                         //
    "450-[\"echo\"]",                                        // attachments are counted from 1 to 10
    "45[\"echo\"]",                                          //
    "4511-[\"echo\"]",                                       //
    "45x-[\"echo\"]",                                        //
    "451-[]",                                                //
    "451-[\"echo\",{\"_placeholder\":true,\"num\":1}]",      // out of range
    "451-[\"echo\",{\"_placeholder\":true,\"num\":-1}]",     //
    "451-[\"echo\",{\"_placeholder\":true,\"num\":\"0\"}]",  //
    "451-[\"echo\",{\"_placeholder\":true}]",                //
    "461-0[{\"_placeholder\":true,\"num\":7}]",              //
};

}  // namespace

TEST_CASE("what breaks the protocol ends the connection, over every transport") {
  const std::string breach = GENERATE(values(breaches));
  const transport_kind by = GENERATE(values(all_transports));
  CAPTURE(breach);
  puppet_stage stage;
  socketio_client bystander(stage.line);
  bystander.connect();
  socketio_client client(stage.line, by);
  client.connect();
  stage.app->take_notes();
  stage.line.reports();

  client.send(breach);
  CHECK(client.messages() == transcript{"<closed>"});
  CHECK(stage.app->take_notes() == std::vector<std::string>{"disconnected /: forced close"});
  const auto reports = stage.line.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].what == notice::kind::protocol_error);
  CHECK(reports[0].address == "192.0.2.1");
  CHECK_FALSE(reports[0].reason.empty());

  CHECK(bystander.messages().empty());
  bystander.emit("echo", "1");
  CHECK(bystander.messages() == transcript{R"(42["echo",1])"});
}

TEST_CASE("what was sent before the breach arrives, and what follows it is not looked at") {
  conversation talk(make_patient_puppet_engine);
  talk.gets("EIO=4&transport=polling")
      .expects_response("200 0{\"sid\":\"*")
      .posts("40")
      .gets()
      .expects_response("200 40{\"sid\":\"*")
      .posts(
          "42[\"echo\",1]\x1e"
          "42[\"echo\",2]\x1e"
          "42[]\x1e"
          "42[\"echo\",3]")
      .expects_response("200 ok")
      .gets()
      .expects_response(
          "200 42[\"echo\",1]\x1e"
          "42[\"echo\",2]")
      .gets()
      .expects_response("200 1");
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("an attachment without a packet that announced it ends the connection") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send_binary("\x01\x02");
  CHECK(client.messages() == transcript{"<closed>"});
}

TEST_CASE("a breach before CONNECT ends the connection too") {
  const auto* breach = GENERATE("42[\"echo\"]", "41", "430[]", "451-[\"echo\"]", "47", "4");
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket().sends(breach);
  // The packet counts once its attachment is there.
  if (breach[1] == '5') talk.sends_binary("x");
  talk.expects_messages({"<accepted>", "0{*", "<closed 1005>"});
  talk.run();
  talk.run_failing_at_every_step();
}

}  // namespace downbeat::test
