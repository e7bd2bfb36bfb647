// Which file a URL names, and which it must not.
#include "http/static_files.hpp"

#include "host/temporary_folder.hpp"
#include "http/media_type.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace downbeat::host;
using downbeat::test::temporary_folder;

TEST_CASE("files are found below the root, and nowhere else") {
  const temporary_folder outside;
  outside.write("secret.txt", "secret");
  const temporary_folder root;
  root.write("index.html", "hello");
  root.write("assets/app.js", "js");
  root.write("assets/index.html", "assets");
  root.write("with space.txt", "space");
  root.write(".env", "hidden");
  root.write(".git/config", "hidden");
  std::filesystem::create_symlink(outside.path() / "secret.txt", root.path() / "link.txt");
  std::filesystem::create_directory_symlink(outside.path(), root.path() / "folder");
  std::filesystem::create_symlink(root.path() / "index.html", root.path() / "inner.html");
  // A sibling whose name begins like the root's.
  std::filesystem::create_directory(root.path().string() + "-2");
  std::ofstream(root.path().string() + "-2/secret.txt") << "secret";

  const static_files files(root.path());
  const auto content = [&](std::string_view url) -> std::string {
    const auto found = files.find(url);
    return found ? static_files::read(*found).value_or("unreadable") : "nothing";
  };

  CHECK(content("/") == "hello");
  CHECK(content("/index.html") == "hello");
  CHECK(content("/assets/app.js") == "js");
  CHECK(content("/assets/") == "assets");
  CHECK(content("/with%20space.txt") == "space");
  CHECK(content("/%69ndex.html") == "hello");
  CHECK(content("/inner.html") == "hello");

  const std::string sibling = "/../" + root.path().filename().string() + "-2/secret.txt";
  for (const std::string& url : {std::string(""),
                                 std::string("index.html"),
                                 std::string("/assets"),
                                 std::string("/nothing"),
                                 std::string("/index.html/"),
                                 std::string("/.env"),
                                 std::string("/.git/config"),
                                 std::string("/%2eenv"),
                                 std::string("/link.txt"),
                                 std::string("/folder/secret.txt"),
                                 std::string("/.."),
                                 std::string("/../secret.txt"),
                                 std::string("/%2e%2e/secret.txt"),
                                 std::string("/assets/../index.html"),
                                 std::string("/..%2fsecret.txt"),
                                 std::string("/..\\secret.txt"),
                                 std::string("//etc/passwd"),
                                 std::string("/%2fetc/passwd"),
                                 std::string("/assets//app.js"),
                                 std::string("/index.html%00.js"),
                                 std::string("/%"),
                                 std::string("/%zz"),
                                 std::string("/%2"),
                                 sibling}) {
    INFO(url);
    CHECK(content(url) == "nothing");
  }
  std::filesystem::remove_all(root.path().string() + "-2");
}

TEST_CASE("an entity tag changes with the file") {
  const temporary_folder root;
  root.write("index.html", "one");
  const static_files files(root.path());
  const std::string before = files.find("/")->etag;
  CHECK(files.find("/")->etag == before);
  root.write("index.html", "three");
  CHECK(files.find("/")->etag != before);

  CHECK(matches_etag(before, before));
  CHECK(matches_etag("\"x\", W/" + before, before));
  CHECK(matches_etag("*", before));
  CHECK_FALSE(matches_etag("\"x\"", before));
  CHECK_FALSE(matches_etag("", before));
}

TEST_CASE("media types are those that browsers insist on") {
  CHECK(media_type_of("engine.wasm") == "application/wasm");
  CHECK(media_type_of("app.MJS") == "text/javascript; charset=utf-8");
  CHECK(media_type_of("archive") == "application/octet-stream");
}
