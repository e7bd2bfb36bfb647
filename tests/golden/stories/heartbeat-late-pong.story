downbeat trace 2 {}
# A pong may be queued behind a long message: the first other packet while one is due restarts the
# time-out, once a ping.
> websocket 1
> text 1 40
> deadline
? send 1 2
+15000 > text 1 42["session:create",{"name":"Ada"}]
? wait 60000
+10000 > text 1 42["session:update",{"name":"Ada"}]
? wait 60000
# It comes at last, and the next ping is 25 s later.
+5000 > text 1 3
? wait 80000
# A pong that nobody asked for changes nothing.
+1000 > text 1 3
? wait 80000
> deadline
? send 1 2
> deadline
? close 1
? ping timeout
