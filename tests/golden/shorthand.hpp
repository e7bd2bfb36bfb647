#pragma once

#include "base/time.hpp"

#include <string>
#include <string_view>

namespace downbeat::golden {

/// Stories say only what matters in an input; the rest has defaults. Left what a story says, right
/// the input that it means:
///
///     websocket 1             with the query of an Engine.IO handshake
///     websocket 2 &sid=abc    with that query and what is added to it
///     get 3                   a GET; likewise post, options, other
///     get 4 &sid=abc
///     request 5 {"method":"POST","origin":"http://…"}   an input with some of its members
///     text 1 42["session:create",{"name":"Ada"}]        text as it is, without quotes
///     body 5 40␞3                                       ␞ stands for the separator of packets
///     binary 1 {"base64":"AQL/"}
///
/// Everything else is an input as traces have it. Its entropy follows from its number.
std::string full_input(instant_ms now, std::string_view input);

/// A text with every ␞ as the separator of packets that it stands for, and the other way round.
std::string hide_separators(std::string text);
std::string show_separators(std::string text);

}  // namespace downbeat::golden
