// Rooms, and who receives a broadcast.

#include "socketio/adapter.hpp"
#include "support/puppet.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace downbeat::test {
namespace {

using socketio::target;
using names = std::vector<std::string>;

const socketio::payload news{R"(["news",1])", {}};
const std::string told = R"(42["news",1])";

/// Alice, Bob and Carol, who connected in this order.
struct trio : puppet_stage {
  trio() {
    for (socketio_client* client : {&alice, &bob, &carol}) client->connect();
  }

  /// Has the server do something.
  void serve(const std::function<void(socketio::server&)>& what) {
    act(carol, [&](const socketio::socket&) { what(app->server()); });
  }
  const socketio::socket& socket_of(const socketio_client& client) {
    return *app->server().find("/", client.id());
  }
  void join(const socketio_client& client, std::string_view room) {
    serve([&](socketio::server& s) { s.join(socket_of(client), room); });
  }
  void leave(const socketio_client& client, std::string_view room) {
    serve([&](socketio::server& s) { s.leave(socket_of(client), room); });
  }
  void broadcast(const std::vector<std::string_view>& rooms,
                 const socketio_client* except = nullptr) {
    serve([&](socketio::server& s) {
      s.broadcast({"/", rooms, except == nullptr ? nullptr : &socket_of(*except)}, news);
    });
  }
  /// How often each of the three has received the news.
  std::array<std::size_t, 3> heard() {
    std::array<std::size_t, 3> counts{};
    std::size_t i = 0;
    for (socketio_client* client : {&alice, &bob, &carol}) {
      for (const std::string& message : client->messages()) {
        CHECK(message == told);
        ++counts[i];
      }
      ++i;
    }
    return counts;
  }

  socketio_client alice{line};
  socketio_client bob{line, transport_kind::polling};
  socketio_client carol{line, transport_kind::upgrade};
};

using counts = std::array<std::size_t, 3>;

}  // namespace

TEST_CASE("a broadcast without a room goes to everyone in the namespace") {
  trio all;
  all.alice.connect("/custom");
  all.alice.messages();
  all.broadcast({});
  CHECK(all.heard() == counts{1, 1, 1});
}

TEST_CASE("a broadcast may leave one out") {
  trio all;
  // Her id is forgotten by the client when it connects elsewhere, and so this is Alice in `/`.
  all.broadcast({}, &all.alice);
  CHECK(all.heard() == counts{0, 1, 1});
  all.join(all.alice, "jam");
  all.join(all.bob, "jam");
  all.broadcast({"jam"}, &all.bob);
  CHECK(all.heard() == counts{1, 0, 0});
  all.broadcast({"jam"}, &all.carol);
  CHECK(all.heard() == counts{1, 1, 0});
}

TEST_CASE("a broadcast to a room goes to its members, and to nobody else") {
  trio all;
  all.join(all.alice, "jam");
  all.join(all.carol, "jam");
  all.join(all.bob, "jam session");
  all.broadcast({"jam"});
  CHECK(all.heard() == counts{1, 0, 1});
  all.leave(all.alice, "jam");
  all.broadcast({"jam"});
  CHECK(all.heard() == counts{0, 0, 1});
}

TEST_CASE("a member of several rooms that a broadcast names receives it once") {
  trio all;
  all.join(all.alice, "a");
  all.join(all.alice, "b");
  all.join(all.bob, "b");
  all.broadcast({"a", "b", "a"});
  CHECK(all.heard() == counts{1, 1, 0});
  all.broadcast({"a", "b", all.carol.id()}, &all.bob);
  CHECK(all.heard() == counts{1, 0, 1});
}

TEST_CASE("a broadcast to nobody does nothing") {
  trio all;
  all.broadcast({"nowhere"});
  all.join(all.alice, "alone");
  all.broadcast({"alone"}, &all.alice);
  all.broadcast({all.alice.id()}, &all.alice);
  all.serve([](socketio::server& s) { s.broadcast({"/nowhere", {}, nullptr}, news); });
  CHECK(all.heard() == counts{0, 0, 0});
}

TEST_CASE("everyone can be reached by their id, as if it named a room") {
  trio all;
  all.broadcast({all.bob.id()});
  CHECK(all.heard() == counts{0, 1, 0});
  // Others may join the room of that name too, and then so may its owner.
  all.join(all.alice, all.bob.id());
  all.broadcast({all.bob.id()});
  CHECK(all.heard() == counts{1, 1, 0});
  all.join(all.bob, all.bob.id());
  all.broadcast({all.bob.id()});
  CHECK(all.heard() == counts{1, 1, 0});
  all.leave(all.bob, all.bob.id());
  all.broadcast({all.bob.id()}, &all.alice);
  CHECK(all.heard() == counts{0, 1, 0});
}

TEST_CASE("joining twice is joining once, and leaving what was not joined does nothing") {
  trio all;
  all.leave(all.alice, "jam");
  all.join(all.alice, "jam");
  all.join(all.alice, "jam");
  all.broadcast({"jam"});
  CHECK(all.heard() == counts{1, 0, 0});
  all.leave(all.bob, "jam");
  all.leave(all.alice, "jam");
  all.leave(all.alice, "jam");
  all.broadcast({"jam"});
  CHECK(all.heard() == counts{0, 0, 0});
}

