// Which file a URL names, and which it must not.
#include "http/static_files.hpp"

#include "host/temporary_folder.hpp"
#include "http/accept_encoding.hpp"
#include "http/media_type.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

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
  // Links that form a cycle, and one that leads nowhere.
  std::filesystem::create_directory_symlink(root.path(), root.path() / "assets/again");
  std::filesystem::create_symlink("broken.txt", root.path() / "broken.txt");
  std::filesystem::create_directory_symlink(root.path() / "assets", root.path() / "same");
  // A sibling folder whose name begins with the root's.
  std::filesystem::create_directory(root.path().string() + "-2");
  std::ofstream(root.path().string() + "-2/secret.txt") << "secret";

  const static_files files = static_files::read(root.path());
  CHECK(files.problems().empty());
  const auto content = [&](std::string_view url) -> std::string {
    const auto* const found = files.find(url);
    return found != nullptr ? *found->bytes : "nothing";
  };

  CHECK(content("/") == "hello");
  CHECK(content("/index.html") == "hello");
  CHECK(content("/assets/app.js") == "js");
  CHECK(content("/assets/") == "assets");
  CHECK(content("/with%20space.txt") == "space");
  CHECK(content("/%69ndex.html") == "hello");
  CHECK(content("/inner.html") == "hello");
  CHECK(content("/same/app.js") == "js");

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
                                 std::string("/broken.txt"),
                                 std::string("/assets/again/index.html"),
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
  const static_files files = static_files::read(root.path());
  const std::string before = files.find("/")->etag;
  CHECK(static_files::read(root.path()).find("/")->etag == before);
  root.write("index.html", "two");
  CHECK(static_files::read(root.path()).find("/")->etag != before);
  CHECK(*files.find("/")->bytes == "one");

  CHECK(matches_etag(before, before));
  CHECK(matches_etag("\"x\", W/" + before, before));
  CHECK(matches_etag("*", before));
  CHECK_FALSE(matches_etag("\"x\"", before));
  CHECK_FALSE(matches_etag("", before));
}

TEST_CASE("a browser gets the smallest of what it accepts") {
  const temporary_folder outside;
  outside.write("app.css.gz", "elsewhere");
  const temporary_folder root;
  root.write("app.js", "as it is");
  root.write("app.js.gz", "gzip");
  root.write("app.js.br", "brotli");
  root.write("only.js", "as it is");
  root.write("app.css", "as it is");
  std::filesystem::create_symlink(outside.path() / "app.css.gz", root.path() / "app.css.gz");
  static_files files = static_files::read(root.path());
  const auto sent = [&](std::string_view url, std::string_view accepted) {
    const auto chosen = files.choose(url, accepted).value();
    return std::string(chosen.encoding) + ":" + *chosen.what->bytes +
           (chosen.has_others ? "" : ", always");
  };
  CHECK(sent("/app.js", "gzip, deflate, br, zstd") == "br:brotli");
  CHECK(sent("/app.js", "gzip, deflate") == "gzip:gzip");
  CHECK(sent("/app.js", "deflate") == ":as it is");
  CHECK(sent("/app.js", "") == ":as it is");
  CHECK(sent("/only.js", "br, gzip") == ":as it is, always");
  CHECK(sent("/app.css", "br, gzip") == ":as it is, always");

  // Each encoding has a tag of its own.
  CHECK(files.choose("/app.js", "br")->what->etag != files.choose("/app.js", "gzip")->what->etag);

  // A file that was changed by hand takes precedence over an older compressed one.
  std::filesystem::last_write_time(
      root.path() / "app.js",
      std::filesystem::last_write_time(root.path() / "app.js.br") + std::chrono::seconds(1));
  files = static_files::read(root.path(), files, {});
  CHECK(sent("/app.js", "br, gzip") == ":as it is, always");
}

