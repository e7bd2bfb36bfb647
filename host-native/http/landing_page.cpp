#include "http/landing_page.hpp"

namespace downbeat::host {

std::string landing_page(std::string_view engineio_path) {
  std::string page = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Downbeat</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em}
pre{background:#f4f4f4;padding:1em;overflow:auto}</style>
<h1>Downbeat</h1>
<p>This is a jam-session server: musicians create a room, share its code, join and play together.
It speaks Socket.IO at <code>)";
  page += engineio_path;
  page += R"(</code>.</p>
<p>To try it, <code>npm install socket.io-client</code> and run this with Node:</p>
<pre>
import { io } from "socket.io-client";

const socket = io("http://localhost:3001");   // or wherever you see this page
socket.on("session:created", ({ roomCode }) =&gt; console.log("share this code:", roomCode));
socket.on("session:user-joined", ({ user }) =&gt; console.log(user.name, "is here"));
socket.emit("session:create", { name: "Ada", instrument: "piano" });
</pre>
<p>For operators: <a href="/healthz">/healthz</a> and <a href="/metrics">/metrics</a>. Start the
server with <code>--web-root DIR</code> to serve a page of yours here.</p>
</html>
)";
  return page;
}

}  // namespace downbeat::host
