#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace downbeat::host {

/// The file of a web root that answers `/j/FUNKY-42`. Each `{{code}}` in it stands for the code.
inline constexpr std::string_view invitation_file = "/invitation.html";

/// The room code in a path such as `/j/funky-42`, in capitals; nothing if the path is another one
/// or names what cannot be a code. It consists of letters, digits and a hyphen, which mean
/// themselves everywhere in HTML and in header fields.
std::optional<std::string> invited_code(std::string_view url_path);

/// The page that invites to this code.
std::string invitation_page(std::string_view page, std::string_view code);

}  // namespace downbeat::host
