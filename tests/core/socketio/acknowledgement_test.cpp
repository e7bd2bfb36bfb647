#include "core/socketio/greeting.hpp"
#include "support/conversation.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace downbeat::test {

TEST_CASE("an event that asks for an acknowledgement gets one with the same id") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .expects_messages({"<accepted>", open, greeting})
      .sends(R"(420["give",1,"a",{"b":null}])")
      .expects_messages({R"(430[1,"a",{"b":null}])"})
      .sends(R"(429007199254740991["give",[]])")
      .expects_messages({"439007199254740991[[]]"})
      .sends(R"(4207["give"])")
      .expects_messages({"437[]"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("an event that asks for no acknowledgement gets none") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.emit("give", "1");
  CHECK(client.messages().empty());
}

TEST_CASE("an event that nobody handles gets no acknowledgement") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send(R"(423["who-knows",1])");
  CHECK(client.messages().empty());
  CHECK(client.is_open());
}

TEST_CASE("acknowledgements carry their namespace") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40/custom")
      .sends(R"(42/custom,5["give",1])")
      .expects_messages({"<accepted>", open, "40/custom,*", "43/custom,5[1]"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("the server asks for acknowledgements, and takes the answers in any order") {
  conversation talk(make_patient_puppet_engine);
  talk.opens_websocket()
      .sends("40")
      .sends(R"(42["ask","first"])")
      .sends(R"(42["ask","second"])")
      .expects_messages({"<accepted>", open, greeting, R"(420["question","first"])",
                         R"(421["question","second"])"})
      .sends(R"(431["2nd"])")
      .expects_messages({R"(42["answer",1,"2nd"])"})
      .sends("430[]")
      .expects_messages({R"(42["answer",0])"});
  talk.run();
  talk.run_failing_at_every_step();
}

TEST_CASE("only the first answer counts, and answers to nothing are ignored") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send("430[1]");
  client.send("4399[1]");
  client.emit("ask");
  CHECK(client.messages() == transcript{R"(420["question"])"});
  client.send("4300[1]");
  client.send("430[2]");
  client.send("431[3]");
  CHECK(client.messages() == transcript{R"(42["answer",0,1])"});
  CHECK(client.is_open());
}

TEST_CASE("the answer to an earlier question is not mistaken for that to a later one") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.emit("ask");
  client.send("430[1]");
  client.emit("ask");
  client.messages();
  client.send("430[2]");
  CHECK(client.messages().empty());
  client.send("431[3]");
  CHECK(client.messages() == transcript{R"(42["answer",1,3])"});
}

TEST_CASE("every socket counts its own questions") {
  puppet_stage stage;
  socketio_client alice(stage.line);
  socketio_client bob(stage.line);
  alice.connect();
  alice.connect("/custom");
  bob.connect();
  alice.emit("ask");
  alice.emit("ask");
  bob.emit("ask");
  alice.send(R"(42/custom,["ask"])");
  CHECK(alice.messages() ==
        transcript{R"(420["question"])", R"(421["question"])", R"(42/custom,0["question"])"});
  CHECK(bob.messages() == transcript{R"(420["question"])"});

  // Nobody answers for another, nor in another namespace.
  bob.send("431[]");
  alice.send("43/custom,1[]");
  CHECK(bob.messages().empty());
  CHECK(alice.messages().empty());
  alice.send("43/custom,0[7]");
  CHECK(alice.messages() == transcript{R"(42/custom,["answer",0,7])"});
  CHECK(alice.is_open());
}

TEST_CASE("a question dies with its socket") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.emit("ask");
  client.send("41");
  client.messages();
  client.connect();
  client.send("430[1]");
  CHECK(client.messages().empty());
}

TEST_CASE("acknowledgements carry attachments, both ways") {
  const transport_kind by = GENERATE(values(all_transports));
  puppet_stage stage;
  socketio_client client(stage.line, by);
  client.connect();
  client.send(R"(451-8["give",{"_placeholder":true,"num":0},"x"])", {"\x01\xff"});
  CHECK(client.messages() ==
        transcript{R"(461-8[{"_placeholder":true,"num":0},"x"])", "<binary 01ff>"});
  client.send(R"(452-["ask",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])",
              {"A", "B"});
  CHECK(
      client.messages() ==
      transcript{R"(452-0["question",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])",
                 "<binary 42>", "<binary 41>"});
  client.send(R"(461-0[[{"_placeholder":true,"num":0}]])", {"C"});
  CHECK(client.messages() ==
        transcript{R"(451-["answer",0,[{"_placeholder":true,"num":0}]])", "<binary 43>"});
}

TEST_CASE("an application that acknowledges twice sends two packets; a client heeds the first") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  client.send(R"(424["give twice",1])");
  CHECK(client.messages() == transcript{"434[1]", "434[1]"});
}

TEST_CASE("a thousand acknowledgements may be owed; a socket that would owe one more is closed") {
  puppet_stage stage;
  socketio_client client(stage.line);
  client.connect();
  for (int i = 0; i < 1'000; ++i) client.emit("ask");
  CHECK(client.messages().size() == 1'000);
  CHECK(client.is_open());
  // One that is paid makes room for another.
  client.send("4317[]");
  client.messages();
  client.emit("ask");
  CHECK(client.is_open());
  CHECK(stage.line.limited("outstanding_acks") == 0);
  client.emit("ask");
  CHECK_FALSE(client.is_open());
  CHECK(stage.line.limited("outstanding_acks") == 1);
}

}  // namespace downbeat::test