TEST_CASE("what is the same as before is not read again, and what cannot be read stays") {
  const temporary_folder root;
  root.write("index.html", "one");
  root.write("assets/app.js", "script");
  const static_files first = static_files::read(root.path());
  const auto* const script = first.find("/assets/app.js")->bytes.get();

  root.write("index.html", "two");
  root.write("new.html", "new");
  const static_files second = static_files::read(root.path(), first, {});
  CHECK(*second.find("/")->bytes == "two");
  CHECK(*second.find("/new.html")->bytes == "new");
  CHECK(second.find("/assets/app.js")->bytes.get() == script);

  // If it is written again with the same content, it counts as unchanged.
  root.write("assets/app.js", "script");
  std::filesystem::remove(root.path() / "new.html");
  const static_files third = static_files::read(root.path(), second, {});
  CHECK(third.find("/assets/app.js")->bytes.get() == script);
  CHECK(third.find("/new.html") == nullptr);

  std::filesystem::remove_all(root.path() / "assets");
  const static_files fourth = static_files::read(root.path(), third, {});
  CHECK(fourth.find("/assets/app.js") == nullptr);
  CHECK(*third.find("/assets/app.js")->bytes == "script");
}

TEST_CASE("a folder that cannot be served is an error of one line") {
  const temporary_folder root;
  root.write("one.txt", "12345");
  root.write("two.txt", "67890");
  const auto read = [&](const std::filesystem::path& folder, static_files::limits most) {
    return [folder, most] { static_cast<void>(static_files::read(folder, {}, most)); };
  };
  CHECK_NOTHROW(read(root.path(), {10, 2})());
  CHECK_THROWS_WITH(read(root.path(), {9, 2})(), Catch::Contains("MiB"));
  CHECK_THROWS_WITH(read(root.path(), {10, 1})(), Catch::Contains("more than 1 files"));
  CHECK_THROWS_AS(read(root.path() / "nowhere", {})(), unusable_folder);
  CHECK_THROWS_AS(read(root.path() / "one.txt", {})(), unusable_folder);
  // Neither a pipe, which would block, nor a device is a file.
  REQUIRE(mkfifo((root.path() / "pipe").c_str(), 0600) == 0);
  CHECK(static_files::read(root.path()).find("/pipe") == nullptr);
}

TEST_CASE("what a browser accepts is read from names, stars and weights") {
  for (const char* const yes : {"br", "gzip, br", "BR", "gzip;q=1.0, br;q=0.5", "*", "gzip;q=0, *",
                                "br ; q=0.001", " br"}) {
    INFO(yes);
    CHECK(accepts_encoding(yes, "br"));
  }
  for (const char* const no : {"", "gzip", "br;q=0", "br; Q=0.000", "*;q=0", "br;q=0, *",
                               "*, br;q=0", "identity", "brotli", "xbr", ",", ";q=1"}) {
    INFO(no);
    CHECK_FALSE(accepts_encoding(no, "br"));
  }
}

TEST_CASE("what has a hash in its name never changes") {
  for (const char* const yes : {"/assets/index-Bo8Ugvy1.js", "/assets/index-DS9qEESk.css",
                                "/assets/downbeat-a-_4bcde.wasm", "/assets/app-12345678.js.map"}) {
    INFO(yes);
    CHECK(is_immutable(yes));
  }
  for (const char* const no :
       {"/", "/index.html", "/assets/", "/assets/app.js", "/theme.js", "/index-Bo8Ugvy1.js",
        "/assets/my-document.js", "/assets/Bo8Ugvy1.js", "/assets/-Bo8Ugvy1.js",
        "/assets/index-Bo8 gvy1.js", "/assets/index_Bo8Ugvy1.js"}) {
    INFO(no);
    CHECK_FALSE(is_immutable(no));
  }
}

TEST_CASE("media types are those that browsers insist on") {
  CHECK(media_type_of("engine.wasm") == "application/wasm");
  CHECK(media_type_of("app.MJS") == "text/javascript; charset=utf-8");
  CHECK(media_type_of("archive") == "application/octet-stream");
}
