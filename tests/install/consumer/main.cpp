// Opens a connection to a jam server without a network, and prints what the server sends.
#include "engine.hpp"
#include "input.hpp"
#include "jam/make_engine.hpp"
#include "output.hpp"

#include <iostream>
#include <variant>

int main() {
  const auto core = downbeat::jam::make_engine(downbeat::jam::options{}, {0, 1});
  downbeat::input::websocket_requested request{};
  request.transport = 1;
  request.head.query = "EIO=4&transport=websocket";
  core->handle(0, request);
  for (;;) {
    const auto output = core->poll_output();
    if (std::holds_alternative<downbeat::output::wait_until>(output)) return 0;
    if (const auto* send = std::get_if<downbeat::output::send_frame>(&output)) {
      std::cout << send->data.bytes() << '\n';
    }
  }
}