TEST_CASE("rooms of one name in two namespaces are two rooms") {
  trio all;
  const std::string main_id = all.alice.id();
  all.alice.connect("/custom");
  all.serve([&](socketio::server& s) {
    s.join(*s.find("/", main_id), "jam");
    s.join(*s.find("/custom", all.alice.id()), "jam");
    const std::array<std::string_view, 1> rooms = {"jam"};
    s.broadcast({"/custom", rooms, nullptr}, news);
  });
  CHECK(all.alice.messages() == transcript{R"(42/custom,["news",1])"});
}

TEST_CASE("a client that is gone receives nothing more, however it went") {
  const auto* last_packet = GENERATE("41", "42[\"leave\"]", "42[\"expel\"]", "42[\"cut\"]", "42{}");
  trio all;
  for (const auto* who : {&all.alice, &all.bob}) all.join(*who, "jam");
  all.bob.send(last_packet);
  all.bob.messages();
  all.broadcast({"jam"});
  all.broadcast({});
  all.broadcast({all.bob.id()});
  CHECK(all.heard() == counts{2, 0, 1});
}

TEST_CASE("members of one room get a broadcast in order of joining, others in that of connecting") {
  socketio::adapter members;
  std::array<socketio::socket, 4> sockets;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    sockets[i].number = i + 1;
    sockets[i].id = "id" + std::to_string(i + 1);
    members.add(sockets[i]);
  }
  const auto numbers = [&](const std::vector<std::string_view>& rooms,
                           const socketio::socket* except = nullptr) {
    std::vector<std::uint64_t> all;
    for (const auto* s : members.recipients(rooms, except)) all.push_back(s->number);
    return all;
  };
  using order = std::vector<std::uint64_t>;
  members.join(sockets[3], "a");
  members.join(sockets[0], "a");
  members.join(sockets[2], "a");
  members.join(sockets[1], "b");
  CHECK(numbers({"a"}) == order{4, 1, 3});
  CHECK(numbers({"a"}, &sockets[0]) == order{4, 3});
  CHECK(numbers({}) == order{1, 2, 3, 4});
  CHECK(numbers({}, &sockets[1]) == order{1, 3, 4});
  CHECK(numbers({"a", "b"}) == order{1, 2, 3, 4});
  CHECK(numbers({"b", "a", "id4"}, &sockets[1]) == order{1, 3, 4});
  CHECK(numbers({"id2", "id1"}) == order{1, 2});
  CHECK(numbers({"id3"}) == order{3});
  members.leave(sockets[3], "a");
  members.join(sockets[3], "a");
  CHECK(numbers({"a"}) == order{1, 3, 4});
}

TEST_CASE("a room exists as long as it has members") {
  socketio::adapter members;
  CHECK(members.is_empty());
  socketio::socket a;
  socketio::socket b;
  a.number = 1;
  a.id = "a";
  b.number = 2;
  b.id = "b";
  members.add(a);
  members.add(b);
  CHECK(members.room_count() == 0);
  members.join(a, "x");
  members.join(b, "x");
  members.join(b, "y");
  members.join(b, "");
  CHECK(members.room_count() == 3);
  members.leave(a, "x");
  CHECK(a.rooms.empty());
  CHECK(members.room_count() == 3);
  members.remove(b);
  CHECK(b.rooms.empty());
  CHECK(members.room_count() == 0);
  CHECK(members.find("b") == nullptr);
  CHECK(members.find("a") == &a);
  members.remove(a);
  CHECK(members.is_empty());
}

TEST_CASE("a socket knows its rooms in the order of joining") {
  trio all;
  for (const auto* room : {"z", "a", "m"}) all.join(all.alice, room);
  all.leave(all.alice, "a");
  names rooms;
  for (const auto* room : all.socket_of(all.alice).rooms) rooms.emplace_back(room->name);
  CHECK(rooms == names{"z", "m"});
}

TEST_CASE("a broadcast is encoded once: all who get it share the same bytes") {
  puppet* app = nullptr;
  const auto core = make_puppet_engine(&app);
  const auto drain = [&] {
    std::vector<output::send_frame> sent;
    for (;;) {
      output::any output = core->poll_output();
      if (std::holds_alternative<output::wait_until>(output)) return sent;
      if (auto* send = std::get_if<output::send_frame>(&output)) sent.push_back(std::move(*send));
    }
  };
  constexpr transport_id clients = 20;
  for (transport_id id = 1; id <= clients; ++id) {
    const request_head head{"EIO=4&transport=websocket", {}, {}, {}};
    core->handle(0, input::websocket_requested{id, head, {}});
    core->handle(0, input::frame_received{id, false, "40"});
  }
  drain();
  app->act = [&](const socketio::socket& caller) {
    app->server().broadcast({"/", {}, &caller},
                            {R"(["news",{"_placeholder":true,"num":0}])", {frame::binary("AB")}});
  };
  core->handle(0, input::frame_received{1, false, R"(42["act"])"});
  const auto sent = drain();
  REQUIRE(sent.size() == 2 * (clients - 1));
  std::set<const std::string*> texts;
  std::set<const std::string*> attachments;
  for (std::size_t i = 0; i < sent.size(); i += 2) {
    CHECK(sent[i].transport == sent[i + 1].transport);
    texts.insert(&sent[i].data.bytes());
    attachments.insert(&sent[i + 1].data.bytes());
  }
  CHECK(texts.size() == 1);
  CHECK(attachments.size() == 1);
  CHECK(sent[0].data == frame::text(R"(451-["news",{"_placeholder":true,"num":0}])"));
  CHECK(sent[1].data == frame::binary("AB"));
}

}  // namespace downbeat::test
